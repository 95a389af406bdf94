// What waits on this device: texts typed or sent while there was no network, each a record under the person who wrote
// it. Whoever else signs in here neither sees nor sends them. This is on every page: it stays small.
export const person = document.documentElement.dataset.person;
const PREFIX = `annotator:text:${person}:`;

// A browser may keep nothing (or no more): then nothing is found, and `keep` says no.
const tried = (act, or) => {
  try {
    return act();
  } catch {
    return or;
  }
};

export const records = () =>
  tried(() => Object.entries(localStorage), [])
    .filter(([name]) => name.startsWith(PREFIX))
    .flatMap(([name, value]) => tried(() => [{ ...JSON.parse(value), id: name.slice(PREFIX.length) }], []))
    .sort((one, other) => one.at - other.at);

export const keep = (record) => tried(() => (localStorage.setItem(PREFIX + record.id, JSON.stringify(record)), true), false);

export const forget = (record) => tried(() => localStorage.removeItem(PREFIX + record.id));

// Sends a form as our scripts do. Throws where nothing of ours answered (no network, the sign-in page of a café, a
// server in trouble): then the same may be sent again.
export async function post(address, fields, keepalive = false) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  const headers = { Accept: "application/json", "X-Requested-With": "fragment" };
  const answer = await fetch(address, { method: "POST", body, headers, keepalive, signal: AbortSignal.timeout(30000) });
  const said = await answer.json();
  if (answer.status === 429 || answer.status > 499) throw new Error(said.detail);
  return { ok: answer.ok, said };
}

export const mine = new Set(); // records that the open piece of work sees to itself
export const look = () =>
  person && records().some((one) => !mine.has(one.id)) && import("./waiting.js").then((list) => list.run(), () => {});
if (!document.getElementById("work")) look();
addEventListener("online", look);
