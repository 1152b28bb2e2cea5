// Speaks aloud what the one telephone that is listened to hears. Where the browser cannot speak,
// everything here does nothing: the transcript says it all.

const synthesis = window.speechSynthesis;
const canSpeak = Boolean(synthesis && window.SpeechSynthesisUtterance);

let listenedTo = "";

export function available() {
  return canSpeak;
}

export function listensTo(number) {
  return listenedTo === number;
}

export function listenTo(number) {
  listenedTo = number;
  hush();
}

export function hush() {
  if (canSpeak) synthesis.cancel();
}

export function speak(number, text, language) {
  if (!canSpeak || listenedTo !== number) return;
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.lang = language || "en-US";
  const voices = synthesis.getVoices();
  const prefix = utterance.lang.slice(0, 2);
  utterance.voice =
    voices.find((voice) => voice.lang.replace("_", "-") === utterance.lang) ||
    voices.find((voice) => voice.lang.startsWith(prefix)) ||
    null;
  synthesis.speak(utterance);
}
