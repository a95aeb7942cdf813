// A button that prints is of use only where a script can press it.
"use strict";
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
// The sheet that is wanted in an emergency: one click less.
if (document.querySelector("[data-print-now]")) window.addEventListener("load", () => window.print());
