// Answers questions about signatures with Twilio's own Node.js package: one JSON object a line in,
// one JSON answer a line out.
const readline = require("readline");
const twilio = require("twilio");

const ANSWERS = {
  sign: (q) => twilio.getExpectedTwilioSignature(q.token, q.url, q.params),
  hash: (q) => twilio.getExpectedBodyHash(q.body),
  validate: (q) => twilio.validateRequest(q.token, q.signature, q.url, q.params),
  validateBody: (q) => twilio.validateRequestWithBody(q.token, q.signature, q.url, q.body),
};

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const question = JSON.parse(line);
  console.log(JSON.stringify(ANSWERS[question.ask](question)));
});
