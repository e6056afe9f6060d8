// The kiosk's few lines of script; every page works without them.
"use strict";

// A page begins where it speaks: at the reason of a refusal, else at its title.
const summary = document.getElementById("error-summary");
const opening = summary || document.querySelector("main h1");
if (opening) {
  opening.tabIndex = -1;
  opening.focus({ preventScroll: !summary });
}

// Digits by touch: a pad beside every field that asks for a number.
function key(word, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "pad-key";
  made.textContent = word;
  made.addEventListener("click", press);
  return made;
}

for (const field of document.querySelectorAll("input[data-pad]")) {
  const pad = document.createElement("div");
  pad.className = "pad";
  pad.setAttribute("role", "group");
  const japanese = document.documentElement.lang === "ja";
  pad.setAttribute("aria-label", japanese ? "数字キー" : "Digit keys");
  for (const digit of "1234567890") {
    pad.append(key(digit, () => { field.value += digit; }));
  }
  pad.append(key(japanese ? "1字消す" : "Erase", () => { field.value = field.value.slice(0, -1); }));
  field.after(pad);
}

// What is typed and not sent is kept a second after the typing, sealed by the counter: a reload or a cut gives it back.
const KEEP_MS = 1000;

function keepTyping(form) {
  let waiting = 0;
  let dirty = false;
  let over = false;
  const unsent = () => {
    const values = new URLSearchParams({ csrf: form.elements.csrf.value });
    for (const field of form.querySelectorAll("[data-sent]")) {
      if (field.type === "radio" && !field.checked) continue;
      if (field.value !== field.dataset.sent) values.append(field.name, field.value);
    }
    return values;
  };
  const keep = async () => {
    waiting = 0;
    if (!dirty || over) return;
    dirty = false;
    try {
      const answer = await fetch(form.dataset.keep, { method: "POST", body: unsent(), keepalive: true });
      if (answer.status !== 204) throw new Error("not kept");
    } catch {
      dirty = true;
      later();
    }
  };
  const later = () => { if (!waiting && !over) waiting = setTimeout(keep, KEEP_MS); };
  form.addEventListener("input", () => { dirty = true; later(); });
  form.addEventListener("submit", () => { over = true; });
  window.addEventListener("pagehide", () => { clearTimeout(waiting); keep(); });
}

for (const form of document.querySelectorAll("form[data-keep]")) keepTyping(form);

// One press is one press: a second touch while the answer is on its way does nothing.
for (const form of document.querySelectorAll("form")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
