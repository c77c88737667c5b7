// The playground's view: from the weights at a moment, what the network says of the plane.
import { heat, plot, samples, set, shape, title } from "./kit/kit.js";

const SIDE = 1.2;
const moment = (time) => time ** 2;

/** What the network is given of each point [x1, x2, x1, x2, ...] (see `inputs` in playground.py). */
function inputs(points, features) {
  if (features === 2) return points;
  const given = new Float64Array((points.length / 2) * features);
  for (let i = 0; i < points.length / 2; i++) {
    const [a, b] = [points[2 * i], points[2 * i + 1]];
    given.set([a, b, a * a, b * b, a * b], features * i);
  }
  return given;
}

/**
 * The outputs of every layer at some points, by a forward pass through the network whose weights an answer
 * has at `time`: for each layer an array of as many numbers for each point as it has units.
 */
export function forward({ sizes, relu, weights }, time, points) {
  const shapes = Array.from(sizes.data);
  const parameters = weights.data.subarray(time * weights.shape[1]);
  const count = points.length / 2;
  const layers = [inputs(points, shapes[0])];
  let offset = 0;
  for (let layer = 1; layer < shapes.length; layer++) {
    const [before, units] = [shapes[layer - 1], shapes[layer]];
    const bias = offset + before * units;
    const [a, out] = [layers.at(-1), new Float64Array(count * units)];
    for (let point = 0; point < count; point++) {
      for (let unit = 0; unit < units; unit++) {
        let z = parameters[bias + unit];
        for (let i = 0; i < before; i++) z += parameters[offset + unit * before + i] * a[point * before + i];
        if (layer < shapes.length - 1) z = relu.data[0] ? Math.max(0, z) : Math.tanh(z);
        out[point * units + unit] = z;
      }
    }
    layers.push(out);
    offset = bias + units;
  }
  return layers.slice(1);
}

/** The words of `describe` in playground.py. */
export function describe({ loss, wrong, y }, time) {
  const half = y.shape[0] / 2;
  const at = (t, set) => Math.round(1000 * loss.data[2 * t + set]);
  const said = (set) => (at(time, set) / 1000).toFixed(3);
  const right = (set) => half - wrong.data[2 * time + set];
  const words =
    `Step ${moment(time)} of ${moment(loss.shape[0] - 1)}: the loss is ${said(0)} on the training points and ${said(1)} on the test points. ` +
    `Right are ${right(0)} of ${half} training points and ${right(1)} of ${half} test points.`;
  let best = 0;
  for (let t = 1; t <= time; t++) if (at(t, 1) < at(best, 1)) best = t;
  if (at(time, 1) <= at(best, 1) + 50 || at(time, 0) >= at(best, 0)) return words;
  return `${words} Since step ${moment(best)} the test loss has risen while the training loss fell.`;
}

const SIZE = 400;
const UNIT = 44;
const BOTTOM = 600; // where inputs stand; the network goes up from there to the surface
const COLOURS = { above: "var(--model)", below: "var(--muted)" };
// Logits at which the network gives its class 50, 65, 80, 90 and 97 percent.
const LEVELS = [0.5, 0.65, 0.8, 0.9, 0.97].map((p) => Math.log(p / (1 - p)));
const [CELLS, UNIT_CELLS] = [48, 16];
const PLANE = samples(CELLS, -SIDE, SIDE);
const SMALL = samples(UNIT_CELLS, -SIDE, SIDE);
const NAMES = [["x", "1"], ["x", "2"], ["x", "1", "2"], ["x", "2", "2"], ["x", "1", "", "x", "2"]];

/** Write x with what stands below and above it: ["x", "1", "2"] is the square of the first. */
function symbol(parent, parts, attributes) {
  const text = shape(parent, "text", { "text-anchor": "middle", fill: "var(--muted)", "font-size": 15, ...attributes });
  parts.forEach((part, i) => {
    const place = [{ "font-style": "italic" }, { dy: 3, "font-size": 12.5 }, { dy: -9, "font-size": 12.5 }][i % 3];
    if (part) shape(text, "tspan", { ...place, ...(i === 3 && { dy: -3 }), text: part });
  });
}

/** Draw inputs, units as maps of what they answer to the plane, and weights as lines between them. */
function diagram(svg) {
  const edges = shape(svg, "g", { "stroke-opacity": 0.6 });
  const nodes = shape(svg, "g");
  let built = "";
  let units = [];
  let lines = [];

  function build(shapes) {
    edges.replaceChildren();
    nodes.replaceChildren();
    const layers = shapes.length - 1;
    const gap = (BOTTOM - 14 - SIZE - UNIT * (layers - 1)) / layers;
    const [across, over, under] = [
      (layer) => Array.from({ length: shapes[layer] }, (_, i) => SIZE * ((i + 0.5) / shapes[layer])),
      (layer) => under(layer) - (layer > 0 && layer < layers) * UNIT,
      (layer) => BOTTOM - 14 - gap * layer - UNIT * Math.max(0, layer - 1),
    ];
    across(0).forEach((x, i) => symbol(nodes, NAMES[i], { x, y: BOTTOM }));
    lines = shapes.slice(1).map((_, i) =>
      across(i + 1).map((x2) => across(i).map((x1) =>
        shape(edges, "line", { x1, y1: over(i), x2, y2: under(i + 1) }))));
    units = shapes.slice(1, -1).map((_, i) =>
      across(i + 1).map((x) => {
        const at = { x: x - UNIT / 2, y: over(i + 1) };
        shape(nodes, "rect", { ...at, width: UNIT, height: UNIT, fill: "var(--paper)" });
        const draw = heat(nodes, { ...at, ...COLOURS, size: UNIT, n: UNIT_CELLS, levels: [1e-6, 0.25, 0.5, 0.75], line: 1, class: "unit" });
        shape(nodes, "rect", { ...at, width: UNIT, height: UNIT, fill: "none", stroke: "var(--line)" });
        return draw;
      }));
  }

  return (answer, time) => {
    const shapes = Array.from(answer.sizes.data);
    if (built !== shapes.join()) build(shapes);
    built = shapes.join();
    let parameter = time * answer.weights.shape[1];
    lines.forEach((layer) => {
      for (const line of layer.flat()) {
        const weight = answer.weights.data[parameter++];
        set(line, { stroke: weight > 0 ? COLOURS.above : COLOURS.below, "stroke-width": Math.min(4, 0.7 * Math.abs(weight)).toFixed(2) });
      }
      parameter += layer.length;
    });
    const outputs = forward(answer, time, SMALL);
    units.forEach((row, layer) => row.forEach((draw, unit) => {
      const values = Float64Array.from({ length: SMALL.length / 2 }, (_, i) => outputs[layer][i * row.length + unit]);
      const largest = answer.relu.data[0] ? values.reduce((a, b) => Math.max(a, b)) : 1;
      draw(largest > 0 ? values.map((value) => value / largest) : values);
    }));
  };
}

/** Draw the points: discs to train on, diamonds to test with, class 1 filled and class 0 hollow. */
function scatter(layer, { x, y }) {
  layer.replaceChildren();
  const at = (value) => (SIZE * (value + SIDE)) / (2 * SIDE);
  y.data.forEach((label, i) => {
    const [left, top] = [at(x.data[2 * i]), at(-x.data[2 * i + 1])];
    const colour = `var(--${i < y.data.length / 2 ? "data" : "validation"})`;
    const paint = { fill: label ? colour : "var(--paper)", stroke: colour };
    if (i < y.data.length / 2) shape(layer, "circle", { cx: left, cy: top, r: 4, ...paint });
    else shape(layer, "path", { d: `M${left - 5},${top}l5,-5l5,5l-5,5Z`, ...paint });
  });
}

const SETS = { training: "data", test: "validation" };
const LOSS = { left: 38, top: 636, width: 346, height: 72 };

function view(svg, controls, change, { hint }) {
  set(svg, { viewBox: `0 0 ${SIZE} 732` });
  const surface = heat(svg, { ...COLOURS, size: SIZE, n: CELLS, levels: LEVELS, line: 2, class: "surface" });
  const points = shape(svg, "g", { class: "points", "stroke-width": 1.5 });
  const network = diagram(svg);
  title(svg, LOSS.top - 13, [["loss on ", "muted"], ["training points ● ○", "data"], [" and on ", "muted"], ["test points ◆ ◇", "validation"]]);
  const { x, y, group, rescale, line } = plot(svg, {
    ...LOSS,
    x: { label: "step", kind: "sqrt", count: 4 },
    y: { kind: "linear", count: 3 },
  });
  const curves = Object.entries(SETS).map(([name, colour]) => ({
    draw: line({ class: `loss ${name}`, stroke: `var(--${colour})` }),
    dot: shape(group, "circle", { r: 4, fill: `var(--${colour})` }),
  }));
  hint("Orange is where the network says filled, grey where it says hollow. Below: what each hidden unit says, and the weights between them.");

  let last = null;
  return (answer, time) => {
    surface(forward(answer, time, PLANE).at(-1));
    network(answer, time);
    const steps = Array.from({ length: answer.loss.shape[0] }, (_, t) => moment(t));
    const losses = [0, 1].map((i) => steps.map((_, t) => answer.loss.data[2 * t + i]));
    if (answer !== last) {
      scatter(points, answer);
      rescale([0, steps.at(-1)], [0, Math.min(2, Math.max(0.8, ...losses.flat()))]);
      curves.forEach(({ draw }, i) => draw(steps, losses[i]));
    }
    last = answer;
    curves.forEach(({ dot }, i) => set(dot, { cx: x(steps[time]), cy: Math.max(0, y(losses[i][time])) }));
  };
}

export const explorable = { describe, view };
