// What moves by itself: said aloud now and then, locked when nobody is there, wiped when nobody answers.
"use strict";

const LOOK_MS = 500;
const STAY_MS = 20000;
const LOST_MS = 30000;

// Parts that redraw themselves are silent; their words are said here, only when they are news and not too often.
function voice(element) {
  const words = () => [...document.querySelectorAll(element.dataset.says)]
    .map((part) => part.textContent.replace(/\s+/g, " ").trim()).filter(Boolean).join("。");
  const rest = 1000 * Number(element.dataset.rest || 0);
  let said = words();
  let last = 0;
  setInterval(() => {
    const now = words();
    if (now === said || Date.now() - last < rest) return;
    said = now;
    last = Date.now();
    element.textContent = now;
  }, LOOK_MS);
}

for (const element of document.querySelectorAll("[data-says]")) voice(element);

// The state line comes every few seconds. A unit that does not answer any more leaves nobody's data on the glass.
const line = document.getElementById("state");
if (line && line.dataset.lost) {
  let heard = Date.now();
  let told = Date.now();
  new MutationObserver(() => { heard = Date.now(); }).observe(line, { childList: true });

  const wipe = () => {
    const reason = document.createElement("p");
    reason.className = "lead";
    reason.setAttribute("role", "alert");
    reason.textContent = line.dataset.lost;
    const again = document.createElement("a");
    again.className = "button button-main";
    again.href = "/";
    again.textContent = line.dataset.again;
    document.querySelector("main").replaceChildren(reason, again);
    line.replaceChildren();
    clearInterval(watch);
  };
  const watch = setInterval(() => {
    if (Date.now() - heard > LOST_MS && !document.hidden) wipe();
  }, LOOK_MS);

  // A hand on the keys or the glass is a person: the lock waits for them.
  const here = () => {
    if (Date.now() - told < STAY_MS) return;
    told = Date.now();
    fetch("/state-line?inside=1&stay=1").catch(() => { told = 0; });
  };
  for (const sign of ["keydown", "pointerdown"]) document.addEventListener(sign, here, { passive: true });
}
