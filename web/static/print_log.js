// Printing the log page, in any way, prints its sheet: all rows of the filter, not the hundred shown here.
"use strict";
(() => {
  const link = document.getElementById("print");
  const main = document.getElementById("main");
  let sheet = null;
  if (!link || !main) return;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    window.print();
  });
  window.addEventListener("beforeprint", () => {
    const request = new XMLHttpRequest();
    request.open("GET", link.href, false); // the printer waits for nothing that comes later
    try { request.send(); } catch { return; }
    if (request.status !== 200) return;
    sheet = new DOMParser().parseFromString(request.responseText, "text/html").querySelector(".sheet");
    if (sheet) main.append(sheet);
  });
  window.addEventListener("afterprint", () => {
    if (sheet) sheet.remove();
    sheet = null;
  });
})();
