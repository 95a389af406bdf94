// The work page with a script: saves two seconds after the last change, counts characters, knows two keys.
// Everything here is an extra: without it the buttons of the form do the same.
import { count } from "./count.js";

const form = document.getElementById("work");
const state = document.getElementById("state");
const version = form.elements.namedItem("version");
const SAVE_AFTER_MS = 2000;
let timer = 0;
let dirty = false;
let sent = false;
let saving = Promise.resolve();

const words = (name) => state.dataset[name];

async function save() {
  window.clearTimeout(timer);
  if (!dirty || sent) return;
  dirty = false;
  state.textContent = words("saving");
  const body = new FormData(form);
  body.set("do", "save");
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body,
      headers: { Accept: "application/json", "X-Requested-With": "fragment" },
    });
    const said = await answer.json();
    if (answer.ok) {
      version.value = said.version;
      const time = new Date(said.saved_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      state.textContent = `${words("saved")} ${time}`;
    } else {
      state.textContent = said.detail;
    }
  } catch {
    dirty = true;
    state.textContent = words("offline");
    timer = window.setTimeout(queue, SAVE_AFTER_MS * 5);
  }
}

function queue() {
  saving = saving.then(save);
  return saving;
}

form.addEventListener("input", () => {
  dirty = true;
  window.clearTimeout(timer);
  timer = window.setTimeout(queue, SAVE_AFTER_MS);
});

// A submit beats a draft in flight.
form.addEventListener("submit", () => {
  sent = true;
  window.clearTimeout(timer);
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") queue();
});

// No key fires while an input method composes.
document.addEventListener("keydown", (event) => {
  if (event.isComposing || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  if (event.key === "Enter") {
    event.preventDefault();
    document.querySelector("button[form=work][value=submit]").click();
  } else if (event.key === "s") {
    event.preventDefault();
    dirty = true;
    queue();
  }
});

count(form);
