// Saves what is typed: on this device at once, on the server two seconds after the last change and on leaving. Two tabs
// never overwrite each other: what the server has and this tab did not write is shown beside this tab's text.
import { forget, keep, mine, post } from "./outbox.js";

const SAVE_AFTER_MS = 2000;
const KEEP_EVERY_MS = 250;
const TRY_AGAIN_MS = 10_000;
const MOST_ON_LEAVING = 60_000; // bytes; browsers refuse more from a page that closes, and then the device has it
const MOST_REMEMBERED = 20;
const OURS = ["csrf_token", "version", "key", "by"];

export function values(form) {
  const typed = [...new FormData(form)].filter(([name]) => !OURS.includes(name));
  return Object.fromEntries(typed.map(([name, value]) => [name, value.replaceAll("\r\n", "\n")]));
}

export function same(one, other) {
  return Object.keys({ ...one, ...other }).every((name) => (one[name] || "") === (other[name] || ""));
}

export function drafting(form, { say, newer, refused, saved }) {
  const field = (name) => form.elements.namedItem(name);
  const lately = { kept: [], sent: [] }; // what this tab had in its fields: on the server it is no other tab's
  const draft = { dirty: false, kept: true, stopped: false, paused: false };
  let keeping;
  let timer;
  let flight = Promise.resolve();

  draft.begin = () => {
    mine.delete(draft.id);
    draft.id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
    draft.dirty = false;
    mine.add(draft.id);
  };

  draft.sending = (fields, act) => ({
    ...fields,
    ...Object.fromEntries(OURS.map((name) => [name, field(name).value])),
    do: act,
  });

  draft.record = (more) => {
    const areas = [...form.querySelectorAll("textarea")];
    return {
      id: draft.id,
      at: Date.now(),
      about: document.querySelector("h1").textContent,
      url: form.action,
      work: form.dataset.work,
      project: form.dataset.project,
      marks: Object.fromEntries(areas.map((area) => [area.name, { lang: area.lang, dir: area.dir }])),
      fields: values(form),
      version: field("version").value,
      key: field("key").value,
      ...more,
    };
  };

  const remember = (list, typed) => list.push(typed) > MOST_REMEMBERED && list.shift();

  const keepHere = () => {
    keeping = clearTimeout(keeping);
    const record = draft.record();
    remember(lately.kept, record.fields);
    draft.kept = keep(record);
  };

  // A newer draft that this very tab wrote (the answer got lost on its way) is no conflict: go on from it.
  draft.took = (said) => {
    if (said.code !== "draft_newer") return false;
    if (![...lately.kept, ...lately.sent].some((typed) => same(typed, said.saved))) return false;
    field("version").value = said.version;
    return true;
  };

  async function save(leaving) {
    clearTimeout(timer);
    if (!draft.dirty || draft.stopped || draft.paused) return;
    keepHere();
    draft.dirty = false;
    say("saving");
    const fields = values(form);
    remember(lately.sent, fields);
    const light = new Blob(Object.values(fields)).size < MOST_ON_LEAVING;
    try {
      const { ok, said } = await post(form.action, draft.sending(fields, "save"), leaving && light);
      if (ok) field("version").value = said.version;
      if (draft.stopped) return;
      if (ok) {
        if (!draft.dirty) forget(draft);
        saved(said);
      } else if (draft.took(said)) {
        draft.dirty = true;
        await save();
      } else if (said.code === "draft_newer") newer(said);
      else refused(said);
    } catch {
      if (draft.stopped) return;
      draft.dirty = true;
      say(draft.kept ? "offline" : "unkept");
      timer = setTimeout(draft.queue, TRY_AGAIN_MS);
    }
  }

  draft.queue = (leaving = false) => (flight = flight.then(() => save(leaving)));
  draft.settled = () => flight;

  draft.changed = () => {
    if (draft.stopped) return;
    draft.dirty = true;
    keeping ||= setTimeout(keepHere, KEEP_EVERY_MS);
    clearTimeout(timer);
    timer = setTimeout(draft.queue, SAVE_AFTER_MS);
  };

  draft.now = () => {
    draft.dirty = true;
    return draft.queue();
  };

  draft.leave = () => {
    if (draft.stopped || !draft.dirty) return;
    keepHere();
    draft.queue(true);
  };

  // While something is handed in, nothing is saved: a submission beats a draft in flight.
  draft.stop = () => {
    draft.stopped = true;
    draft.dirty = false;
    clearTimeout(timer);
    keeping = clearTimeout(keeping);
  };

  draft.forget = () => {
    draft.dirty = false;
    forget(draft);
  };

  draft.begin();
  return draft;
}
