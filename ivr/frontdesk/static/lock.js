// The lock of an open page: laid over it after 15 minutes without activity, with all that was typed
// kept behind it. The server decides when; here is asked, reported and shown.
"use strict";
(() => {
  const ASK_EVERY_MS = 15000;
  const ASK_LOCKED_EVERY_MS = 3000;

  const lock = document.getElementById("desk-lock");
  const form = lock.querySelector("form");
  const problem = document.getElementById("desk-lock-problem");
  const urgent = document.getElementById("desk-lock-urgent");
  const password = document.getElementById("desk-lock-password");
  const scripted = { "X-Requested-With": "lock.js" };
  let active = false;
  let timer = null;

  // What stands behind the lock is neither seen, read out, reached by keys, found nor printed.
  function close(told) {
    if (urgent.textContent !== told) urgent.textContent = told;
    if (lock.open) return;
    document.documentElement.classList.add("desk-locked");
    problem.hidden = true;
    password.value = "";
    lock.showModal();
    password.focus();
  }

  function open() {
    if (!lock.open) return;
    document.documentElement.classList.remove("desk-locked");
    lock.close();
    document.dispatchEvent(new CustomEvent("desk:unlocked"));
  }

  async function ask() {
    clearTimeout(timer);
    const said = active && !lock.open;
    active = active && !said;
    try {
      const answer = await fetch(lock.dataset.state + (said ? "?active=1" : ""), { redirect: "manual", headers: scripted });
      if (answer.ok) {
        const state = await answer.json();
        if (state.locked) close(state.urgent);
        else open(); // unlocked in another tab
      } else if (answer.type === "opaqueredirect" || answer.status === 401) {
        location.reload(); // logged out meanwhile: the log-in page says why
      }
    } catch {
      active = active || said; // away: ask again
    }
    timer = setTimeout(ask, lock.open ? ASK_LOCKED_EVERY_MS : ASK_EVERY_MS);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual", headers: scripted });
      if (answer.status === 204) {
        password.value = "";
        open();
      } else if (answer.type === "opaqueredirect") {
        location.reload();
      } else {
        show((await answer.json()).problem);
      }
    } catch {
      show(lock.dataset.away);
    } finally {
      button.disabled = false;
    }
  });

  function show(told) {
    problem.textContent = told;
    problem.hidden = false;
    password.value = "";
    password.focus();
  }

  // Escape closes other dialogs.
  lock.addEventListener("cancel", (event) => event.preventDefault());
  lock.addEventListener("keydown", (event) => { if (event.key === "Escape") event.preventDefault(); });

  const now = document.getElementById("lock-now");
  now?.addEventListener("submit", async (event) => {
    event.preventDefault();
    await fetch(now.action, { method: "POST", body: new FormData(now), redirect: "manual", headers: scripted });
    ask();
  });

  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
    document.addEventListener(kind, () => { active = true; }, { passive: true });
  }
  // Any live part of the page that is refused because of the lock.
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.getResponseHeader("X-Desk-Locked")) ask();
  });
  document.addEventListener("htmx:beforeRequest", (event) => { if (lock.open) event.preventDefault(); });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") ask();
  });
  timer = setTimeout(ask, ASK_EVERY_MS);
})();
