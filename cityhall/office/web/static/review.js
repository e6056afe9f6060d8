// The review page: previews first, the full page by itself when it has arrived, zoom, keys, correction texts.
import { onKey } from "/office/keys.js";
import { fetchFacts, listen } from "/office/live.js";

const QUIET_MS = 500;
let ready = false;
const desk = document.querySelector(".desk");
const base = `/cases/${desk.dataset.case}`;
const paperPane = document.querySelector(".sheets");
const sheets = [...document.querySelectorAll(".sheet")];
const said = document.getElementById("said");
let zoom = 1;
let current = 0;
let defect = -1;

// A full page replaces its preview once it is decoded, when it comes near the window.
const near = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) showPage(entry.target);
}, { root: paperPane, rootMargin: "400px" });

function showPage(sheet) {
  if (sheet.dataset.here !== "1" || sheet.dataset.full) return;
  sheet.dataset.full = "loading";
  const full = new Image();
  full.src = `${base}/pages/${sheet.dataset.sheet}`;
  full.decode().then(() => {
    const shown = sheet.querySelector(".paper img");
    shown.src = full.src;
    shown.hidden = false;
    sheet.dataset.full = "shown";
  }).catch(() => { delete sheet.dataset.full; });
}

function arrived(sheet, number) {
  sheet.dataset.here = "1";
  sheet.querySelector(".coming-note").hidden = true;
  sheet.querySelector(".open-full").hidden = false;
  sheet.querySelector(".paper").classList.remove("paper-none");
  said.textContent = said.dataset.arrived.replace("%n", number + 1);
  near.unobserve(sheet);
  near.observe(sheet);
}

function previewArrived(sheet) {
  sheet.dataset.preview = "1";
  const shown = sheet.querySelector(".paper img");
  shown.src = `${base}/previews/${sheet.dataset.sheet}`;
  shown.hidden = false;
  sheet.querySelector(".paper").classList.remove("paper-none");
  const empty = document.querySelector(`[data-thumb-none="${sheet.dataset.sheet}"]`);
  if (!empty) return;
  const thumb = new Image(44, 56);
  thumb.src = shown.src;
  thumb.alt = "";
  empty.replaceWith(thumb);
}

async function look() {
  const facts = await fetchFacts(`${base}/arrived.json`).catch(() => null);
  if (!facts) return;
  if (facts.versions !== Number(desk.dataset.versions)) document.getElementById("newer").hidden = false;
  for (const one of facts.sheets) {
    const sheet = document.getElementById(`sheet-${one.index}`);
    if (!sheet) continue;
    if (one.preview_arrived && sheet.dataset.preview === "0") previewArrived(sheet);
    if (one.arrived && sheet.dataset.here === "0") arrived(sheet, sheets.indexOf(sheet));
  }
}

function go(place) {
  if (!sheets.length) return;
  current = Math.min(Math.max(place, 0), sheets.length - 1);
  sheets[current].scrollIntoView({ block: "start" });
  mark();
}

function mark() {
  document.querySelectorAll(".thumbs a").forEach((link, place) => {
    if (place === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
}

function tool(name) {
  if (name === "in") zoom = Math.min(zoom + 1, 4);
  if (name === "out") zoom = Math.max(zoom - 1, 0);
  if (name === "fit") zoom = 1;
  paperPane.dataset.zoom = zoom;
  if (name === "turn" && sheets[current]) sheets[current].dataset.turn = (Number(sheets[current].dataset.turn) + 1) % 4;
}

function nextDefect() {
  const cells = [...document.querySelectorAll("tr.doubt")];
  if (!cells.length) return;
  defect = (defect + 1) % cells.length;
  cells[defect].focus();
  cells[defect].scrollIntoView({ block: "center" });
}

document.querySelector(".tools").hidden = false;
document.querySelectorAll("[data-tool]").forEach((button) => button.addEventListener("click", () => tool(button.dataset.tool)));
document.querySelectorAll(".thumbs a").forEach((link, place) => link.addEventListener("click", (event) => { event.preventDefault(); go(place); }));
document.querySelectorAll(".coming-note form").forEach((form) => form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
  if (answer.type === "opaqueredirect" || answer.ok) {
    const words = form.parentElement.querySelector(".coming-word");
    words.textContent = words.dataset.asked;
    form.hidden = true;
  }
}));
paperPane.addEventListener("scroll", () => {
  const top = paperPane.getBoundingClientRect().top;
  const seen = sheets.findIndex((sheet) => sheet.getBoundingClientRect().bottom > top + 80);
  if (seen >= 0 && seen !== current) { current = seen; mark(); }
}, { passive: true });

// The sentence follows the reason until a person has written in it.
const reason = document.getElementById("reason");
const sentence = document.getElementById("sentence");
if (reason && sentence) {
  let own = false;
  sentence.addEventListener("input", () => { own = true; });
  reason.addEventListener("change", () => { if (!own) sentence.value = reason.selectedOptions[0].dataset.sentence; });
}

onKey((key, event) => {
  // A key meant for the page before must not decide about this one.
  if (!ready) return;
  if (key === "j") go(current + 1);
  if (key === "k") go(current - 1);
  if (key === "n") nextDefect();
  if (key === "a") document.getElementById("accept")?.click();
  if (key === "r") {
    const box = document.getElementById("correction");
    if (box) { event.preventDefault(); box.open = true; reason.focus(); }
  }
});
setTimeout(() => { ready = true; document.body.dataset.keys = "ready"; }, QUIET_MS);
sheets.forEach((sheet) => near.observe(sheet));
listen({ changed: look });
