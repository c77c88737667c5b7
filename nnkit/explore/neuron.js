// Draws what neuron.py computes.
import { set, shape } from "./kit/kit.js";

function view(svg) {
  set(svg, { viewBox: "0 0 400 300", "font-size": 15 });
  shape(svg, "path", { d: "M0,280H400M200,20V280M194,20h12", stroke: "var(--line)" });
  shape(svg, "text", { x: 212, y: 26, fill: "var(--muted)", text: "1" });
  shape(svg, "text", { x: 388, y: 296, fill: "var(--muted)", text: "x" });
  const paint = { fill: "none", stroke: "var(--model)", "stroke-width": 2 };
  const curve = shape(svg, "polyline", paint);
  return ({ a }) =>
    set(curve, { points: Array.from(a.data, (a, i) => [5 * i, 280 - 260 * a]) });
}

function describe({ a }) {
  const [low, mid, high] = [0, 40, 80].map((i) => a.data[i].toFixed(2));
  return `The activation is ${low} at x = −2, ${mid} at 0, ${high} at 2.`;
}

export const explorable = { describe, view };
