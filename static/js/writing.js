// Help while writing: fields filled in, counts under them, and keys. Nothing fires while an input method composes, and bare
// keys work outside text fields only.
const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const MAC = /Mac|iP(hone|ad)/.test(navigator.platform);
const TEXT = "textarea, select, input:not([type=radio], [type=checkbox])";

function graphemes(text) {
  let n = 0;
  for (const _ of segments.segment(text.normalize("NFC"))) n += 1;
  return n;
}

// Counts what people see as characters (grapheme clusters).
export function count(form) {
  for (const area of form.querySelectorAll("textarea[data-count]")) {
    const shown = document.createElement("p");
    shown.className = "under";
    area.after(shown);
    const show = () => {
      const number = graphemes(area.value).toLocaleString(document.documentElement.lang);
      shown.textContent = area.dataset.count.replace("0", number);
    };
    area.addEventListener("input", show);
    form.addEventListener("filled", show);
    show();
  }
}

// Puts what was typed elsewhere into the fields.
export function fill(form, typed) {
  for (const control of form.querySelectorAll("textarea, input:not([type=hidden])")) {
    const value = typed[control.name] || "";
    if (control.type === "radio") control.checked = control.value === value;
    else if (control.value !== value) {
      control.value = value;
      control.closest("details")?.setAttribute("open", "");
    }
  }
  form.dispatchEvent(new Event("filled"));
}

// The letter on a key, also where the layout writes no Latin letters.
const letter = ({ key, code }) => (/^[a-z]$/i.test(key) ? key : code.replace(/^Key/, "")).toLowerCase();

const figure = ({ key, code, shiftKey }) =>
  /^[1-5]$/.test(key) ? key : shiftKey ? undefined : /^(?:Digit|Numpad)([1-5])$/.exec(code)?.[1];

export function keys(form, say) {
  const help = document.getElementById("keys");
  const button = (act) => document.querySelector(`.act button[value=${act}]`);
  const groups = [...form.querySelectorAll("fieldset:has(> .scale)")];
  let last = groups[0];

  // What has the focus is rated; else the first that is not rated yet; else the one that was rated last.
  function rate(value) {
    const focused = groups.find((group) => group.contains(document.activeElement));
    last = focused ?? groups.find((group) => !group.querySelector(":checked")) ?? last;
    const choice = last?.querySelector(`input[value="${value}"]`);
    if (!choice) return false;
    choice.checked = true;
    choice.dispatchEvent(new Event("input", { bubbles: true }));
    say(`${last.querySelector("legend").textContent} ${value}`);
    return true;
  }

  function act(event) {
    const inText = event.target.closest?.(TEXT);
    const chord = event.ctrlKey || event.metaKey;
    if (chord && !event.altKey && !event.shiftKey) {
      const pressed = event.key === "Enter" ? "submit" : letter(event) === "s" ? "save" : undefined;
      if (pressed && !event.repeat) button(pressed).click();
      return pressed;
    }
    if (chord || event.getModifierState("AltGraph")) return false;
    if (event.altKey) {
      // On a Mac this chord writes a letter.
      if (letter(event) !== "s" || event.shiftKey || (MAC && inText) || !button("skip")) return false;
      if (!event.repeat) button("skip").click();
      return true;
    }
    if (inText) {
      if (event.key === "Escape") event.target.blur();
      return false;
    }
    if (event.key === "?") {
      help.showModal();
      return true;
    }
    return figure(event) && rate(figure(event));
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || document.querySelector("dialog[open]")) return;
    if (act(event)) event.preventDefault();
  });

  const names = { submit: "Control+Enter", save: "Control+S", skip: "Alt+S" };
  for (const [name, chord] of Object.entries(names)) {
    button(name)?.setAttribute("aria-keyshortcuts", MAC ? chord.replace("Control", "Meta") : chord);
  }
  if (MAC) {
    for (const key of document.querySelectorAll("kbd")) {
      key.textContent = key.textContent.replace("Ctrl", "⌘").replace("Alt", "⌥");
    }
  }
  const open = document.getElementById("all-keys");
  open.hidden = false;
  open.addEventListener("click", () => help.showModal());
  document.documentElement.dataset.keys = ""; // the hints on the buttons hold true now
}
