// A name in the list and its area on the map light up together. Without this, each still works for itself.
"use strict";

for (const name of document.querySelectorAll("[data-on-map]")) {
  const area = document.getElementById(name.dataset.onMap);
  if (!area) continue;
  const light = (on) => {
    document.querySelectorAll(".map .lit").forEach((lit) => lit.classList.remove("lit"));
    area.classList.toggle("lit", on);
  };
  for (const event of ["focus", "mouseenter"]) name.addEventListener(event, () => light(true));
  for (const event of ["blur", "mouseleave"]) name.addEventListener(event, () => light(false));
}
