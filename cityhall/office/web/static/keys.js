// Keyboard help and its switch. Single-key shortcuts can be turned off (WCAG 2.1.4).
const KEEP = "office-keys";

export function keysOn() {
  return localStorage.getItem(KEEP) !== "off";
}

// Calls `act` for a plain letter typed outside a field; a held key counts once.
export function onKey(act) {
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest("input, textarea, select, dialog");
    if (!keysOn() || writing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    act(event.key, event);
  });
}

const dialog = document.getElementById("keys");
const button = document.getElementById("keys-open");
const box = document.getElementById("keys-switch");

function show() {
  document.body.classList.toggle("keys-off", !keysOn());
}

if (dialog && button && box) {
  button.hidden = false;
  box.checked = keysOn();
  box.addEventListener("change", () => {
    localStorage.setItem(KEEP, box.checked ? "on" : "off");
    show();
  });
  button.addEventListener("click", () => dialog.showModal());
  onKey((key) => {
    if (key === "?") dialog.showModal();
  });
  show();
}
