// The page of a piece of work with a script: it saves by itself, keeps on the device what cannot be sent, and knows keys.
// Everything here is an extra: without it the buttons of the form do the same.
import { drafting, same, values } from "./draft.js";
import { handing } from "./handing.js";
import { forget, keep, look, post, records } from "./outbox.js";
import { count, fill, keys } from "./writing.js";

const RENEW_AFTER_MS = 15 * 60_000;
const [form, state, choice, lease] = ["work", "state", "ask", "lease"].map((id) => document.getElementById(id));
const field = (name) => form.elements.namedItem(name);
let held = Date.now();

function say(name, more = "") {
  state.textContent = `${state.dataset[name] ?? name} ${more}`.trim();
}

function shown(moment) {
  const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Date(moment).toLocaleTimeString(document.documentElement.lang, time);
}

function reserved(said) {
  held = Date.now();
  if (lease && said.lease) lease.textContent = said.lease;
}

// Two versions: nothing is saved until one is chosen.
function choose(said) {
  draft.paused = draft.dirty = true;
  choice.innerHTML = said.html;
  state.replaceChildren(Object.assign(document.createElement("a"), { href: "#versions", textContent: state.dataset.choose }));
  if (!document.activeElement?.closest("textarea, input")) choice.firstElementChild.focus();
  choice.onclick = (event) => {
    const chosen = event.target.closest("[data-keep]")?.dataset.keep;
    if (!chosen) return;
    event.preventDefault();
    if (chosen === "saved") fill(form, said.saved);
    if (chosen === "both") fill(form, joined(said.saved, values(form)));
    field("version").value = said.version;
    choice.replaceChildren();
    draft.paused = false;
    if (chosen !== "saved") return draft.now();
    draft.forget();
    say("saved");
  };
}

function joined(saved, own) {
  const both = { ...saved, ...own };
  for (const { name } of form.querySelectorAll("textarea")) {
    both[name] = [...new Set([saved[name], own[name]].filter(Boolean))].join("\n\n");
  }
  return both;
}

const draft = drafting(form, {
  say,
  newer: choose,
  saved(said) {
    say("saved", shown(said.saved_at));
    reserved(said);
  },
  refused(said) {
    if ("version" in said) field("version").value = said.version;
    say(said.detail);
  },
});

const hands = handing(form, draft, { say, choose });

hands.another = () => {
  draft.begin();
  fill(form, {});
  [field("version").value, field("key").value] = [0, draft.id];
  say("changed");
  form.querySelector("textarea").focus();
  look();
};

form.addEventListener("input", draft.changed);
form.addEventListener("submit", (event) => {
  if (hands.native) return;
  event.preventDefault();
  const act = event.submitter?.value ?? "save";
  if (act === "save") draft.now();
  else hands.send(act, event.submitter);
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") draft.leave();
});
addEventListener("pagehide", draft.leave);
addEventListener("online", () => draft.dirty && draft.queue());
addEventListener("beforeunload", (event) => {
  if (draft.dirty && !draft.kept) event.preventDefault(); // nobody else has these words
});
addEventListener("pageshow", (event) => {
  if (event.persisted && draft.stopped) location.reload(); // it was handed in meanwhile
});

// A reservation goes on while somebody is at work, also where nothing needs saving.
for (const kind of ["keydown", "pointerdown"]) {
  document.addEventListener(kind, () => {
    if (!lease || Date.now() - held < RENEW_AFTER_MS) return;
    held = Date.now();
    const fields = { csrf_token: field("csrf_token").value, by: field("by").value, do: "renew" };
    post(form.action, fields).then(({ said }) => reserved(said), () => {});
  });
}

// What an earlier page left on this device of this piece of work comes back into the form.
function begin() {
  const served = form.cloneNode(true);
  served.reset(); // without what the browser restored
  const given = values(served);
  const left = records().filter((one) => one.work === form.dataset.work);
  const one = left.find((each) => each.do && !each.refused) ?? left.at(-1);
  if ("refused" in form.dataset) {
    for (const each of left) if (same(each.fields, given)) forget(each);
    draft.changed();
  } else if (one && (one.do || !same(one.fields, given))) {
    fill(form, one.fields);
    field("version").value = one.version;
    if (one.do && !one.refused) {
      field("key").value = one.key;
      hands.takeUp(draft.record({ do: one.do }));
    } else draft.now();
    if (keep(draft.record({ do: one.refused ? undefined : one.do }))) forget(one);
    if (one.refused) choice.append(Object.assign(document.createElement("p"), { className: "message warn", textContent: one.refused }));
  } else {
    if (one) forget(one);
    if (!same(values(form), given)) draft.changed();
  }
  look();
}

for (const time of state.querySelectorAll("time")) time.textContent = shown(time.dateTime);
count(form);
keys(form, say);
// Whoever comes back to a page that the browser kept must not write on it: it may have been handed in since.
const [came] = performance.getEntriesByType("navigation");
if (came?.type === "back_forward" && came.transferSize === 0) location.reload();
else begin();
