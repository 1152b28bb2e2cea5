// Draws the telephones and sends what is done with them. The server's state is the only state:
// each answer of /control/state is compared with what is on the page, and only news is added, so
// that a screen reader hears each line once.

import * as speech from "/static/speech.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const LETTERS = { 2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ" };
const STATES = { idle: "Ready", ringing: "Ringing", "in-call": "In a call" };
const OWN = ["key", "words"];
const PREFIXES = { audio: "Recording: ", pause: "Silence, " };
const KEPT = 300;

const cards = new Map();
let line = "";
let version = -1;
let seen = 0;

const $ = (selector, within = document) => within.querySelector(selector);

function spoken(number) {
  const match = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return match ? `(${match[1]}) ${match[2]}-${match[3]}` : number;
}

function clock(at) {
  return new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function complain(sentence) {
  $("#problem").textContent = sentence;
  $("#problem").hidden = !sentence;
}

async function send(path, body) {
  try {
    const answer = await fetch(`/control${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    complain(answer.ok ? "" : (await answer.json()).error);
    return answer.ok;
  } catch {
    complain("The phone company does not answer. Is it still running?");
    return false;
  }
}

function act(number, action, body = {}) {
  if (action === "hang-up" && speech.listensTo(number)) speech.hush();
  return send(`/phones/${encodeURIComponent(number)}/${action}`, body);
}

// One telephone -------------------------------------------------------------------------------

function makeCard(phone) {
  const card = $("#phone-template").content.firstElementChild.cloneNode(true);
  const name = /phone/i.test(phone.label) ? phone.label : `${phone.label} phone`;
  card.id = `phone-${phone.number.replace("+", "")}`;
  card.dataset.number = phone.number;
  card.dataset.kind = phone.kind;
  card.setAttribute("aria-label", name);
  $(".label", card).textContent = phone.label;
  $(".number", card).textContent = spoken(phone.number);

  for (const key of KEYS) {
    const button = element("button", "key");
    button.type = "button";
    button.dataset.key = key;
    button.setAttribute("aria-label", key);
    button.append(element("span", "digit", key), element("span", "letters", LETTERS[key] || ""));
    button.addEventListener("click", () => act(phone.number, "press", { keys: key }));
    $(".keypad", card).append(button);
  }
  if (phone.kind !== "patient") $('[data-act="call"]', card).textContent = "Call the clinic";
  for (const button of card.querySelectorAll("[data-act]")) {
    button.addEventListener("click", () => {
      if (button.dataset.act === "call" || button.dataset.act === "answer") {
        if (speech.available() && (phone.kind === "patient" || speech.listensTo(""))) {
          choose(phone.number);
        }
      }
      act(phone.number, button.dataset.act, button.dataset.act === "call" ? { to: line } : {});
      card.focus({ preventScroll: true });
    });
  }
  $(".say", card).addEventListener("submit", (event) => submit(event, "words", (words) =>
    act(phone.number, "say", { words })));
  $(".write", card).addEventListener("submit", (event) => submit(event, "body", (body) =>
    act(phone.number, "text", { to: line, body })));
  $(".sound", card).addEventListener("click", () =>
    choose(speech.listensTo(phone.number) ? "" : phone.number));
  $(".sound", card).disabled = !speech.available();
  $(".sound", card).title = speech.available() ? "" : "This browser cannot speak: read along instead.";
  card.addEventListener("keydown", (event) => {
    if (event.target.matches("input, select, textarea")) return;
    if (event.ctrlKey || event.metaKey || event.altKey || card.dataset.state !== "in-call") return;
    if (!KEYS.includes(event.key)) return;
    event.preventDefault();
    flash(card, event.key);
    act(phone.number, "press", { keys: event.key });
  });
  $("#phones").append(card);
  return { card, callSid: "", lines: 0, cut: new Set(), texts: 0 };
}

async function submit(event, field, action) {
  event.preventDefault();
  const input = event.currentTarget.elements[field];
  const text = input.value.trim();
  if (text && (await action(text))) input.value = "";
}

function flash(card, key) {
  const button = card.querySelector(`[data-key="${CSS.escape(key)}"]`);
  button.classList.add("pressed");
  setTimeout(() => button.classList.remove("pressed"), 150);
}

function choose(number) {
  speech.listenTo(number);
  for (const [each, { card }] of cards) {
    $(".sound", card).setAttribute("aria-checked", String(each === number));
  }
}

function status(phone) {
  if (phone.state === "ringing") return `Ringing: ${spoken(phone.ringing_from)}`;
  if (phone.state !== "in-call") return STATES.idle;
  if (phone.connected_with) return `Connected with ${phone.connected_with}`;
  return phone.expects || "In a call";
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function updateCard(phone) {
  if (!cards.has(phone.number)) cards.set(phone.number, makeCard(phone));
  const shown = cards.get(phone.number);
  const { card } = shown;
  const inCall = phone.state === "in-call";
  card.dataset.state = phone.state;
  setText($(".status", card), status(phone));
  const visible = {
    call: phone.state === "idle",
    answer: phone.state === "ringing",
    reject: phone.state === "ringing",
    "hang-up": inCall,
  };
  for (const button of card.querySelectorAll("[data-act]")) {
    button.hidden = !visible[button.dataset.act];
  }
  for (const control of card.querySelectorAll(".keypad button, .say input, .say button")) {
    control.disabled = !inCall;
  }
  updateTranscript(phone, shown);
  updateTexts(phone, shown);
}

function updateTranscript(phone, shown) {
  const list = $(".transcript", shown.card);
  if (phone.call_sid !== shown.callSid) {
    list.replaceChildren();
    shown.cut.clear();
    shown.lines = 0;
    shown.callSid = phone.call_sid;
    shown.lastKind = "";
  }
  for (const heard of phone.transcript.slice(shown.lines)) {
    const item = element("p", "", (PREFIXES[heard.kind] || "") + heard.text);
    item.dataset.kind = heard.kind;
    if (heard.language) item.lang = heard.language;
    list.append(item);
    if (heard.kind === "speech" || heard.kind === "person") {
      // The browser may speak more slowly than the company reckons: an answer ends the question.
      if (speech.listensTo(phone.number) && OWN.includes(shown.lastKind)) speech.hush();
      speech.speak(phone.number, heard.text, heard.language);
    }
    shown.lastKind = heard.kind;
  }
  phone.transcript.forEach((heard, index) => {
    if (!heard.cut_short || shown.cut.has(index)) return;
    shown.cut.add(index);
    list.children[index].classList.add("cut-short");
    if (speech.listensTo(phone.number)) speech.hush();
  });
  if (phone.transcript.length > shown.lines) {
    shown.lines = phone.transcript.length;
    list.scrollTop = list.scrollHeight;
  }
}

function updateTexts(phone, shown) {
  const fresh = phone.texts.slice(shown.texts);
  for (const text of fresh) {
    const item = element("li");
    item.dataset.direction = text.direction;
    item.append(element("p", "", text.body), element("time", "", `${spoken(text.other)}, ${clock(text.at)}`));
    $(".inbox", shown.card).append(item);
  }
  shown.texts = phone.texts.length;
  if (fresh.some((text) => text.direction === "in")) $(".texts", shown.card).open = true;
  const count = $(".count", shown.card);
  count.hidden = !phone.texts.length;
  setText(count, String(phone.texts.length));
}

// What the phone company saw ------------------------------------------------------------------

function wrong(thing) {
  return thing.type === "refused" || (thing.type === "webhook" && !(thing.status >= 200 && thing.status < 300));
}

function seenItem(thing) {
  const item = element("li", wrong(thing) ? "wrong" : "");
  item.dataset.type = thing.type;
  item.dataset.title = thing.title;
  const time = element("time", "", clock(thing.at));
  if (thing.type !== "webhook") {
    item.append(time, element("p", "", thing.code ? `${thing.code} · ${thing.title}` : thing.title));
    return item;
  }
  const details = element("details");
  const summary = element("summary");
  const tries = thing.attempt > 1 ? ` (attempt ${thing.attempt})` : "";
  const address = new URL(thing.url);
  summary.append(
    element("span", "title", thing.title + tries),
    element("code", "", `${thing.method} ${address.pathname}`),
    element("span", "outcome", `${thing.status ?? "no answer"} · ${thing.took_ms} ms`),
  );
  const fields = element("dl");
  for (const [name, value] of thing.form) {
    if (value) fields.append(element("dt", "", name), element("dd", "", value));
  }
  details.append(summary, fields, element("pre", "", thing.failure || thing.body || "(empty)"));
  item.append(time, details);
  return item;
}

function updateSeen(things) {
  const list = $("#seen");
  for (const thing of things) {
    list.prepend(seenItem(thing));
    seen = Math.max(seen, thing.number);
  }
  while (list.children.length > KEPT) list.lastElementChild.remove();
  $("#nothing-seen").hidden = list.children.length > 0;
}

$("#only-refused").addEventListener("change", (event) =>
  $("#seen").classList.toggle("only-wrong", event.target.checked));

$("#add-phone").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const { label, kind } = form.elements;
  if (await send("/phones", { label: label.value.trim(), kind: kind.value })) form.reset();
});

// Watching ------------------------------------------------------------------------------------

async function watch() {
  for (;;) {
    try {
      const answer = await fetch(`/control/state?version=${version}&seen=${seen}`);
      if (!answer.ok) throw new Error(answer.statusText);
      const state = await answer.json();
      version = state.version;
      line = state.numbers[0].number;
      state.phones.forEach(updateCard);
      updateSeen(state.seen);
      if (document.body.dataset.lost) complain("");
      delete document.body.dataset.lost;
      document.body.dataset.ready = "true";
    } catch {
      document.body.dataset.lost = "true";
      complain("The phone company does not answer. Start it again and reload this page.");
      await new Promise((resume) => setTimeout(resume, 1000));
    }
  }
}

watch();
