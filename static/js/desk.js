// Keys of the review page: A accept, E accept with edits, R request changes. They only move the focus to the
// button: nothing is decided on a bare key. They work outside text fields and never while an input method composes.
const KEYS = { a: "accepted", e: "accepted_with_edits", r: "changes_requested" };

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("textarea, input, select")) return;
  const value = KEYS[event.key.toLowerCase()];
  const button = value && document.querySelector(`button[form=review][value=${value}]`);
  if (button) {
    event.preventDefault();
    button.focus();
  }
});
