// Lets a card answer back. All replies are on the page already, folded away; this brings out the one
// that an answer calls for.

for (const form of document.querySelectorAll("[data-card] form")) {
  const card = form.closest("[data-card]");
  const { answer } = form.elements;
  const predicts = card.dataset.kind === "predict";

  const button = document.createElement("button");
  button.textContent = predicts ? "Compare" : "Check";
  form.append(button);
  const status = document.createElement("div");
  status.setAttribute("role", "status");
  form.after(status);

  const words = (text) => text.toLowerCase().trim().replace(/\s+/g, " ");
  const number = (text) => Number(text.trim().replace("−", "-").replace(",", "."));
  const same = (known) =>
    typeof known === "string"
      ? words(answer.value) === words(known)
      : Math.abs(number(answer.value) - known) <= answer.dataset.tolerance;

  const say = (...lines) => status.replaceChildren(...lines.map(([word, reply]) => {
    const line = document.createElement("div");
    line.append(word, ...(reply?.cloneNode(true).childNodes ?? []));
    return line;
  }));

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if ("tolerance" in (answer.dataset ?? {}) && Number.isNaN(number(answer.value))) {
      return say(["A number is asked for, such as −0.5."]);
    }
    const reply =
      [...card.querySelectorAll("[data-answers]")].find((known) =>
        JSON.parse(known.dataset.answers).some(same),
      ) ?? card.querySelector('[data-reply="hint"], [data-reply="compare"]');
    if (predicts) return say(["", reply]);
    if (reply.dataset.reply === "right") return say(["Right: ", reply]);
    say(["Not yet: ", reply], ["", card.querySelector('[data-reply="again"]')]);
  });
}
