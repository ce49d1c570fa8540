// The desk's keys. Everything that they do can be done without them, and without this file.
"use strict";

const OFF = "motcua.desk.keys-off";
const quiet = document.getElementById("tat-phim");

function off() {
  try { return localStorage.getItem(OFF) === "1"; } catch { return false; }
}
if (quiet) {
  quiet.checked = off();
  quiet.addEventListener("change", () => {
    try { localStorage.setItem(OFF, quiet.checked ? "1" : "0"); } catch { /* the choice lasts as long as the page */ }
  });
}

function typing(target) {
  return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
    (target.tagName === "INPUT" && !/^(checkbox|radio|submit|button)$/.test(target.type));
}

function seen(element) {
  return element && !element.disabled && element.getClientRects().length > 0;
}

// What a key does is said by the page: data-key on a link, button or field.
function keyed(key) {
  return [...document.querySelectorAll("[data-key]")].find((e) => e.dataset.key === key && seen(e));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const keys = document.getElementById("phim-tat");
  if (event.key === "Escape") {
    if (keys && keys.open) {
      keys.open = false;
      keys.querySelector("summary").focus();
    } else if (typing(event.target)) event.target.blur();
    return;
  }
  if (typing(event.target) || (quiet ? quiet.checked : off())) return;
  const key = event.key.toLowerCase();
  if (key === "?") {
    keys.open = !keys.open;
    keys.querySelector("summary").focus();
  } else {
    // Pages have keys of their own; whoever takes one says so.
    const heard = new CustomEvent("motcua:key", { detail: key, cancelable: true });
    if (!document.dispatchEvent(heard)) return event.preventDefault();
    const found = keyed(key);
    if (!found) return;
    if (found.matches("input:not([type=checkbox]), select, textarea")) found.focus();
    else found.click();
  }
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const keys = document.getElementById("phim-tat");
  if (keys && keys.open && !keys.contains(event.target)) keys.open = false;
});
