// Lets a card answer back. All replies are on the page already, folded away; this brings out the one
// that an answer calls for.

// Words without what does not count: case, spaces, a full stop at the end, an article at the beginning.
const words = (text) =>
  text.toLowerCase().trim().replace(/\s+/g, " ").replace(/ ?\.$/, "").replace(/^(an?|the) /, "");

// What a text says as a decimal number, NaN if it says none. Commas before groups of three digits mark
// thousands, any other comma the decimals; `number` in deck.py reads alike.
const NUMBER = /^[+-]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)(e[+-]?[0-9]+)?$/i;
const THOUSANDS = /^[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(?=[.e]|$)/i;

export function number(text) {
  const plain = text.trim().replaceAll("−", "-").replace(THOUSANDS, (digits) => digits.replaceAll(",", ""));
  return NUMBER.test(plain) ? Number(plain.replace(",", ".")) : NaN;
}

// Whether an answer is one that a card knows: words, also as numbers, or a number to within a tolerance;
// `matches` in deck.py judges alike.
export const same = (given, known, tolerance) =>
  typeof known === "string"
    ? words(given) === words(known) || number(words(given)) === number(words(known))
    : Math.abs(number(given) - known) <= tolerance;

const BUTTON = { qa: "Show the answer", cloze: "Fill the gap", predict: "Compare" };

// Where a reader may read again, as a copy of the card's own links.
export const again = (card) => copy(card.querySelector('[data-reply="again"]'));

const copy = (reply) => [...(reply?.cloneNode(true).childNodes ?? [])];

// `said` is told which reply was given: right, wrong, hint, or compare where the reader is the judge.
export function enliven(card, said = () => {}) {
  const form = card.querySelector("form");
  const { answer } = form.elements;

  const button = document.createElement("button");
  button.textContent = BUTTON[card.dataset.kind] ?? "Check";
  form.append(button);
  const status = document.createElement("div");
  status.setAttribute("role", "status");
  form.after(status);

  const say = (...lines) => status.replaceChildren(...lines.map((parts) => {
    const line = document.createElement("div");
    line.append(...parts);
    return line;
  }));

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if ("tolerance" in (answer?.dataset ?? {}) && Number.isNaN(number(answer.value))) {
      return say(["A number is asked for, such as −0.5."]);
    }
    const reply =
      [...card.querySelectorAll("[data-answers]")].find((known) =>
        JSON.parse(known.dataset.answers).some((one) => same(answer.value, one, answer.dataset?.tolerance)),
      ) ?? card.querySelector('[data-reply="hint"], [data-reply="compare"]');
    const verdict = reply.dataset.reply;
    if (verdict === "compare") say(copy(reply));
    else if (verdict === "right") say(["Right: ", ...copy(reply)]);
    else say(["Not yet: ", ...copy(reply)], again(card));
    said(verdict);
  });
}
