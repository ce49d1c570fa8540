// Sums the steps of a process while they are typed, and ticks a whole page of procedures. Pages work without it.
"use strict";

const number = new Intl.NumberFormat("vi-VN");

for (const table of document.querySelectorAll(".steps[data-budget]")) {
  const budget = Number(table.dataset.budget);
  const balance = table.querySelector(".balance");
  const add = () => {
    let total = 0;
    for (const field of table.querySelectorAll(".minutes")) {
      const typed = Number(field.value.replace(/[. ]/g, ""));
      total += Number.isFinite(typed) ? typed : 0;
      field.closest(".step").querySelector(".sum").textContent = number.format(total);
    }
    const off = total - budget;
    const words = off === 0 ? "right" : off > 0 ? "over" : "under";
    balance.textContent = balance.dataset[words].replace("{n}", number.format(Math.abs(off)));
    balance.className = `balance ${off === 0 ? "in-time" : "late"}`;
  };
  table.addEventListener("input", add);
}

for (const all of document.querySelectorAll("input.all")) {
  const boxes = [...all.closest("table").querySelectorAll("tbody input[type=checkbox]")];
  all.hidden = false;
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
}
