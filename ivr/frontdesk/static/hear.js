// "Hear it": a sentence read by the browser's own voice, as it stands in its field now, or its
// recording played. Nothing leaves the browser: a voice that reads over the network is not taken.
"use strict";
(() => {
  const words = document.getElementById("hear-words");
  if (!words) return;
  const voices = window.speechSynthesis;
  const WORDS_A_MINUTE = 150;
  const LONGEST = 20;
  let playing = null;
  let sound = null;

  const parsed = (text) => (text ? JSON.parse(text) : null);

  function filled(text, values) {
    return text.replace(/\{([a-z_0-9]+)\}/g, (whole, name) => values?.[name] ?? whole);
  }

  function textOf(button) {
    const field = document.getElementById(button.dataset.field ?? "");
    if (!field) return button.dataset.text;
    const said = filled(field.value.trim(), parsed(button.dataset.values));
    const option = parsed(button.dataset.option);
    return option ? filled(option.text, { label: said, key: option.key }) : said;
  }

  function isRecorded(button) {
    const field = document.getElementById(button.dataset.field ?? "");
    return button.dataset.recording && (!field || field.value === field.defaultValue);
  }

  function stop() {
    voices?.cancel();
    sound?.pause();
    sound = null;
    playing?.setAttribute("aria-pressed", "false");
    playing = null;
  }

  function ended(button, message) {
    if (playing !== button) return;
    stop();
    words.textContent = message;
  }

  function loaded() {
    const known = voices.getVoices();
    if (known.length) return Promise.resolve(known);
    return new Promise((resolve) => {
      const done = () => resolve(voices.getVoices());
      voices.addEventListener("voiceschanged", done, { once: true });
      setTimeout(done, 1000);
    });
  }

  function play(button) {
    sound = new Audio(button.dataset.recording);
    const mine = sound;
    sound.addEventListener("ended", () => ended(button, ""));
    sound.play().catch(() => mine === sound && ended(button, words.dataset.failed));
  }

  async function read(button) {
    const wanted = button.dataset.voice;
    const known = voices ? await loaded() : [];
    if (playing !== button) return;
    const same = (voice) => voice.lang.replace("_", "-").toLowerCase();
    const own = known.filter((voice) => voice.localService);
    const voice =
      own.find((one) => same(one) === wanted.toLowerCase()) ??
      own.find((one) => same(one).split("-")[0] === wanted.split("-")[0].toLowerCase());
    if (!voice) return ended(button, words.dataset.none);
    const said = new SpeechSynthesisUtterance(textOf(button));
    said.lang = voice.lang;
    said.voice = voice;
    said.addEventListener("end", () => ended(button, ""));
    said.addEventListener("error", () => ended(button, words.dataset.failed));
    voices.speak(said);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.hear");
    if (!button) return;
    const again = playing === button;
    stop();
    words.textContent = "";
    if (again) return;
    playing = button;
    button.setAttribute("aria-pressed", "true");
    words.textContent = words.dataset.playing;
    if (isRecorded(button)) play(button);
    else read(button);
  });
  window.addEventListener("pagehide", stop);

  for (const length of document.querySelectorAll(".length")) {
    const field = document.getElementById(length.dataset.field);
    const values = parsed(length.dataset.values);
    const measure = () => {
      const said = filled(field.value, values).split(/\s+/).filter(Boolean).length;
      const seconds = (said * 60) / WORDS_A_MINUTE;
      length.textContent = `${seconds.toFixed(1)} s`;
      length.dataset.over = seconds > LONGEST ? "yes" : "no";
    };
    field.addEventListener("input", measure);
    measure();
  }
  for (const button of document.querySelectorAll("button.hear")) {
    button.setAttribute("aria-pressed", "false");
    button.hidden = false;
  }
  document.getElementById("problems")?.focus();
})();
