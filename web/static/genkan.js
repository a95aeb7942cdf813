// What the pages do beyond htmx: the live log's lamp, no row twice, no page that grows for ever.
"use strict";
(() => {
  const lamp = document.getElementById("live");
  const rows = document.getElementById("rows");
  const KEEP = 500;
  if (!lamp || !rows) return;

  const say = (state) => {
    lamp.hidden = false;
    lamp.className = "live state " + { live: "good", lost: "warn", over: "bad" }[state];
    lamp.textContent = { live: "● ", lost: "▲ ", over: "✕ " }[state] + lamp.dataset[state];
  };
  document.body.addEventListener("htmx:sseOpen", () => say("live"));
  document.body.addEventListener("htmx:sseError", () => say("lost"));
  document.body.addEventListener("htmx:sseClose", () => say("over"));
  document.body.addEventListener("htmx:sseBeforeMessage", (event) => {
    if (document.getElementById("no-" + event.detail.lastEventId)) event.preventDefault();
  });
  document.body.addEventListener("htmx:sseMessage", () => {
    const first = rows.firstElementChild;
    if (first) first.classList.add("fresh");
    while (rows.children.length > KEEP) rows.lastElementChild.remove();
    const empty = document.getElementById("empty");
    if (empty) empty.hidden = true;
  });
})();
