// Graphs: named circles and the arrows between them, with numbers at both.
import { formula } from "./formula.js";
import { set, shape } from "./shapes.js";

const RADIUS = 15;
// Paper around text, which stays legible where a line passes below it.
const halo = (width) => ({ stroke: "var(--paper)", "stroke-width": width, "stroke-linejoin": "round", "paint-order": "stroke" });

/** A circle with its symbol, and beside it two lines of text, out of the way of its edges. */
function node(parent, [x, y, side], name, first) {
  const group = shape(parent, "g", { class: "node" });
  const circle = shape(group, "circle", { cx: x, cy: y, r: RADIUS, fill: "var(--paper)" });
  const symbol = shape(group, "text", { x, y: y + 5, "text-anchor": "middle", "font-size": 16 });
  formula(symbol, name);
  const lines = [6, 23].map((dy) => {
    const place = {
      x: x + side * (RADIUS + 6), y: y + dy - (first ? 10 : 0), "text-anchor": side > 0 ? "start" : "end", "font-size": 14.5,
    };
    // Two texts, for the halo of one letter would cover the letter before.
    return [shape(group, "text", { ...place, ...halo(4), fill: "var(--paper)", "aria-hidden": true }), shape(group, "text", place)];
  });
  /** Show the circle in a colour, and `texts`, each [formula, colour], beside it. */
  return ({ colour, strong, texts }) => {
    set(circle, { stroke: colour, "stroke-width": strong ? 3 : 1.5 });
    set(symbol, { fill: colour });
    lines.forEach((pair, i) => {
      const [words, fill] = texts[i] ?? ["", "none"];
      formula(pair[0], words);
      formula(set(pair[1], { fill }), words);
    });
  };
}

/** An arrow between two circles, either way, with text at its middle. */
function edge(parent, from, to) {
  const group = shape(parent, "g", { class: "edge", fill: "none" });
  const line = shape(group, "path");
  const text = shape(group, "text", { "text-anchor": "middle", "font-size": 14.5, ...halo(8) });
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const along = (distance) => from.map((start, i) => start + ((to[i] - start) * distance) / length);
  const middle = along(length / 2);
  set(text, { x: middle[0], y: middle[1] + 4 });
  /** Show the arrow in a colour, and `words` at its middle; `back` turns it round. */
  const show = ({ colour, strong, back, words }) => {
    const ends = [along(RADIUS + 2), along(length - RADIUS - 2)];
    const [[x1, y1], [x2, y2]] = back ? ends.reverse() : ends;
    const angle = Math.atan2(y2 - y1, x2 - x1);
    const barb = (turn) => `M${x2 - 8 * Math.cos(angle + turn)},${y2 - 8 * Math.sin(angle + turn)}L${x2},${y2}`;
    set(line, { d: `M${x1},${y1}L${x2},${y2}${barb(0.4)}${barb(-0.4)}`, stroke: colour, "stroke-width": strong ? 3 : 1.5 });
    set(text, { fill: colour, text: words });
  };
  return Object.assign(show, { along: (part) => along(length * part) });
}

/**
 * Circles with symbols `names` at `places`, [x, y, side of the text], and arrows for the `edges`,
 * [from, to], between them.
 */
export function graph(parent, places, names, edges) {
  const below = shape(parent, "g");
  const first = (i) => edges.every(([, to]) => to !== i);
  return {
    edges: edges.map(([i, j]) => edge(below, places[i], places[j])),
    nodes: places.map((place, i) => node(parent, place, names[i], first(i))),
  };
}
