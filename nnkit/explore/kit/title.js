// A title above a drawing.
import { shape } from "./shapes.js";

/** Write a title of `parts`, each [words, colour], so that what it names has its colour. */
export function title(parent, y, parts) {
  const text = shape(parent, "text", { y, "font-size": 14.5 });
  for (const [words, colour] of parts) shape(text, "tspan", { text: words, fill: `var(--${colour})` });
}
