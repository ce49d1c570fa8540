// Applying, made easier: what was typed is kept by itself, files come in pieces and go on after a lost connection,
// the button that files can't be pressed twice. Without this file the same forms do the same things.
"use strict";

const root = document.documentElement;
root.classList.add("scripted");
const token = (form) => form.elements["csrfmiddlewaretoken"].value;

// --- keep what was typed ---
for (const form of document.querySelectorAll("form[data-autosave]")) {
  const saved = form.querySelector("[data-saved]");
  let timer = 0;
  let going = false;
  const save = async () => {
    if (going) return;
    const body = new URLSearchParams(new FormData(form));
    body.set("tu-luu", "1");
    try {
      const answer = await fetch(location.href, { method: "POST", body, redirect: "error" });
      saved.hidden = !answer.ok;
    } catch { saved.hidden = true; }
  };
  form.addEventListener("input", () => {
    saved.hidden = true;
    clearTimeout(timer);
    timer = setTimeout(save, 1500);
  });
  form.addEventListener("submit", () => { going = true; clearTimeout(timer); });
}

// --- file once ---
for (const form of document.querySelectorAll("form[data-once]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  addEventListener("pageshow", () => { sent = false; });
}

// --- files in pieces ---
const wait = (milliseconds) => new Promise((done) => {
  const timer = setTimeout(done, milliseconds);
  addEventListener("online", () => { clearTimeout(timer); done(); }, { once: true });
});

class Refused extends Error {}

async function ask(form, url, options) {
  const answer = await fetch(url, { redirect: "manual", ...options });
  if (answer.type === "opaqueredirect" || answer.status === 403) throw new Refused(form.dataset.ended);
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  if (answer.status === 409 && "offset" in told) return told;
  if (answer.status >= 500) throw new Error(String(answer.status));
  throw new Refused(told.error || "");
}

async function send(form, file, component, show) {
  const headers = { "X-CSRFToken": token(form) };
  const body = new URLSearchParams({ "thanh-phan": component, ten: file.name, co: String(file.size) });
  let at = null;
  for (let tries = 0; ;) {
    try {
      at = at || await ask(form, form.dataset.upload, { method: "POST", headers, body });
      while (!at.whole) {
        show(at.offset, form.dataset.sending);
        const piece = file.slice(at.offset, at.offset + Math.min(at.piece, 256 * 1024));
        const told = await ask(form, `${at.part}?tu=${at.offset}`, { method: "POST", headers, body: piece });
        at = { ...at, ...told };
        tries = 0;
      }
      return at;
    } catch (error) {
      if (error instanceof Refused) throw error;
      show(at ? at.offset : 0, form.dataset.waiting);
      await wait(Math.min(30000, 1000 * 2 ** tries++));
      if (at) at = { ...at, ...await ask(form, at.part, {}).catch(() => ({})) };
    }
  }
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  const status = form.querySelector("[data-status]");
  let running = 0;
  let queue = Promise.resolve();
  addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });
  form.addEventListener("change", (event) => {
    const input = event.target;
    if (input.type !== "file") return;
    const list = input.closest(".paper").querySelector("[data-files]");
    for (const file of [...input.files]) {
      const row = document.createElement("li");
      const name = document.createElement("span");
      const bar = document.createElement("progress");
      const words = document.createElement("span");
      name.textContent = file.name;
      words.className = "mute small";
      bar.max = Math.max(file.size, 1);
      bar.value = 0;
      bar.setAttribute("aria-label", file.name);
      row.append(name, bar, words);
      list.append(row);
      running += 1;
      queue = queue.then(async () => {
        const show = (offset, said) => {
          bar.value = offset;
          words.textContent = `${said} ${Math.floor(100 * offset / bar.max)} %`;
        };
        try {
          const at = await send(form, file, input.dataset.component, show);
          const link = document.createElement("a");
          link.className = "target";
          link.href = at.link;
          link.textContent = file.name;
          const drop = document.createElement("button");
          drop.className = "quiet";
          drop.name = "bo";
          drop.value = at.id;
          drop.textContent = form.dataset.drop;
          drop.setAttribute("aria-label", `${form.dataset.drop} ${file.name}`);
          words.textContent = form.dataset.whole;
          row.replaceChildren(link, words, drop);
          status.textContent = `${file.name}: ${form.dataset.whole}`;
        } catch (error) {
          bar.remove();
          words.className = "wrong small";
          words.textContent = `${form.dataset.failed}. ${error.message}`;
          status.textContent = `${file.name}: ${words.textContent}`;
        } finally { running -= 1; }
      });
    }
    input.value = "";
  });
  // A form sent while files are on their way waits for them.
  form.addEventListener("submit", (event) => {
    if (!running) return;
    event.preventDefault();
    const by = event.submitter;
    queue.then(() => form.requestSubmit(by));
  });
}
