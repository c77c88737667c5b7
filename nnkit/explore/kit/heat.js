// A heat map in flat bands: what lies above the middle in one colour, what lies below it in another.
import { contours } from "d3-contour";
import { set, shape } from "./shapes.js";

/**
 * Positions at which to sample a square between `low` and `high` along both axes for a map of n by n cells:
 * (n + 2)² pairs, row by row from the top, those of one more cell on every side among them.
 */
export function samples(n, low, high) {
  const at = (i) => low + ((i - 0.5) * (high - low)) / n;
  const pairs = new Float64Array(2 * (n + 2) ** 2);
  for (let i = 0; i < pairs.length / 2; i++) {
    pairs[2 * i] = at(i % (n + 2));
    pairs[2 * i + 1] = at(n + 1 - Math.floor(i / (n + 2)));
  }
  return pairs;
}

/**
 * Draw a map of `size` units at (`x`, `y`). Each of the `levels`, which rise from 0, begins a darker band on
 * both sides of 0, where a line of width `line` runs. Returns a function that draws values at `samples` of n by n cells.
 */
export function heat(parent, { x = 0, y = 0, size, n, levels, above, below, line, ...attributes }) {
  // A drawing within the drawing: it clips the cells beyond the edge.
  const inside = shape(parent, "svg", { x, y, width: size, height: size, ...attributes });
  const cell = size / n;
  const bands = [[1, above], [-1, below]].flatMap(([sign, fill]) =>
    levels.map((level) => ({ sign, level, band: shape(inside, "path", { fill, "fill-opacity": 0.07 }) })));
  const middle = shape(inside, "path", { fill: "none", stroke: above, "stroke-width": line });
  const map = contours().size([n + 2, n + 2]);
  const ring = (points) => points.map(([a, b]) => `${((a - 1) * cell).toFixed(1)},${((b - 1) * cell).toFixed(1)}`).join("L");
  return (values) => {
    const mirrored = values.map((value) => -value);
    for (const { sign, level, band } of bands) {
      const { coordinates } = map.contour(sign > 0 ? values : mirrored, level);
      set(band, { d: coordinates.flat().map((points) => `M${ring(points)}Z`).join("") });
    }
    set(middle, { d: bands[0].band.getAttribute("d") });
  };
}
