// Keeps the open board alive: ages, the clock, what has just arrived, whether it is still live.
// The server says everything that matters in HTML; nothing here is needed to read the page.
"use strict";
(() => {
  const LIVE_FOR_MS = 6000; // six missed polls
  const HIGHLIGHT_MS = 8000;
  const MINUTE = 60000;

  const byId = (id) => document.getElementById(id);
  const poller = byId("poller");
  const board = byId("board");
  const clock = byId("clock");
  const words = byId("live").dataset; // see navigation.page_words()
  const title = document.title;
  const arrivedAt = new Map();
  let known = new Set();
  let lastAnswer = Date.now();
  let active = false;
  let focusBefore = null;
  let listBefore = null;
  let chosenBefore = [];

  // Ages and the clock. Words as in wording.age().
  function age(since, now) {
    const minutes = Math.floor(Math.max(0, now - since) / MINUTE);
    if (minutes < 1) return words.justNow;
    if (minutes < 60) return `${minutes} min`;
    if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
    return `${Math.floor(minutes / 1440)} d`;
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  const clockWords = new Intl.DateTimeFormat(clock.dataset.locale, {
    timeZone: clock.dataset.zone, weekday: "short", month: "short", day: "numeric",
    hour: "numeric", minute: "2-digit",
  });

  function tick() {
    const now = Date.now();
    write(clock, clockWords.format(now));
    for (const element of board.querySelectorAll("time[data-age]")) {
      const passed = age(Date.parse(element.dateTime), now);
      const ago = element.dataset.age === "ago" && passed !== words.justNow;
      write(element, ago ? words.ago.replace("{age}", passed) : passed);
    }
    for (const row of board.querySelectorAll(".visit")) {
      const past = Date.parse(row.dataset.ends) <= now;
      row.classList.toggle("past", past);
      row.classList.toggle("now", !past && Date.parse(row.dataset.starts) <= now);
    }
    for (const [id, since] of arrivedAt) {
      const fresh = now - since < HIGHLIGHT_MS;
      byId(id)?.classList.toggle("arrived", fresh);
      if (!fresh) arrivedAt.delete(id);
    }
    showWhetherLive(now);
  }

  // What is on the board that was not there before.
  const entries = () => [...board.querySelectorAll("[data-announcement]")];

  function noteArrivals() {
    const news = entries().filter((entry) => !known.has(entry.id));
    for (const entry of news) arrivedAt.set(entry.id, Date.now());
    known = new Set(entries().map((entry) => entry.id));
    if (news.length > 3) byId("announcer").textContent = words.arrived.replace("{n}", news.length);
    else if (news.length) byId("announcer").textContent = news.map((entry) => entry.dataset.announcement).join(" ");
    showUrgentInTitle();
    tick();
  }

  function showUrgentInTitle() {
    const urgent = Number(byId("board-seen").dataset.urgent);
    document.title = urgent ? `(${words.urgent.replace("{n}", urgent)}) ${title}` : title;
  }

  // A board that has stopped must say so: an old board looks just like a quiet day.
  function showWhetherLive(now) {
    const live = now - lastAnswer < LIVE_FOR_MS;
    document.body.classList.toggle("stale", !live);
    const since = new Intl.DateTimeFormat(clock.dataset.locale, {
      timeZone: clock.dataset.zone, hour: "numeric", minute: "2-digit",
    }).format(lastAnswer);
    write(byId("live"), live ? words.live : words.notLive.replace("{time}", since));
  }

  document.addEventListener("htmx:afterRequest", (event) => {
    const status = event.detail.xhr.status;
    if (status === 200 || status === 204) lastAnswer = Date.now();
  });

  document.addEventListener("htmx:responseError", (event) => {
    // The only button's form is out of date (another log-in in this browser): a fresh page has
    // a fresh one.
    if (event.detail.xhr.status === 400) location.reload();
  });

  document.addEventListener("htmx:beforeSwap", () => {
    focusBefore = board.contains(document.activeElement) ? document.activeElement : null;
    listBefore = focusBefore?.closest("[aria-labelledby]")?.getAttribute("aria-labelledby");
    chosenBefore = [...board.querySelectorAll("select")].map((one) => [one.id, one.value]);
  });

  document.addEventListener("htmx:afterSwap", () => {
    // News must not undo what somebody has just chosen and not yet sent.
    for (const [id, value] of chosenBefore) if (byId(id)) byId(id).value = value;
    // What had the focus is gone (a task that was done): go on from the list it stood in.
    if (focusBefore && !focusBefore.isConnected) {
      (byId(listBefore) ?? byId("tasks-title") ?? board).focus({ preventScroll: true });
    }
    noteArrivals();
  });

  // Only what a person does keeps the session open; see access._note_activity().
  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
    document.addEventListener(kind, () => { active = true; }, { passive: true });
  }
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt === poller && active) {
      event.detail.parameters.append("active", "1");
      active = false;
    }
  });

  // Browsers slow the timers of a tab in the background.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") htmx.trigger(poller, "look-now");
  });
  // "Back" after logging out must ask the server, not the browser's memory.
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  known = new Set(entries().map((entry) => entry.id));
  showUrgentInTitle();
  tick();
  setInterval(tick, 1000);
})();
