// Work lists: J and K walk, X ticks, A ticks all, Enter opens (the link has the focus), T takes the main step.
"use strict";

const table = document.querySelector("table.work");
const form = document.getElementById("viec");
const links = [...table?.querySelectorAll("a.open") ?? []];
const ticks = [...table?.querySelectorAll("input[name=ma]") ?? []];
const all = document.getElementById("tat-ca");

function walk(by) {
  const row = document.activeElement?.closest("table.work tr");
  const at = row ? links.findIndex((link) => row.contains(link)) : -1;
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1);
  links[next]?.focus();
  links[next]?.closest("tr").scrollIntoView({ block: "nearest" });
}

function settle() {
  if (!form) return;
  const bar = form.querySelector(".bar");
  const chosen = ticks.filter((tick) => tick.checked);
  ticks.forEach((tick) => tick.closest("tr").classList.toggle("chosen-row", tick.checked));
  if (all) {
    all.checked = chosen.length > 0 && chosen.length === ticks.length;
    all.indeterminate = chosen.length > 0 && chosen.length < ticks.length;
  }
  const said = bar.querySelector(".chosen");
  said.textContent = said.dataset.said.replace("{n}", chosen.length);
  const can = chosen.map((tick) => tick.dataset.can.split(" "));
  let main = null;
  for (const button of bar.querySelectorAll("button[name=buoc]")) {
    const fits = chosen.length > 0 && can.every((steps) => steps.includes(button.value));
    button.hidden = !fits;
    if (fits && !main) main = button;
    button.classList.toggle("plain", button !== main);
    button.querySelector("kbd").hidden = button !== main;
    if (button === main) button.dataset.key = "t";
    else delete button.dataset.key;
  }
  bar.querySelector(".none").hidden = main !== null || chosen.length === 0;
  bar.hidden = chosen.length === 0;
}

if (all) {
  all.hidden = false;
  all.addEventListener("change", () => {
    ticks.forEach((tick) => { tick.checked = all.checked; });
    settle();
  });
}
ticks.forEach((tick) => tick.addEventListener("change", settle));
// A second click while the first is under way sends nothing; the key in the form would make it one step anyway.
form?.addEventListener("submit", (event) => {
  if (event.submitter?.formTarget === "_blank") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  if (form) delete form.dataset.sent;
  settle();
});
settle();

document.addEventListener("motcua:key", (event) => {
  const key = event.detail;
  if (key === "j") walk(1);
  else if (key === "k") walk(-1);
  else if (key === "x") {
    const tick = document.activeElement?.closest("table.work tr")?.querySelector("input[name=ma]");
    if (!tick) return;
    tick.checked = !tick.checked;
    settle();
  } else return;
  event.preventDefault();
});
