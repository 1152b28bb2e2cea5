// Dragging a visit onto a free time, the panel beside the board, and the row of the present time.
// By keyboard the same is done through the visit's own page: Enter on it, then "Move".
"use strict";
(() => {
  const board = document.getElementById("board");
  const panel = document.getElementById("panel");
  const drop = document.getElementById("drop");
  if (!board || !panel) return;

  const QUARTER = 15 * 60000;
  let dragged = null;
  let opener = null;

  function target(event) {
    return dragged && event.target.closest ? event.target.closest("td.free") : null;
  }

  function unmark() {
    for (const cell of board.querySelectorAll(".over")) cell.classList.remove("over");
  }

  board.addEventListener("dragstart", (event) => {
    const visit = event.target.closest?.(".visit[draggable]");
    if (!visit) return;
    dragged = { id: visit.id.slice("visit-".length), version: visit.dataset.version };
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  });

  board.addEventListener("dragover", (event) => {
    const cell = target(event);
    if (!cell) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    if (!cell.classList.contains("over")) {
      unmark();
      cell.classList.add("over");
    }
  });

  board.addEventListener("dragleave", (event) => { if (event.target === board) unmark(); });

  board.addEventListener("drop", (event) => {
    const cell = target(event);
    unmark();
    if (!cell) return;
    event.preventDefault();
    const { id, version } = dragged;
    dragged = null;
    // The answer, moved or refused, comes into the panel, in words and with what to do next.
    htmx.ajax("POST", `/frontdesk/visits/${id}/move`, {
      source: panel,
      target: panel,
      select: ".sheet",
      swap: "innerHTML show:none",
      values: {
        csrf_token: drop.elements.csrf_token.value,
        key: crypto.randomUUID ? crypto.randomUUID() : uuid(),
        version,
        slot: cell.dataset.slot,
      },
    });
  });

  board.addEventListener("dragend", () => { dragged = null; unmark(); });

  // crypto.randomUUID is missing where a clinic's own network serves the desk without TLS.
  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
  }

  // The panel: what opened it gets the focus back when it closes.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === panel && board.contains(document.activeElement)) {
      opener = document.activeElement.closest("[id]")?.id ?? null;
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== panel) return;
    const sheet = panel.firstElementChild;
    if (!sheet) return;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "quiet close-panel";
    close.textContent = panel.dataset.close;
    close.addEventListener("click", closePanel);
    sheet.prepend(close);
    (panel.querySelector("[role=alert], h1") ?? close).setAttribute("tabindex", "-1");
    (panel.querySelector("[role=alert], h1") ?? close).focus();
    const poller = document.getElementById("poller");
    if (poller) htmx.trigger(poller, "look-now");
  });

  function closePanel() {
    panel.replaceChildren();
    const again = opener && document.getElementById(opener);
    (again?.querySelector("a") ?? again ?? board).focus();
  }

  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closePanel();
  });

  // Where the day stands.
  function markNow() {
    const now = Date.now();
    for (const row of board.querySelectorAll("#grid tr[data-starts]")) {
      const starts = Date.parse(row.dataset.starts);
      row.classList.toggle("now", starts <= now && now < starts + QUARTER);
    }
  }
  markNow();
  setInterval(markNow, 15000);
  document.addEventListener("htmx:afterSwap", markNow);
})();
