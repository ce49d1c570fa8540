// The counter without a mouse. Whatever is found out comes from the same page, posted as it stands and shown anew,
// so that everything here is also possible without this file.
"use strict";

document.documentElement.classList.add("js");

const form = document.getElementById("quay");
const BARS = /[|¦‖∣｜]/g;
const isCard = (text) => (text.match(BARS) || []).length > 1;
const at = (id) => document.getElementById(id);

function say(words) {
  at("tin").textContent = words;
}

function warn(words) {
  const box = document.createElement("div");
  box.className = "notice late";
  box.setAttribute("role", "alert");
  box.textContent = words;
  at("loi-cho").replaceChildren(box);
}

// --- showing anew ---------------------------------------------------------------------------------------------------

let looking = null;
let swapping = false; // a field that is taken away tells of a change, which nobody made

// Post the sheet without its files and show what comes back; what was typed meanwhile stays.
function look(then, anew = false) {
  const before = looking || Promise.resolve();
  looking = before.then(() => lookNow(then, anew));
  return looking;
}

async function lookNow(then, anew) {
  const sent = new FormData(form);
  for (const [name, value] of [...sent]) if (value instanceof File) sent.delete(name);
  sent.set("act", "look");
  const typed = new Map([...form.elements].filter((e) => e.id).map((e) => [e.id, e.value]));
  let fresh;
  try {
    const response = await fetch(form.action, { method: "POST", body: sent });
    fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!fresh.getElementById("quay")) {
      warn(response.redirected ? form.dataset.ended : form.dataset.away);
      return;
    }
  } catch {
    warn(form.dataset.away);
    return;
  }
  const active = document.activeElement;
  swapping = true;
  for (const part of ["loi-cho", "viec", "nguoi", "giay"]) {
    const old = at(part);
    const next = fresh.getElementById(part);
    if (part === "giay" && !anew && old.dataset.of === next.dataset.of) {
      fillEmpty(old, next);
      continue;
    }
    for (const field of next.querySelectorAll("input[id], select[id], textarea[id]")) {
      const known = at(field.id);
      if (!known || !old.contains(known)) continue;
      if (field.type === "file") field.replaceWith(known);
      else if (field.type === "checkbox") field.checked = known.checked;
      else if (field.type !== "radio" && typed.get(field.id) !== known.value) field.value = known.value;
    }
    old.replaceWith(next);
  }
  swapping = false;
  seen();
  const target = then && then();
  if (target) reach(target);
  else if (active && active.id && !active.isConnected) reach(at(active.id));
  const due = document.querySelector("#viec .due");
  say([at("procedure").value, due && due.textContent].filter(Boolean).join("; "));
}

// The same papers: only what the server filled in by itself is new.
function fillEmpty(old, next) {
  for (const field of next.querySelectorAll("textarea[id], input[type=text][id]")) {
    const known = at(field.id);
    if (known && !known.value) known.value = field.value;
  }
}

function reach(target) {
  if (!target) return;
  const shut = target.closest("details:not([open])");
  if (shut && target.localName !== "summary") shut.open = true;
  target.focus();
  if (target.select && target.type === "text") target.select();
}

// What was looked at last, so that leaving a field which Enter has dealt with asks nothing again.
const looked = new Map();
function seen() {
  for (const field of form.querySelectorAll("#number, #procedure, [data-look]")) looked.set(field.name, field.value);
  combine();
}

// --- going on -------------------------------------------------------------------------------------------------------

// Where Enter goes; what is seldom changed is reached with Tab.
function stops() {
  return [...form.querySelectorAll("input, select, textarea, #file")].filter(
    (e) =>
      e.type !== "hidden" && e.type !== "file" && !e.disabled && e.getClientRects().length &&
      !e.closest(".paper-more, .instead, .kept") && e.id !== "channel" && (e.type !== "radio" || e.name === "area_pick"),
  );
}

function after(field) {
  const all = stops();
  return all[all.indexOf(field) + 1] || at("file");
}

// The first thing of the person that is still to ask; then the papers.
function nextToAsk() {
  if (at("number").getAttribute("aria-invalid")) return at("number");
  for (const id of ["name", "birth_date"]) if (at(id) && !at(id).value) return at(id);
  const choice = form.querySelector("[name=area_pick]");
  if (choice) return choice;
  for (const id of ["address", "area", "phone"]) if (!at(id).value) return at(id);
  return at("giay").querySelector("input:not([type=hidden]), textarea, select") || at("file");
}

function nextAfterProcedure() {
  if (!at("viec").dataset.chosen) return at("procedure");
  return at("case") || (at("number").value ? nextToAsk() : at("number"));
}

addEventListener("keydown", (event) => {
  if (!form || event.key !== "Enter" || !event.ctrlKey) return;
  event.preventDefault();
  form.requestSubmit(at("file"));
});

form?.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.ctrlKey) return;
  const paper = field.closest?.("[data-paper]");
  if (paper && field.type === "checkbox" && paperKey(event, field, paper)) return;
  if (field.id === "procedure" && offerKey(event, field)) return;
  if (event.key !== "Enter" || event.isComposing || !field.matches("input:not([type=file]), select")) return;
  event.preventDefault();
  if (field.type === "text" && isCard(field.value)) look(nextToAsk);
  else if (field.id === "number" && field.value) look(nextToAsk);
  else if (field.name === "area_pick") {
    field.checked = true;
    look(nextToAsk);
  } else if (field.hasAttribute("data-look") && field.value !== looked.get(field.name)) {
    const on = after(field).id;
    look(() => at(on));
  } else reach(after(field));
});

form?.addEventListener("change", (event) => {
  const field = event.target;
  if (swapping || !field.isConnected) return;
  if (field.matches("[type=radio][data-look]") && field.name === "area_pick") return; // Enter or a click decides
  if (field.matches("[type=radio][data-look]") || (field.matches("#number, [data-look]") && field.value !== looked.get(field.name)))
    look();
});

form?.addEventListener("click", (event) => {
  const field = event.target;
  if (field.name === "area_pick" && event.detail) look(nextToAsk);
  const button = field.closest?.("button");
  if (button?.value !== "look") return;
  event.preventDefault();
  if (button.id === "look") look(nextToAsk);
  else if (button.hasAttribute("data-rows")) look(null, true);
  else choose();
});

let gone = false;
form?.addEventListener("submit", (event) => {
  if (gone) event.preventDefault();
  gone = true;
});
addEventListener("pageshow", () => (gone = false));

function paperKey(event, box, paper) {
  const papers = [...form.querySelectorAll("[data-paper]")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    reach(papers[papers.indexOf(paper) + step]?.querySelector("input"));
  } else if ("123".includes(event.key) && !event.ctrlKey && !event.altKey) {
    const kinds = paper.querySelector("[data-form]");
    if (!kinds) return false;
    kinds.selectedIndex = Number(event.key) - 1;
    box.checked = true;
  } else return false;
  event.preventDefault();
  return true;
}

// --- the combobox of the procedure ----------------------------------------------------------------------------------

let offered = [];
let offeredFor = null;
let active = -1;
let waiting = 0;

function combine() {
  const field = at("procedure");
  if (field.getAttribute("role")) return;
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", "offers"]])
    field.setAttribute(name, value);
  const list = document.createElement("ul");
  list.id = "offers";
  list.className = "offers";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.querySelector("label[for=procedure]").textContent);
  field.after(list);
  list.addEventListener("mousedown", (event) => {
    const item = event.target.closest("[role=option]");
    event.preventDefault();
    if (item) choose(offered[[...list.children].indexOf(item)]);
  });
  offeredFor = null;
}

async function offer(text) {
  if (offeredFor === text) return;
  const address = `${form.dataset.suggestions}?q=${encodeURIComponent(text)}`;
  let items;
  try {
    items = (await (await fetch(address)).json()).items;
  } catch {
    return;
  }
  if (at("procedure").value !== text && text) return;
  [offered, offeredFor, active] = [items, text, -1];
  const list = at("offers");
  list.replaceChildren(
    ...items.map((item, i) => {
      const line = document.createElement("li");
      line.id = `offer-${i}`;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", "false");
      const [name, code] = [document.createElement("span"), document.createElement("span")];
      name.lang = "vi";
      name.textContent = item.name;
      code.className = "code";
      code.textContent = ` ${item.code} · ${item.field}`;
      line.append(name, code);
      return line;
    }),
  );
  open(items.length > 0);
  say(`${form.dataset.found} ${items.length}`);
}

function open(shown) {
  const list = at("offers");
  if (!list) return;
  list.hidden = !shown;
  at("procedure").setAttribute("aria-expanded", String(shown));
  if (!shown) mark(-1);
}

function mark(i) {
  active = i;
  const lines = [...at("offers").children];
  lines.forEach((line, n) => line.setAttribute("aria-selected", String(n === i)));
  if (i < 0) at("procedure").removeAttribute("aria-activedescendant");
  else {
    at("procedure").setAttribute("aria-activedescendant", lines[i].id);
    lines[i].scrollIntoView({ block: "nearest" });
  }
}

async function choose(item) {
  const field = at("procedure");
  clearTimeout(waiting);
  if (!item) {
    await offer(field.value.trim() === looked.get("procedure") ? "" : field.value);
    item = offered[Math.max(active, 0)];
  }
  open(false);
  if (item) field.value = `${item.code} ${item.name}`;
  look(nextAfterProcedure);
}

function offerKey(event, field) {
  const shown = !at("offers").hidden;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const step = event.key === "ArrowDown" ? 1 : -1;
    if (!shown) offer(at("viec").dataset.chosen ? "" : field.value).then(() => open(offered.length > 0));
    else if (offered.length) mark((active + step + offered.length) % offered.length);
  } else if (event.key === "Escape" && shown) {
    event.stopPropagation(); // the desk would leave the field
    open(false);
  } else if (event.key === "Enter" && !event.isComposing) {
    if (isCard(field.value)) return false;
    if (at("viec").dataset.chosen && field.value === looked.get("procedure") && active < 0) reach(after(field));
    else choose();
  } else return false;
  event.preventDefault();
  return true;
}

form?.addEventListener("input", (event) => {
  if (event.target.id !== "procedure") return;
  clearTimeout(waiting);
  if (!isCard(event.target.value)) waiting = setTimeout(() => offer(event.target.value), 120);
});
form?.addEventListener("focusout", (event) => {
  if (event.target.id === "procedure") open(false);
});

if (form) seen();

// --- the desk's own keys --------------------------------------------------------------------------------------------

// N begins a new sheet, which would throw this one away while a box is being ticked.
if (form) {
  document.addEventListener("motcua:key", (event) => {
    if (event.detail === "n") event.preventDefault();
  });
  // After a refusal of the sheet one is where the first thing has to be mended.
  if (at("loi")) reach(form.querySelector("[aria-invalid]"));
}
