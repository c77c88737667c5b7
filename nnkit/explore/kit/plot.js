// A plot: two axes that can be rescaled, linear or logarithmic, with lines and bands between them.
import { scaleLinear, scaleLog, scaleSqrt } from "d3-scale";
import { set, shape } from "./shapes.js";

const SCALES = { linear: scaleLinear, log: scaleLog, sqrt: scaleSqrt };

/** A power of ten as code writes it where it is long: 0.01, 100, 1e-9. */
const decade = (exponent) => (Math.abs(exponent) < 4 ? String(Number(`1e${exponent}`)) : `1e${exponent}`);

/** About `count` ticks of a scale, each with its label; those of a logarithmic one are powers of ten. */
function ticks(scale, kind, count) {
  if (kind !== "log") return scale.ticks(count).map((value) => [value, String(value)]);
  const [low, high] = scale.domain().map(Math.log10);
  const apart = [1, 2, 3, 5, 10, 20, 30].find((step) => (high - low) / step <= count);
  const exponents = [];
  for (let e = Math.ceil(low / apart) * apart; e <= high; e += apart) exponents.push(e);
  return exponents.map((e) => [10 ** e, decade(e)]);
}

/** The path through points [x, y], in the drawing's units; null leaves a gap. */
const path = (points) =>
  points.map((point, i) => (point ? `${points[i - 1] ? "L" : "M"}${point.map((at) => at.toFixed(1))}` : "")).join("");

/**
 * Draw a plot whose inside has this position and size. `x` and `y` are { kind, count }: "linear", "log" or
 * "sqrt", and about how many ticks the axis has; `x` has a `label` as well. Returns the scales, the `group` of
 * it all, `rescale`, which sets the ends of both axes, and `line` and `band`, which make what draws values: a
 * NaN leaves a gap.
 */
export function plot(parent, { left, top, width, height, x: across, y: up }) {
  const x = SCALES[across.kind]().range([0, width]);
  const y = SCALES[up.kind]().range([height, 0]);
  const group = shape(parent, "g", { transform: `translate(${left},${top})`, "font-size": 14.5 });
  const grid = shape(group, "g", { fill: "var(--muted)" });
  // A drawing within the drawing: it clips what it holds.
  const inside = shape(group, "svg", { width, height });
  shape(group, "text", { x: -8, y: height + 19, "text-anchor": "end", fill: "var(--muted)", text: across.label });
  const at = (xs, ys) => Array.from(ys, (value, i) => (Number.isNaN(value) ? null : [x(xs[i]), y(value)]));
  return {
    x, y, group,
    rescale(xEnds, yEnds) {
      x.domain(xEnds);
      y.domain(yEnds);
      grid.replaceChildren();
      for (const [value, text] of ticks(y, up.kind, up.count)) {
        shape(grid, "path", { d: `M0,${y(value)}H${width}`, stroke: "var(--line)" });
        shape(grid, "text", { x: -8, y: y(value) + 4.5, "text-anchor": "end", text });
      }
      for (const [value, text] of ticks(x, across.kind, across.count)) {
        shape(grid, "text", { x: x(value), y: height + 19, "text-anchor": "middle", text });
      }
    },
    line(attributes) {
      const drawn = shape(inside, "path", { fill: "none", "stroke-width": 2, "stroke-linejoin": "round", ...attributes });
      return (xs, ys) => set(drawn, { d: path(at(xs, ys)) });
    },
    band(attributes) {
      const drawn = shape(inside, "path", { "fill-opacity": 0.18, ...attributes });
      return (xs, lows, highs) => set(drawn, { d: `${path([...at(xs, highs), ...at(xs, lows).reverse()])}Z` });
    },
  };
}
