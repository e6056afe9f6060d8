// The verdict and the facts on the screen, Japanese first with English under it. Text goes in as text, never as markup.

const city = JSON.parse(document.getElementById("city").textContent);

function made(tag, name, ...inside) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...inside);
  return element;
}

function icon(name) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${name}`);
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  picture.append(use);
  return picture;
}

// A sentence in both languages; each value is a pair too, or the same in both.
function said(key, values = {}) {
  return city.say[key].map((sentence, language) =>
    sentence.replace(/\{([a-z]+)\}/g, (_, name) => (Array.isArray(values[name]) ? values[name][language] : values[name])));
}

function beside([ja, en]) {
  const english = made("span", "beside", en);
  english.lang = "en";
  return [ja, english];
}

// A second as Japan's wall clocks show it: the era for people, the plain date beside it.
function inJapan(seconds) {
  const at = new Date((seconds + 9 * 3600) * 1000);
  const two = (number) => String(number).padStart(2, "0");
  const clock = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
  const reiwa = year > 2019 || (year === 2019 && month >= 5);
  const named = reiwa ? `令和${year === 2019 ? "元" : year - 2018}年` : `${year}年`;
  return [`${named}${month}月${day}日 ${clock}`, `${year}-${two(month)}-${two(day)} ${clock} JST`];
}

const dayInJapan = (seconds) => inJapan(seconds).map((text) => text.split(" ")[0]);

function notice(kind, title, ...lines) {
  const [ja, en] = city.say[title];
  const small = made("small", "", en);
  small.lang = "en";
  const names = { ok: "check", warn: "warn", stop: "stop", info: "info" };
  const section = made("section", `notice notice-${kind}`, made("h2", "notice-title", icon(names[kind]), ja, " ", small));
  section.append(made("div", "notice-body", ...lines.map((line) => made("p", "", ...beside(line)))));
  return section;
}

function stageOf(receipt) {
  if (receipt.form === BOX) return "stage_box";
  return receipt.stage === 2n ? "stage_complete" : "stage_arrived";
}

function rowsOf(receipt, signer) {
  const filed = inJapan(receipt.filed);
  const slack = receipt.form === BOX ? said("slack", { seconds: String(receipt.slack) }) : ["", ""];
  const rows = [
    ["number", receipt.number ?? `${signer.name}-${String(receipt.seq).padStart(6, "0")}`],
    ["procedure", city.procedures[receipt.procedure] ?? receipt.procedure],
    ["filed", filed.map((text, language) => text + slack[language])],
    ["not_before", receipt.notBefore ? inJapan(receipt.notBefore) : said("no_bound")],
  ];
  if (receipt.form === HALL) rows.push(["received", inJapan(receipt.received)]);
  rows.push(["stage", said(stageOf(receipt))]);
  rows.push(["signer", receipt.form === HALL ? said("city_hall") : said("box", { name: signer.name })]);
  rows.push(["code", [receipt.slip.slice(0, 8).toUpperCase(), said("code_hint").join(" ")]]);
  if (receipt.form === HALL) rows.push(["log_index", String(receipt.index)]);
  return rows;
}

function facts(receipt, signer) {
  const list = made("dl", "facts");
  for (const [key, value] of rowsOf(receipt, signer)) {
    const shown = Array.isArray(value) ? beside(value) : [value];
    const place = made("dd", key === "number" ? "first" : "", ...shown);
    place.id = `fact-${key}`;
    list.append(made("dt", "", ...beside(city.say[key])), place);
  }
  return made("section", "card", list);
}

function warnings(receipt, signer) {
  if (!signer.revoked) return [];
  const values = { name: signer.name, day: dayInJapan(signer.revoked.at) };
  return [said(receipt.seq > BigInt(signer.revoked.journal) ? "revoked_after" : "revoked_before", values)];
}

// Show what becomes of one address; `data-ms` says how long it took, from the address to the verdict.
async function show(text) {
  const [verdict, place] = [document.getElementById("verdict"), document.getElementById("facts")];
  const began = performance.now();
  let state = "holds";
  try {
    const { receipt, signer } = await judged(text, city);
    const warned = warnings(receipt, signer);
    const lines = [said(receipt.form === HALL ? "holds_hall" : "holds_box"), ...warned];
    verdict.replaceChildren(notice(warned.length ? "warn" : "ok", "holds", ...lines));
    place.replaceChildren(facts(receipt, signer));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    state = error.reason;
    const unable = state === "no_ed25519";
    verdict.replaceChildren(notice(unable ? "warn" : "stop", unable ? "no_verdict" : "refused", said(state)));
    place.replaceChildren();
  }
  verdict.dataset.ms = String(performance.now() - began);
  verdict.dataset.state = state;
}

function begin() {
  const lines = [said("keys_from", { version: String(city.version), day: dayInJapan(city.issued) })];
  if (Date.now() / 1000 >= city.expires) lines.push(said("keys_old", { day: dayInJapan(city.expires) }));
  document.getElementById("foot").append(...lines.map((line) => made("p", "", ...beside(line))));
  document.getElementById("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    show(document.getElementById("text").value);
  });
  const fromAddress = () => (location.hash.length > 1 ? show(location.hash) : undefined);
  addEventListener("hashchange", fromAddress);
  return fromAddress();
}

begin();
