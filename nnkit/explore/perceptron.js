// The perceptron's view, and its rule once more for points that are being dragged.
import { glide, movable, plane, set, shape } from "./kit/kit.js";

const PASSES = 25;

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const times = (a, c) => [a[0] * c, a[1] * c, a[2] * c];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

/** The largest margin of any vector over all z (see `largest_margin` in perceptron.py). */
function largestMargin(z) {
  let best = -Infinity;
  const attempt = (w) => {
    const length = Math.sqrt(dot(w, w));
    if (length > 0) best = Math.max(best, Math.min(...z.map((sample) => dot(w, sample))) / length);
  };
  for (let i = 0; i < z.length; i++) {
    attempt(z[i]);
    for (let j = i + 1; j < z.length; j++) {
      const across = minus(z[j], z[i]);
      attempt(minus(times(z[i], dot(across, across)), times(across, dot(z[i], across))));
      for (let k = j + 1; k < z.length; k++) {
        const normal = cross(across, minus(z[k], z[i]));
        attempt(normal);
        attempt(times(normal, -1));
      }
    }
  }
  return best;
}

/** The answer of `Perceptron.compute` in perceptron.py, for given points. */
export function compute({ points, bias }) {
  const z = points.map(([x1, x2, y]) => times([x1, x2, bias ? 1 : 0], y));
  const weights = [[0, 0, 0]];
  const mistakes = [];
  let converged = false;
  for (let pass = 0; pass < PASSES && !converged; pass++) {
    converged = true;
    z.forEach((sample, i) => {
      const w = weights.at(-1);
      if (dot(w, sample) > 0) return;
      mistakes.push(i);
      weights.push([w[0] + sample[0], w[1] + sample[1], w[2] + sample[2]]);
      converged = false;
    });
  }
  const margin = largestMargin(z);
  const radius = Math.sqrt(Math.max(...z.map((sample) => dot(sample, sample))));
  const wrong = weights.map((w) => z.filter((sample) => dot(w, sample) <= 0).length);
  const array = (shape, data) => ({ shape, data });
  return {
    x: array([points.length, 2], points.flatMap(([x1, x2]) => [x1, x2])),
    y: array([points.length], points.map((point) => point[2])),
    mistakes: array([mistakes.length], mistakes),
    weights: array([weights.length, 3], weights.flat()),
    wrong: array([wrong.length], wrong),
    converged: array([], [Number(converged)]),
    bias: array([], [Number(bias)]),
    bound: array([], [margin > 0 ? (radius / margin) ** 2 : Infinity]),
  };
}

/** The bound as a whole number, or null if there is none. */
const limitOf = ({ bound }) => (Number.isFinite(bound.data[0]) ? Math.floor(bound.data[0] + 1e-6) : null);

/** The words of `describe` in perceptron.py. */
export function describe(answer, time) {
  const { mistakes, wrong, y, converged, bias } = answer;
  const [n, k, limit] = [y.shape[0], mistakes.shape[0], limitOf(answer)];
  if (time === 0) return `Before the first mistake: w is zero, and none of the ${n} points is right.`;
  const point = mistakes.data[time - 1];
  const turn = y.data[point] > 0 ? "towards" : "away from";
  const left = wrong.data[time];
  let now = "Every point is right";
  if (left > 0) now = `${left} of ${n} points ${left === 1 ? "is" : "are"} wrong`;
  let of = `${k}`;
  let rest = time === k ? `, so it was the last; the bound allowed ${limit}.` : ".";
  if (!converged.data[0]) {
    of = `the first ${k}`;
    const line = bias.data[0] ? "straight line" : "line through the origin";
    rest = `. No ${line} separates these points: the mistakes never end.`;
    if (limit !== null) rest = `. It goes on, but not for ever: the bound allows ${limit} mistakes.`;
  }
  return `Mistake ${time} of ${of}, on point ${point + 1}: w turns ${turn} it. ${now}${rest}`;
}

/** Ends of the line w . (x, 1) = 0 within the square [-side, side], or null if it is outside. */
function boundary([a, b, c], side) {
  const length = Math.hypot(a, b);
  if (length === 0) return null;
  const [nx, ny] = [a / length, b / length];
  const far = 2 * side;
  const foot = [(-c / length) * nx, (-c / length) * ny];
  if (Math.hypot(...foot) > far) return null;
  return [foot[0] - far * ny, foot[1] + far * nx, foot[0] + far * ny, foot[1] - far * nx];
}

const SIZE = 400;

function view(svg, { points }, change, { tool, hint }) {
  set(svg, { viewBox: `0 0 ${SIZE} ${SIZE + 48}` });
  shape(svg, "rect", { width: SIZE, height: SIZE, fill: "transparent" });
  // A drawing within the drawing: it clips what it holds.
  const inside = shape(svg, "svg", { width: SIZE, height: SIZE, "pointer-events": "none", "aria-hidden": true });
  const half = shape(inside, "path", { class: "half", fill: "var(--model)", "fill-opacity": 0.08 });
  const { x, y } = plane(inside, { low: points.low, high: points.high, size: SIZE });
  const before = shape(inside, "line", { class: "before", stroke: "var(--model)", "stroke-width": 1, "stroke-dasharray": "3 4" });
  const line = shape(inside, "line", { class: "boundary", stroke: "var(--model)", "stroke-width": 2 });
  const arrow = shape(inside, "path", { class: "weights", stroke: "var(--model)", "stroke-width": 2, fill: "none" });
  const name = shape(inside, "text", { fill: "var(--model)", "font-style": "italic", "font-size": 16, text: "w" });
  const mark = shape(inside, "circle", { class: "mistake", r: 13, fill: "none", stroke: "var(--model)", "stroke-width": 1.5 });
  const draw = movable(svg, { x, y }, points, (moved) => change({ points: moved }));

  const strip = shape(svg, "g", { transform: `translate(0,${SIZE + 20})`, "font-size": 14.5 });
  shape(strip, "rect", { width: SIZE, height: 4, fill: "var(--line)" });
  const all = shape(strip, "rect", { class: "all", height: 4, fill: "var(--model)", "fill-opacity": 0.35 });
  const done = shape(strip, "rect", { class: "made", height: 4, fill: "var(--model)" });
  const made = shape(strip, "text", { y: 22, fill: "var(--model)" });
  const most = shape(strip, "text", { class: "most", y: 22, x: SIZE, "text-anchor": "end", fill: "var(--muted)" });

  const side = points.high;
  let shown = [0, 0, 0];
  let stop = () => {};
  function place(w, scale) {
    shown = w;
    const ends = boundary(w, side);
    set(line, { visibility: ends ? "visible" : "hidden" });
    set(half, { d: w[2] > 0 ? `M0,0H${SIZE}V${SIZE}H0Z` : "" });
    if (ends) {
      const [x1, y1, x2, y2] = [x(ends[0]), y(ends[1]), x(ends[2]), y(ends[3])];
      const length = Math.hypot(w[0], w[1]);
      const [dx, dy] = [(3 * SIZE * w[0]) / length, (-3 * SIZE * w[1]) / length];
      set(line, { x1, y1, x2, y2 });
      set(half, { d: `M${x1},${y1}L${x2},${y2}l${dx},${dy}L${x1 + dx},${y1 + dy}Z` });
    }
    const [tipX, tipY] = [x(w[0] * scale), y(w[1] * scale)];
    const angle = Math.atan2(tipY - y(0), tipX - x(0));
    const barb = (turn) => `M${tipX - 9 * Math.cos(angle + turn)},${tipY - 9 * Math.sin(angle + turn)}L${tipX},${tipY}`;
    const long = Math.hypot(tipX - x(0), tipY - y(0)) > 4;
    set(arrow, { d: long ? `M${x(0)},${y(0)}L${tipX},${tipY}${barb(0.45)}${barb(-0.45)}` : "" });
    set(name, { x: tipX + 12 * Math.cos(angle) - 5, y: tipY + 12 * Math.sin(angle) + 5, visibility: long ? "visible" : "hidden" });
  }

  const add = tool("Add a point", () => draw.add());
  const full = hint(
    "Drag a point; drop it outside to remove it. Click it to flip its class, click beside it to add one. " +
      "Keys: arrows move it, with Shift finely; Enter flips it; Delete removes it.",
  );

  let last = null;
  return (answer, time, state) => {
    const { x: places, y: labels, weights, mistakes } = answer;
    const at = (i) => [places.data[2 * i], places.data[2 * i + 1]];
    const vector = (t) => Array.from(weights.data.slice(3 * t, 3 * t + 3));
    const drawn = state.points ?? Array.from(labels.data, (label, i) => [...at(i), label]);
    draw(drawn);
    add.disabled = drawn.length === points.most;
    full(add.disabled ? `${points.most} points are the most.` : "");

    let longest = 0;
    for (let t = 0; t < weights.shape[0]; t++) longest = Math.max(longest, Math.hypot(...vector(t).slice(0, 2)));
    const scale = longest > 0 ? (0.85 * side) / longest : 1;
    stop();
    const from = shown;
    const to = vector(time);
    const stepped = last && last.answer === answer && Math.abs(last.time - time) === 1;
    if (stepped) stop = glide(250, (part) => place(to.map((value, i) => from[i] + (value - from[i]) * part), scale));
    else place(to, scale);
    last = { answer, time };

    const old = time > 0 && boundary(vector(time - 1), side);
    set(before, { visibility: old ? "visible" : "hidden" });
    if (old) set(before, { x1: x(old[0]), y1: y(old[1]), x2: x(old[2]), y2: y(old[3]) });
    set(mark, { visibility: time > 0 ? "visible" : "hidden" });
    if (time > 0) {
      const [px, py] = at(mistakes.data[time - 1]);
      set(mark, { cx: x(px), cy: y(py) });
    }

    const k = mistakes.shape[0];
    const limit = limitOf(answer);
    const length = (count) => (SIZE * count) / (limit ?? k);
    set(all, { width: length(k) });
    set(done, { width: length(time) });
    set(made, { text: `${time} ${time === 1 ? "mistake" : "mistakes"}` });
    set(most, { text: limit === null ? "no bound" : `at most ${limit}` });
  };
}

export const explorable = { compute, describe, view };
