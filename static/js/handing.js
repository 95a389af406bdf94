// Hands a piece of work in, skips it or gives it back. With the network gone a submission waits on the device, under the
// key that makes it one however often it is sent; it goes out when the network is back, or from any page opened later.
import { keep, post } from "./outbox.js";

const SETTLE_MS = 3000;
const TRY_AGAIN_MS = 15_000;
const HANDS_IN = ["submit", "good"];

export function handing(form, draft, { say, choose }) {
  const [waits, sure] = ["waits", "sure"].map((id) => document.getElementById(id));
  const areas = form.querySelectorAll("textarea");
  const hands = { native: false };
  let busy = false;
  let waiting = null; // the record that waits for the network
  let trying = false;

  hands.send = async (act, button) => {
    if (waiting) return again();
    if (busy) return;
    busy = true;
    draft.stop();
    say("sending");
    await Promise.race([draft.settled(), new Promise((done) => setTimeout(done, SETTLE_MS))]);
    const record = draft.record(HANDS_IN.includes(act) ? { do: act } : {});
    draft.kept = keep(record);
    await deliver(record, act, button);
  };

  async function deliver(record, act, button) {
    let answer;
    try {
      answer = await post(form.action, draft.sending(record.fields, act));
    } catch {
      if (HANDS_IN.includes(act) && draft.kept) return wait(record);
      hands.goOn();
      draft.changed();
      return say(draft.kept ? "needs" : "unkept");
    }
    const { ok, said } = answer;
    if (ok) {
      draft.forget();
      return location.assign(said.next);
    }
    if (draft.took(said)) return deliver(record, act, button);
    hands.goOn();
    if (said.code === "sure_needed") return ask(said);
    if (said.code !== "sign_in_needed") keep(draft.record());
    if (said.code === "draft_newer") return choose(said);
    // The server says why on the page that it shows to everybody, beside the field.
    hands.native = true;
    form.requestSubmit(button ?? document.querySelector(`.act button[value=${act}]`));
  }

  // What was typed is saved by now; whether it is put aside is for the person to say.
  function ask(said) {
    form.elements.namedItem("version").value = said.version;
    draft.forget();
    sure.lastElementChild.innerHTML = said.html;
    say("saved");
    sure.showModal();
  }

  sure.addEventListener("click", (event) => {
    if (!event.target.closest("[data-close]")) return;
    event.preventDefault();
    sure.close();
  });

  hands.goOn = () => {
    busy = false;
    waiting = null;
    waits.hidden = true;
    draft.stopped = false;
    for (const area of areas) area.readOnly = false;
  };

  function wait(record) {
    if (waits.hidden) {
      for (const area of areas) area.readOnly = true;
      waits.hidden = false;
      waits.focus();
    }
    waiting = record;
    say("waits");
  }

  // Goes on with a submission that an earlier page left on the device.
  hands.takeUp = (record) => {
    busy = true;
    draft.stop();
    wait(record);
    return again();
  };

  async function again() {
    if (!waiting || trying) return;
    trying = true;
    await deliver(waiting, waiting.do);
    trying = false;
  }

  waits.addEventListener("click", (event) => {
    const { act } = event.target.dataset;
    if (act === "again") again();
    if (act === "back" || act === "another") hands.goOn();
    if (act === "back") draft.now();
    if (act === "another") hands.another();
  });
  addEventListener("online", again);
  setInterval(again, TRY_AGAIN_MS);
  return hands;
}
