// Formulas and numbers as text.
import { shape } from "./shapes.js";

const LETTER = /(?<![a-z])([a-z])(?:(\d)|(?![a-z]))|[^a-z]+|[a-z]+/gi;

/** Set a formula into a text element: letters on their own are italic, a digit after them a subscript. */
export function formula(text, words) {
  text.replaceChildren();
  let back = 0;
  for (const [plain, letter, index] of words.matchAll(LETTER)) {
    shape(text, "tspan", { text: letter ?? plain, dy: back, ...(letter && { "font-style": "italic" }) });
    back = index ? -3 : 0;
    if (index) shape(text, "tspan", { text: index, dy: 3, "font-size": "0.8em" });
  }
}

/** A number with some decimals, halves away from zero, and a minus that is as long as a plus. */
export function decimal(value, places) {
  const units = Math.floor(Math.abs(value) * 10 ** places + 0.5);
  const digits = String(units).padStart(places + 1, "0");
  return `${value < 0 && units > 0 ? "−" : ""}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
