// Handles: numbers that are set in the drawing itself, by pointer, touch or keys.
import { multiple } from "./positions.js";
import { set, shape } from "./shapes.js";

/**
 * A round handle for one number between `low` and `high`, a multiple of `step`. While it is
 * dragged `change` gets the number that `from` reads off the pointer's place, in the units of the
 * drawing. Returns a function that shows a number, at a place.
 */
export function handle(parent, { label, low, high, step, colour = "var(--model)" }, from, change) {
  const svg = parent.ownerSVGElement ?? parent;
  const made = shape(parent, "g", {
    class: "handle", tabindex: 0, role: "slider",
    "aria-label": label, "aria-valuemin": low, "aria-valuemax": high,
  });
  shape(made, "circle", { r: 15, fill: "transparent" });
  shape(made, "circle", { r: 6, fill: colour });
  let now = 0;
  let held = false;
  const go = (value) => {
    const next = multiple(Math.round(Math.min(high, Math.max(low, value)) / step), step);
    if (next !== now) change((now = next)); // the answer may be long in coming
  };
  made.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    made.setPointerCapture(event.pointerId);
    held = true;
  });
  made.addEventListener("pointermove", (event) => {
    if (!held) return;
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    go(from(x, y));
  });
  for (const end of ["pointerup", "pointercancel"]) made.addEventListener(end, () => (held = false));
  // touch-action does not reach the parts of a drawing: this keeps the page from scrolling.
  made.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  made.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    const end = { Home: low, End: high }[event.key];
    if ((steps === undefined && end === undefined) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    go(end ?? now + steps * step);
  });
  return (value, x, y, text) => {
    now = value;
    set(made, { transform: `translate(${x},${y})`, "aria-valuenow": value, "aria-valuetext": text });
  };
}

/** A handle on a line of its own, `width` long, from (`x`, `y`) to the right. */
export function rail(parent, { x, y, width, ...number }, change) {
  const { low, high } = number;
  shape(parent, "path", { d: `M${x},${y}h${width}M${x + width / 2},${y - 4}v8`, stroke: "var(--line)", "stroke-width": 2 });
  const show = handle(parent, number, (px) => low + ((high - low) * (px - x)) / width, change);
  return (value, text) => show(value, x + (width * (value - low)) / (high - low), y, text);
}
