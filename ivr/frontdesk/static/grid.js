// Moving a visit to a free time of any column, by drag or by keyboard, the panel beside the board,
// and the row of the present time. On a touch screen: open the visit, then "Move".
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
    move(dragged, cell.dataset.slot);
    dragged = null;
  });

  board.addEventListener("dragend", () => { dragged = null; unmark(); });

  // The answer, moved or refused, comes into the panel, in words and with what to do next.
  function move({ id, version }, slot) {
    htmx.ajax("POST", `/frontdesk/visits/${id}/move`, {
      source: panel,
      target: panel,
      select: ".sheet",
      swap: "innerHTML show:none",
      values: {
        csrf_token: drop.elements.csrf_token.value,
        key: crypto.randomUUID ? crypto.randomUUID() : uuid(),
        version,
        slot,
      },
    });
  }

  // By keyboard: M lifts the visit that has the focus, arrows carry it from free cell to free cell.
  const carry = document.getElementById("carry");
  let carried = null;

  const rowOf = (cell) => cell.parentElement.rowIndex;
  const columnOf = (cell) => Number(cell.dataset.column);
  const freeCells = () => [...board.querySelectorAll("#grid td.free")];

  function nearest(cells, row) {
    return cells.reduce((best, cell) =>
      best && Math.abs(rowOf(best) - row) <= Math.abs(rowOf(cell) - row) ? best : cell, null);
  }

  function over(cell) {
    unmark();
    cell.classList.add("over");
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    carried.slot = cell.dataset.slot;
    carried.column = columnOf(cell);
    carried.row = rowOf(cell);
    const head = board.querySelectorAll("#grid thead th")[carried.column + 1];
    const place = `${cell.parentElement.dataset.label}, ${head.dataset.title}`;
    carry.textContent = carry.dataset.lift.replace("{visit}", carried.name).replace("{place}", place);
  }

  function lift(visit) {
    const cell = visit.closest("td");
    carried = {
      id: visit.id.slice("visit-".length),
      version: visit.dataset.version,
      name: visit.querySelector("a").textContent,
    };
    const free = freeCells();
    const own = free.filter((one) => columnOf(one) === columnOf(cell));
    const first = nearest(own.length ? own : free, rowOf(cell));
    if (first) return over(first);
    carried = null;
    carry.textContent = carry.dataset.nowhere;
  }

  function leave(said = "") {
    carried = null;
    carry.textContent = said;
    unmark();
  }

  const STEPS = {
    ArrowUp: (cell) => columnOf(cell) === carried.column && rowOf(cell) < carried.row,
    ArrowDown: (cell) => columnOf(cell) === carried.column && rowOf(cell) > carried.row,
    ArrowLeft: (cell) => columnOf(cell) < carried.column,
    ArrowRight: (cell) => columnOf(cell) > carried.column,
  };

  function step(key) {
    let cells = freeCells().filter(STEPS[key]);
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const columns = cells.map(columnOf);
      const next = key === "ArrowLeft" ? Math.max(...columns) : Math.min(...columns);
      cells = cells.filter((cell) => columnOf(cell) === next);
    }
    const cell = nearest(cells, carried.row);
    if (cell) over(cell);
  }

  board.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!carried) {
      const visit = event.target.closest?.(".visit[draggable]");
      if (!visit || event.key.toLowerCase() !== "m") return;
      event.preventDefault();
      return lift(visit);
    }
    if (STEPS[event.key]) step(event.key);
    else if (event.key === "Enter") {
      const { slot, ...visit } = carried;
      leave();
      move(visit, slot);
    } else if (event.key === "Escape") leave(carry.dataset.left);
    else if (event.key === "Tab") return leave(carry.dataset.left);
    else return;
    event.preventDefault();
  });

  // News may have taken the cell, or only its mark.
  document.addEventListener("htmx:afterSwap", () => {
    if (!carried) return;
    const free = freeCells();
    const same = free.find((cell) => cell.dataset.slot === carried.slot);
    const next = same ?? nearest(free.filter((cell) => columnOf(cell) === carried.column), carried.row);
    if (next) over(next);
    else leave(carry.dataset.left);
  });

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
