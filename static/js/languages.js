// Choosing languages without a reload. Without this script the same buttons send the form and the server answers.
const list = document.querySelector("fieldset.languages");
if (list) {
  const search = list.querySelector('input[type="search"]');
  const offers = list.querySelector(".offers");
  const chosen = list.querySelector(".chosen-list");
  let waiting;
  let latest = 0;

  const fragment = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "text/html", "X-Requested-With": "fragment" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  };

  const find = async () => {
    const turn = ++latest;
    const query = new URLSearchParams({ q: search.value });
    for (const field of chosen.querySelectorAll('input[name="language"]')) query.append("language", field.value);
    try {
      const found = await fragment(`${list.dataset.offers}?${query}`);
      if (turn === latest) offers.innerHTML = found; // an older answer must not overtake a newer one
    } catch {
      // The search button still works; nothing typed is lost.
    }
  };

  search.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (!event.isComposing) waiting = setTimeout(find, 200);
  });
  search.addEventListener("compositionend", find);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      find();
    }
  });

  list.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button || button.form === null) return;
    if (button.name === "find") {
      event.preventDefault();
      find();
    } else if (button.name === "add") {
      event.preventDefault();
      try {
        chosen.insertAdjacentHTML("beforeend", await fragment(button.dataset.card));
      } catch {
        button.form.requestSubmit(button);
        return;
      }
      search.value = "";
      chosen.lastElementChild.querySelector("select").focus();
      find();
    } else if (button.name === "remove") {
      event.preventDefault();
      button.closest(".chosen").remove();
      search.focus();
      find();
    }
  });
}
