// The kiosk's few lines of script; every page works without them.
"use strict";

// A refused page speaks first: the reason gets the focus.
const summary = document.getElementById("error-summary");
if (summary) summary.focus();

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

// One press is one press: a second touch while the answer is on its way does nothing.
for (const form of document.querySelectorAll("form")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}
window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
