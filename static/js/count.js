// Counts what people see as characters (grapheme clusters) under each text field.
const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function graphemes(text) {
  let n = 0;
  for (const _ of segments.segment(text.normalize("NFC"))) n += 1;
  return n;
}

export function count(form) {
  for (const area of form.querySelectorAll("textarea[data-count]")) {
    const shown = document.createElement("p");
    shown.className = "under";
    area.after(shown);
    const show = () => {
      shown.textContent = area.dataset.count.replace("0", graphemes(area.value).toLocaleString());
    };
    area.addEventListener("input", show);
    show();
  }
}
