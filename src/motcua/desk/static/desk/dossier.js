// The dossier's page: opening a step puts the cursor into its first field; a form is sent once.
"use strict";

for (const deed of document.querySelectorAll("details.deed")) {
  deed.addEventListener("toggle", () => {
    if (!deed.open) return;
    deed.scrollIntoView({ block: "nearest" });
    deed.querySelector("textarea, select, input:not([type=hidden])")?.focus();
  });
}
for (const form of document.querySelectorAll(".deeds form")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll(".deeds form")) delete form.dataset.sent;
});
document.getElementById("loi")?.scrollIntoView({ block: "nearest" });
