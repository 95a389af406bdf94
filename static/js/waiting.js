// Lists what waits on this device for the person who is signed in, and sends it: each text once, under its key, with a
// token fetched anew. What the server refuses stays here, with the reason, until the person opens or deletes it.
import { forget, keep, mine, person, post, records } from "./outbox.js";
import { same, values } from "./draft.js";

const TRY_AGAIN_MS = 30_000;
const SHOW_AFTER_MS = 1000;
const words = document.getElementById("device").dataset;
const list = make("section", { className: "card waiting", ariaLabel: words.one });
const told = make("p", { className: "message done", role: "status", hidden: true });
let running = false;

function make(tag, facts = {}, ...children) {
  const made = Object.assign(document.createElement(tag), facts);
  made.append(...children);
  return made;
}

const waiting = () => records().filter((one) => !mine.has(one.id));
const path = (one) => new URL(one.url, location.origin).pathname;

function shown(one) {
  const texts = Object.entries(one.marks)
    .filter(([name]) => one.fields[name])
    .map(([name, { lang, dir }]) => make("p", { className: "text small", lang, dir, textContent: one.fields[name] }));
  const drop = make("button", { type: "button", className: "plain", textContent: words.delete });
  drop.onclick = () => {
    if (drop.dataset.asked) {
      forget(one);
      draw();
    } else {
      drop.dataset.asked = "yes";
      drop.textContent = words.sure;
    }
  };
  const open = make("a", { className: "also", href: path(one), textContent: words.open });
  const state = one.refused || (one.do ? words.waiting : words.draft);
  return make(
    "li",
    {},
    make("p", {}, make("strong", {}, one.about), " · ", make("bdi", {}, one.project), " · ", state),
    make("details", {}, make("summary", {}, words.show), ...texts),
    make("p", { className: "cluster" }, open, drop),
  );
}

function draw() {
  const found = waiting();
  const title = found.length === 1 ? words.one : words.many.replace("{n}", found.length);
  const leaving = document.querySelector('form[action*="/sign-out"]') ? [make("p", {}, words.leaving)] : [];
  list.replaceChildren(
    make("h2", {}, title),
    make("p", { className: "quiet" }, words.why),
    ...leaving,
    make("ul", { className: "plain" }, ...found.map(shown)),
  );
  list.hidden = found.length === 0;
  if (!list.isConnected) document.querySelector("h1").after(told, list);
}

// Sends one, or says why it stays. The page that is fetched tells who is signed in now: another tab may have changed that.
async function settle(one) {
  const headers = { Accept: "text/html", "X-Requested-With": "fragment" };
  const answer = await fetch(path(one), { headers, signal: AbortSignal.timeout(30_000) });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.getElementById("device")?.dataset.token;
  if (!token || page.documentElement.dataset.person !== person) return;
  const form = page.getElementById("work");
  if (!one.do) {
    if (form && same(values(form), one.fields)) return forget(one);
    if (one.version !== form?.elements.namedItem("version").value) return; // two versions: the person chooses
  }
  const own = { csrf_token: token, version: one.version, key: one.key, by: person, do: one.do ?? "save", stay: "yes" };
  const { ok, said } = await post(path(one), { ...one.fields, ...own });
  if (ok) {
    forget(one);
    told.textContent = `${one.do ? words.sent : words.saved} ${one.about}`;
    told.hidden = false;
  } else if (said.code !== "sign_in_needed") keep({ ...one, refused: said.detail });
}

export async function run() {
  if (running) return;
  running = true;
  const late = setTimeout(draw, SHOW_AFTER_MS); // what is settled at once needs no words
  for (const one of waiting()) {
    if (!one.refused) await settle(one).catch(() => {}); // no network yet: it waits on
  }
  running = false;
  clearTimeout(late);
  draw();
}

// Before somebody leaves a device that others use, they hear what stays on it.
for (const form of document.querySelectorAll('form[action*="/sign-out"]')) {
  form.addEventListener("submit", (event) => {
    if (waiting().length === 0 || form.dataset.asked) return;
    event.preventDefault();
    form.dataset.asked = "yes";
    form.querySelector("button").textContent = words.leave;
    list.tabIndex = -1;
    list.focus();
  });
}

setInterval(() => waiting().length && run(), TRY_AGAIN_MS);
