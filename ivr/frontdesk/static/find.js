// Finding a patient by keyboard: "/" goes to the field, arrows walk through what is found, Escape
// goes back. The server finds; without this file the form is sent and answers with a page.
"use strict";
(() => {
  const field = document.getElementById("find-text");
  const found = document.getElementById("found");
  if (!field || !found) return;

  const hits = () => [...found.querySelectorAll("a.hit")];

  function isTyping(element) {
    return element.closest("input, textarea, select") !== null || element.isContentEditable;
  }

  function close() {
    found.replaceChildren();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !isTyping(event.target)) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  });

  document.getElementById("find").addEventListener("keydown", (event) => {
    const list = hits();
    const at = list.indexOf(document.activeElement);
    if (event.key === "ArrowDown" && list.length) {
      event.preventDefault();
      list[Math.min(at + 1, list.length - 1)].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      (list[at - 1] ?? field).focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
      field.focus();
    } else if (at >= 0 && event.key.length === 1 && !event.ctrlKey && !event.metaKey && event.key !== " ") {
      // Typing on while a hit has the focus goes on in the field.
      field.focus();
    }
  });

  // An answer that is left behind covers the board.
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest("#find")) close();
  });
})();
