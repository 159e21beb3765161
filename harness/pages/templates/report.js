"use strict";
// What the table library does not do: filters in the address, and a panel for each claim. Words are written as text, never as HTML.
const columns = {study: 1, metric: 2, verdict: 5, fidelity: 6};
const panel = document.getElementById("panel"), form = document.getElementById("filters");
let data = null, table = null, before = "#claims";

function all() { // the records of all claims are read when the first panel opens
  if (!data) data = JSON.parse(document.getElementById("data").textContent);
  return data;
}

function make(tag, words, attributes = {}) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  for (const part of [words].flat()) if (part !== undefined && part !== null) made.append(part);
  return made;
}

function draw(tag, attributes, words) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (words) made.textContent = words;
  return made;
}

const number = value => String(Number(value.toPrecision(4)));

function line(claim) { // printed and recomputed on one scale
  if (claim.recomputed === undefined) return null;
  const printed = claim.printed_at, ours = claim.recomputed;
  const low = claim.low ?? ours, high = claim.high ?? ours, margin = printed ? claim.margin ?? 0 : 0;
  const marks = [low, high, ours, ...(printed ? [printed[0] - margin, printed[1] + margin] : []), ...(claim.order ? [0] : [])];
  const least = Math.min(...marks), most = Math.max(...marks), room = (most - least || Math.abs(most) || 1) * 0.08;
  const x = value => 20 + 600 * (value - least + room) / (most - least + 2 * room);
  const told = `Here ${number(ours)}` + (high > low ? `, interval ${number(low)} to ${number(high)}` : "") + (printed ? `; printed ${claim.printed}` : "");
  const svg = draw("svg", {viewBox: "0 0 640 92", role: "img", "aria-label": told});
  if (margin) svg.append(draw("rect", {class: "band", x: x(printed[0] - margin), y: 12, width: x(printed[1] + margin) - x(printed[0] - margin), height: 52}));
  svg.append(draw("line", {class: "axis", x1: 20, x2: 620, y1: 64, y2: 64}));
  const write = (at, y, words) => { // near its place, and never beyond the drawing
    const half = words.length * 3.2, middle = Math.min(Math.max(x(at), half), 640 - half);
    svg.append(draw("text", {x: middle, y, "text-anchor": "middle"}, words));
  };
  write(ours, 80, `here ${number(ours)}` + (high > low ? `, ${number(low)} to ${number(high)}` : ""));
  if (claim.order) svg.append(draw("line", {class: "axis", x1: x(0), x2: x(0), y1: 12, y2: 70, "stroke-dasharray": "3 3"}));
  if (printed) {
    svg.append(draw("rect", {class: "print", x: x(printed[0]) - 1.5, y: 18, width: Math.max(3, x(printed[1]) - x(printed[0])), height: 14}));
    write((printed[0] + printed[1]) / 2, 10, `printed ${claim.printed}`);
  }
  svg.append(draw("line", {class: "ours-line", x1: x(low), x2: x(high), y1: 48, y2: 48}));
  for (const end of high > low ? [low, high] : []) svg.append(draw("line", {class: "ours-line", x1: x(end), x2: x(end), y1: 43, y2: 53}));
  svg.append(draw("circle", {class: "ours-dot" + (claim.tone === "grey" ? " hollow" : ""), cx: x(ours), cy: 48, r: 4.5}));
  const said = `Bar: printed. Dot: here, ${claim.tone === "grey" ? "hollow because it was not judged, " : ""}with the interval that other queries and seeds would give.`;
  return make("figure", [svg, make("figcaption", said + (margin ? " Shaded: the margin declared before the run." : "") + (claim.order ? " Dashed: no gap." : ""))]);
}

function queries(spread) { // values by query, the worst and the best
  const parts = [];
  const seeds = Object.entries(spread.seeds).map(([seed, value]) => `seed ${seed}: ${value}`).join(", ");
  parts.push(make("p", `Mean of each seed: ${seeds}.`));
  if (!spread.worst) return parts;
  const most = Math.max(...spread.counts), svg = draw("svg", {viewBox: "0 0 640 80", role: "img", "aria-label": `Queries by value, from ${spread.from} to ${spread.to}: ${spread.counts.join(", ")}`});
  spread.counts.forEach((count, i) => svg.append(draw("rect", {class: "bars", x: 20 + 600 * i / spread.counts.length, y: 60 - 55 * count / most, width: 600 / spread.counts.length - 2, height: 55 * count / most})));
  svg.append(draw("text", {x: 20, y: 75}, String(spread.from)), draw("text", {x: 620, y: 75, "text-anchor": "end"}, String(spread.to)));
  const list = rows => make("ol", rows.map(([name, value]) => make("li", `${name}: ${value}`)));
  parts.push(make("figure", [svg, make("figcaption", "How many queries have which value (mean over seeds).")]));
  parts.push(make("div", [make("div", [make("h3", "Worst queries"), list(spread.worst)]), make("div", [make("h3", "Best queries"), list(spread.best)])], {class: "two"}));
  return parts;
}

function facts(claim, about) {
  const list = make("dl"), add = (name, words) => { if (words) list.append(make("dt", name), make("dd", words)); };
  const made = ["evaluation", "encoder", "training"].filter(part => claim[part] && claim[part] !== "none").map(part => `${part} ${claim[part]}`).join(", ");
  add("Printed", [make("b", claim.printed), claim.unit && claim.unit !== "none" ? ` (${claim.unit})` : ""]);
  add("Where", `${about.documents[claim.document].join(", ").replace(/, ([^,]*)$/, ` ($1)`)}: ${claim.place}`);
  add("Here", claim.shown && `${claim.shown} ${claim.interval ?? ""}`);
  add("Why", claim.reason);
  add("What would change it", claim.would_change);
  add("Metric", claim.metric && `${about.metrics[claim.metric]}${claim.score ? `; computed as ${claim.score}` : ""}`);
  add("Variant, collection", [claim.variant, claim.collection].filter(Boolean).join(", "));
  add("Made with", made && `${made}${claim.needs ? `; ${claim.needs} materials decide` : ""}`);
  add("Queries and seeds", [claim.queries && `${claim.queries} queries`, claim.seeds && `${claim.seeds} ${claim.seeds === "1" ? "seed" : "seeds"}`].filter(Boolean).join(", "));
  add("Spread", [Number(claim.spread_query) && `of queries ${claim.spread_query}`, Number(claim.spread_seed) && `of seeds ${claim.spread_seed}`].filter(Boolean).join(", "));
  add("Detectable", claim.mde && `a difference of ${claim.mde}`);
  add("p after correction", claim.p);
  add("Margin", claim.margin !== undefined && `${claim.margin} (${claim.margin_why})`);
  add("Effect ratio", claim.effect_ratio && `${claim.effect_ratio} (our gain by the printed one; 1 is the same)`);
  add("Note", claim.note);
  add("Kind and status", [claim.kind, claim.status, claim.source].filter(Boolean).join(", "));
  add("Make it again", make("code", about.command));
  return list;
}

function show(key) {
  const claim = all().claims[key];
  const body = panel.querySelector(".body");
  body.replaceChildren(make("h2", claim.name, {id: "panel-title", tabindex: "-1"}), make("p", [make("code", key)]));
  body.append(make("p", [make("b", claim.verdict, {class: `word ${claim.verdict.split(" ")[0]}`}), `: ${all().meaning[claim.verdict] ?? ""}.`]));
  body.append(...[line(claim), facts(claim, all().studies[key.split(":")[0]])].filter(Boolean));
  if (claim.findings) {
    body.append(make("h3", "What the audit of the printed numbers found"));
    body.append(make("ul", claim.findings.map(place => {
      const [outcome, check, statement, arithmetic, chance] = all().findings[place];
      return make("li", [make("b", `${outcome} (${check})`), `: ${statement}. `, make("code", arithmetic), chance ? ` False alarm: ${chance}.` : ""]);
    })));
  }
  if (claim.spread !== undefined) body.append(make("h3", "Values by seed and query"), ...queries(all().spreads[claim.spread]));
  if (!panel.open) panel.showModal();
  panel.scrollTop = 0;
  body.querySelector("h2").focus();
}

function step(by) { // the claim before or after this one, as the table is filtered and sorted
  const shown = table.rows({search: "applied", order: "applied"}).nodes().toArray().map(row => row.dataset.key);
  const next = shown[(shown.indexOf(location.hash.slice(1)) + by + shown.length) % shown.length];
  if (next) location.replace("#" + next);
}

function filter() { // what the form says, in the table and in words
  const wanted = Object.fromEntries(new FormData(form));
  table.search(wanted.q ?? "");
  table.search.fixed("form", (text, cells, place) => {
    const row = table.row(place).node().children;
    return Object.entries(columns).every(([name, at]) => !wanted[name] || wanted[name].split("|").includes(row[at].textContent));
  });
  table.draw();
  const found = table.rows({search: "applied"}).count();
  document.getElementById("found").textContent = `${found} of ${table.rows().count()} claims`;
}

function address() { // the form as an address, so that a search can be kept and sent
  const kept = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  before = kept.size ? `#?${kept}` : "#claims";
  history.replaceState(null, "", before);
}

function follow() { // an address: a claim, a search, or a heading
  const key = location.hash.slice(1);
  if (Object.hasOwn(keys, key)) return show(key);
  if (panel.open) panel.close();
  if (!location.hash.startsWith("#?")) return;
  form.reset();
  for (const [name, value] of new URLSearchParams(location.hash.slice(2))) {
    const field = form.elements[name];
    if (!field) continue;
    if (field.options && ![...field.options].some(one => one.value === value)) field.append(make("option", value.replaceAll("|", " or "), {value}));
    field.value = value;
  }
  before = location.hash;
  filter();
  document.getElementById("claims").scrollIntoView();
}

table = new DataTable("#table", {order: [], pageLength: 25, lengthMenu: [25, 100, {label: "all", value: -1}], autoWidth: false,
  layout: {topStart: null, topEnd: null, bottomStart: "pageLength", bottomEnd: "paging"},
  language: {lengthMenu: "Show _MENU_ claims on a page", zeroRecords: "No claim fits; clear the search or a filter."}});
const keys = Object.fromEntries(table.rows().nodes().toArray().map(row => [row.dataset.key, true]));
form.addEventListener("input", () => { filter(); address(); });
form.addEventListener("submit", event => event.preventDefault());
form.addEventListener("reset", () => setTimeout(() => { filter(); address(); }));
panel.addEventListener("close", () => { if (location.hash !== before) history.replaceState(null, "", before); });
panel.querySelector(".close").addEventListener("click", () => panel.close());
panel.querySelector(".previous").addEventListener("click", () => step(-1));
panel.querySelector(".next").addEventListener("click", () => step(1));
let length = 25;
addEventListener("beforeprint", () => { length = table.page.len(); table.page.len(-1).draw(); });
addEventListener("afterprint", () => table.page.len(length).draw());
addEventListener("hashchange", follow);
form.hidden = false;
filter();
follow();
