// The view of three ReLU units and their sum, and the same sums for handles that are being moved.
import { decimal, formula, glide, handle, rail, set, shape } from "./kit/kit.js";

const [LOW, HIGH] = [-3, 3];
const UNITS = [0, 1, 2];
const TOLERANCE = 1e-9;
const FOLD = [-1, 1, -2, 1, 1, -3, 1, 0, 2, 5];

/** The units of a layer, [weight, bias, output weight], and the output's bias, from ten numbers. */
const layer = (numbers) => ({ units: UNITS.map((i) => numbers.slice(3 * i, 3 * i + 3)), bias: numbers[9] });
const output = ({ units, bias }, x) => units.reduce((sum, [w, b, v]) => sum + v * Math.max(0, w * x + b), bias);
const slope = ({ units }, x) => units.reduce((sum, [w, b, v]) => sum + (w * x + b > 0 ? w * v : 0), 0);

/** The places where a unit of a layer switches, between the places `x` where its input `y` bends. */
function insert(x, y, { units }) {
  const found = [...x];
  for (const [w, b] of units) {
    for (let i = 1; i < x.length; i++) {
      const [left, right] = [w * y[i - 1] + b, w * y[i] + b];
      if (left * right < 0) found.push(x[i - 1] - (left * (x[i] - x[i - 1])) / (right - left));
    }
  }
  found.sort((one, other) => one - other);
  return found.filter((place, i) => i === 0 || place - found[i - 1] > TOLERANCE);
}

/** Whether the slope changes at each of the places `x`, given the slope at a place. */
function bendsOf(x, slopeAt) {
  const slopes = x.slice(1).map((right, i) => slopeAt((x[i] + right) / 2));
  return x.map((_, i) => Number(i > 0 && i < x.length - 1 && Math.abs(slopes[i] - slopes[i - 1]) > TOLERANCE));
}

/** The answer of `ReluParts.compute` in relu.py, for given parameters. */
export function compute({ parameters, fold }) {
  const [first, second] = [layer(parameters), layer(FOLD)];
  const sum = (x) => output(first, x);
  let x = insert([LOW, HIGH], [LOW, HIGH], first);
  if (fold) x = insert(x, x.map(sum), second);
  const z = first.units.map(([w, b]) => x.map((place) => w * place + b));
  const parts = first.units.map(([, , v], i) => z[i].map((value) => Math.max(0, value) * v));
  const sumBends = bendsOf(x, (place) => slope(first, place));
  const row = (data) => ({ shape: [data.length], data });
  const rows = (data) => ({ shape: [data.length, x.length], data: data.flat() });
  return {
    parameters: row(parameters),
    kinks: row(first.units.map(([w, b]) => -b / w)),
    x: row(x),
    z: rows(z),
    parts: rows(parts),
    sum: row(x.map(sum)),
    out: row(x.map((place) => (fold ? output(second, sum(place)) : sum(place)))),
    sum_bends: row(sumBends),
    bends: row(fold ? bendsOf(x, (place) => slope(second, sum(place)) * slope(first, place)) : sumBends),
    fold: { shape: [], data: [Number(fold)] },
  };
}

const piecesOf = ({ data }) => data.reduce((count, bend) => count + bend, 1);

/** The words of `describe` in relu.py. */
export function describe(answer) {
  const [parts, pieces] = [piecesOf(answer.sum_bends), piecesOf(answer.bends)];
  const straight = `From −3 to 3 the sum has ${parts} straight piece${parts > 1 ? "s" : ""}`;
  if (!answer.fold.data[0]) {
    return `${straight}${parts === 4 ? ", as many as three units can make" : "; three units can make 4"}.`;
  }
  let rest = "; 3 + 3 units can make 16 in two layers, and 7 in one";
  if (pieces === 16) rest = ", as many as 3 + 3 units can make in two layers; in one they make 7";
  return `${straight}. The second layer folds it at y = −1, 0 and 1, into ${pieces}${rest}.`;
}

/** A part of the drawing with axes through its middle: x from -3 to 3, y from -top to top. */
function frame(svg, { left, up, width, height, top }) {
  const clip = shape(svg, "svg", { x: left, y: up, width, height, "aria-hidden": true, "pointer-events": "none" });
  shape(clip, "path", { d: `M0,${height / 2}H${width}M${width / 2},0V${height}`, stroke: "var(--line)" });
  const x = (value) => (width * (value - LOW)) / (HIGH - LOW);
  const y = (value) => (height * (top - value)) / (2 * top);
  for (const tick of [-2, -1, 1, 2]) {
    shape(clip, "path", { d: `M${x(tick)},${height / 2 - 3}v6M${width / 2 - 3},${y(tick)}h6`, stroke: "var(--line)" });
  }
  const path = (xs, ys) => `M${Array.from(xs, (value, i) => `${x(value)},${y(ys[i])}`).join("L")}`;
  const place = (a, b) => [left + x(a), up + y(b)];
  const invert = (px, py) => [LOW + ((px - left) * (HIGH - LOW)) / width, top - ((py - up) * 2 * top) / height];
  return { clip, x, y, path, place, invert };
}

const DASHES = ["none", "7 3", "2 3"];
const UNIT = { width: 124, height: 104, top: 4 };
const SUM = { left: 0, up: 188, width: 400, height: 240, top: 2.4 };
const short = (value) => decimal(value, 1);
const TEXT = { "font-size": 14.5, fill: "var(--ink)" };

function view(svg, { parameters: { names, ends, step } }, change, { hint }) {
  set(svg, { viewBox: "-8 0 416 490" });
  let numbers = []; // the newest, which may wait for their answer
  const number = (i) => ({ label: names[i], low: -ends[i], high: ends[i], step });
  const put = (i) => (value) => change({ parameters: (numbers = numbers.with(i, value)) });

  const units = UNITS.map((i) => {
    const left = 138 * i;
    const box = frame(svg, { left, up: 0, ...UNIT });
    const line = shape(box.clip, "path", { stroke: "var(--muted)", "stroke-dasharray": "2 3", fill: "none" });
    const bent = shape(box.clip, "path", { class: "activation", stroke: "var(--model)", "stroke-width": 2, fill: "none" });
    const activation = shape(svg, "text", { x: left, y: 123, ...TEXT });
    const weight = handle(svg, number(3 * i), (px, py) => {
      const [x, z] = box.invert(px, py);
      return (z - numbers[3 * i + 1]) / Math.max(0.25, x);
    }, put(3 * i));
    // A unit without a weight has no kink to be moved.
    const bias = handle(svg, number(3 * i + 1), (px) => {
      const [w, b] = numbers.slice(3 * i, 3 * i + 2);
      return w === 0 ? b : -w * box.invert(px, 0)[0];
    }, put(3 * i + 1));
    const times = shape(svg, "text", { x: left, y: 166, ...TEXT });
    shape(svg, "path", { d: `M${left + 88},161h32`, stroke: "var(--model)", "stroke-dasharray": DASHES[i] });
    const term = rail(svg, { x: left + 8, y: 143, width: 108, ...number(3 * i + 2) }, put(3 * i + 2));
    return { box, line, bent, activation, weight, bias, times, term };
  });

  const sum = frame(svg, SUM);
  formula(shape(svg, "text", { x: 391, y: SUM.up + 136, "font-size": 14.5, fill: "var(--muted)" }), "x");
  formula(shape(svg, "text", { x: 207, y: SUM.up + 10, "font-size": 14.5, fill: "var(--muted)" }), "y");
  const levels = shape(sum.clip, "path", {
    class: "levels", d: [-1, 0, 1].map((level) => `M0,${sum.y(level)}H${SUM.width}`).join(""),
    stroke: "var(--muted)", "stroke-dasharray": "1 4", fill: "none",
  });
  const parts = UNITS.map((i) =>
    shape(sum.clip, "path", { class: "part", stroke: "var(--model)", "stroke-dasharray": DASHES[i], fill: "none" }));
  const thin = shape(sum.clip, "path", { class: "sum", stroke: "var(--model)", "stroke-width": 1, fill: "none" });
  const thick = shape(sum.clip, "path", { class: "out", stroke: "var(--model)", "stroke-width": 3, "stroke-linejoin": "round", fill: "none" });
  const dots = shape(sum.clip, "g", { fill: "var(--paper)", stroke: "var(--model)", "stroke-width": 1.5 });
  const offset = shape(svg, "text", { y: 454, ...TEXT });
  const key = ["1", "3"].map((width, i) => {
    shape(svg, "path", { d: `M${130 * i},477h24`, stroke: "var(--model)", "stroke-width": width });
    return shape(svg, "text", { x: 130 * i + 30, y: 482, ...TEXT });
  });
  const shift = rail(svg, { x: 280, y: 450, width: 112, ...number(9) }, put(9));

  hint("Drag a kink along its axis to set a bias, the other end of a line to set its weight.");

  let last = null;
  let stop = () => {};
  return (answer, time, state) => {
    const { x, z, out } = answer;
    const fold = Boolean(answer.fold.data[0]);
    const drawn = Array.from(answer.parameters.data);
    numbers = state.parameters ?? drawn;
    const row = ({ data }, i) => Array.from(data.slice(i * x.data.length, (i + 1) * x.data.length));
    units.forEach(({ box, line, bent, activation, weight, bias, times, term }, i) => {
      const [w, b, v] = drawn.slice(3 * i, 3 * i + 3);
      const before = row(z, i);
      set(line, { d: box.path(x.data, before) });
      set(bent, { d: box.path(x.data, before.map((value) => Math.max(0, value))) });
      const kink = Math.min(HIGH, Math.max(LOW, answer.kinks.data[i] || 0));
      const [newW, newB, newV] = numbers.slice(3 * i, 3 * i + 3);
      bias(newB, ...box.place(kink, 0), short(newB));
      // Where the line leaves the frame on the right; left of the kink where that would be in the way.
      let end = Math.max(0.25, Math.min(2.5, w === 0 ? HIGH : (3.4 * Math.sign(w) - b) / w));
      if (Math.abs(end - kink) < 1) end = kink - 1.2;
      weight(newW, ...box.place(end, w * end + b), short(newW));
      formula(activation, `a${i + 1} = relu(${short(w)}x ${b < 0 ? "−" : "+"} ${short(Math.abs(b))})`);
      formula(times, `v${i + 1} = ${short(v)}`);
      term(newV, short(newV));
    });
    formula(offset, `y = v1a1 + v2a2 + v3a3 + c,  c = ${short(drawn[9])}`);
    shift(numbers[9], short(numbers[9]));

    formula(key[0], fold ? "the sum y" : "its three terms");
    formula(key[1], fold ? "after the second layer" : "the sum y");
    set(levels, { visibility: fold ? "visible" : "hidden" });
    parts.forEach((part, i) => set(part, { d: sum.path(x.data, row(answer.parts, i)), visibility: fold ? "hidden" : "visible" }));
    set(thin, { d: sum.path(x.data, answer.sum.data), visibility: fold ? "visible" : "hidden" });
    const bent = Array.from(x.data.keys()).filter((i) => answer.bends.data[i]);
    while (dots.children.length > bent.length) dots.lastChild.remove();
    while (dots.children.length < bent.length) shape(dots, "circle", { class: "bend", r: 4 });
    const place = (part) => {
      const y = Array.from(out.data, (value, i) => answer.sum.data[i] + (value - answer.sum.data[i]) * part);
      set(thick, { d: sum.path(x.data, y) });
      bent.forEach((i, k) => set(dots.children[k], { cx: sum.x(x.data[i]), cy: sum.y(y[i]) }));
    };
    stop();
    if (last !== null && fold && !last) stop = glide(700, place);
    else place(1);
    last = fold;
  };
}

export const explorable = { compute, describe, view };
