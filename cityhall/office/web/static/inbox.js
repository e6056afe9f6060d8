// The inbox fills by itself: on every change the same page is fetched and its content put in place.
import { onKey } from "/office/keys.js";
import { fetchPage, listen } from "/office/live.js";

const live = document.getElementById("live");
const word = live.querySelector(".live-word");
let known = new Set(rows().map((row) => row.dataset.case));
let chosen = null;
let busy = false;
let again = false;

function rows() {
  return [...document.querySelectorAll("#rows tr")];
}

function say(state) {
  live.classList.toggle("live-is-on", state === "on");
  live.classList.toggle("live-is-off", state === "off");
  if (word.textContent !== live.dataset[state]) word.textContent = live.dataset[state];
}

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const fresh = await fetchPage(location.href);
    const focused = document.activeElement?.closest("tr")?.dataset.case;
    for (const place of ["content", "buses"]) {
      document.getElementById(place).replaceWith(document.adoptNode(fresh.getElementById(place)));
    }
    document.title = fresh.title;
    markFresh();
    choose(chosen, false);
    if (focused) document.querySelector(`#row-${CSS.escape(focused)} .case-link`)?.focus();
  } catch (status) {
    if (status === 401 || status === 403) location.assign("/sign-in");
  } finally {
    busy = false;
    if (again) { again = false; refresh(); }
  }
}

function markFresh() {
  const arrived = rows().filter((row) => !known.has(row.dataset.case));
  for (const row of arrived) {
    row.classList.add("fresh");
    row.querySelector(".fresh-word").hidden = false;
  }
  if (arrived.length) word.textContent = live.dataset.arrived;
}

function choose(id, focus = true) {
  chosen = id;
  for (const row of rows()) {
    const mine = row.dataset.case === id;
    row.classList.toggle("chosen", mine);
    if (mine && focus) row.querySelector(".case-link").focus();
  }
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const here = all.findIndex((row) => row.dataset.case === chosen);
  const next = here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1);
  choose(all[next].dataset.case);
}

onKey((key) => {
  if (key === "j") step(1);
  if (key === "k") step(-1);
});
document.addEventListener("focusin", (event) => {
  const row = event.target.closest("#rows tr");
  if (row) choose(row.dataset.case, false);
});
listen({ changed: refresh, on: () => say("on"), off: () => say("off") });
