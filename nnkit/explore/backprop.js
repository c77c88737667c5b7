// The view of a computational graph, and the same pass forward and back for inputs that are being moved.
import { decimal, glide, graph, rail, set, shape } from "./kit/kit.js";

const INPUTS = ["w", "x", "b", "t"];

// The value of each operation, and its derivative by each of its inputs.
const product = (a, b) => [a * b, [b, a]];
const sum = (a, b) => [a + b, [1, 1]];
const difference = (a, b) => [a - b, [1, -1]];
const affine = (w, x, b) => [w * x + b, [x, w, 1]];
const tanh = (z) => [Math.tanh(z), [1 - Math.tanh(z) ** 2]];
const square = (e) => [e * e, [2 * e]];

// As in backprop.py: where the inputs are, their text on which side; then each operation's name,
// formula, inputs, function and place.
const GRAPHS = {
  "a neuron": [
    [[18, 44, 1], [152, 44, 1], [286, 44, 1], [286, 290, 1]],
    ["u", "w x", ["w", "x"], product, [85, 126, 1]],
    ["z", "u + b", ["u", "b"], sum, [150, 208, 1]],
    ["a", "tanh z", ["z"], tanh, [150, 290, 1]],
    ["e", "a − t", ["a", "t"], difference, [206, 372, 1]],
    ["L", "e²", ["e"], square, [206, 454, 1]],
  ],
  "a skip connection": [
    [[18, 44, 1], [286, 44, 1], [152, 44, 1], [286, 290, 1]],
    ["z", "w x + b", ["w", "x", "b"], affine, [130, 126, -1]],
    ["h", "tanh z", ["z"], tanh, [130, 208, -1]],
    ["y", "x + h", ["x", "h"], sum, [170, 290, -1]],
    ["e", "y − t", ["y", "t"], difference, [236, 372, 1]],
    ["L", "e²", ["e"], square, [236, 454, 1]],
  ],
  "a shared weight": [
    [[152, 44, 1], [18, 44, 1], [286, 44, 1], [286, 372, 1]],
    ["z1", "w x + b", ["w", "x", "b"], affine, [130, 126, -1]],
    ["h1", "tanh z1", ["z1"], tanh, [130, 208, -1]],
    ["z2", "w h1 + b", ["w", "h1", "b"], affine, [206, 290, 1]],
    ["h2", "tanh z2", ["z2"], tanh, [180, 372, -1]],
    ["e", "h2 − t", ["h2", "t"], difference, [236, 454, 1]],
    ["L", "e²", ["e"], square, [236, 536, 1]],
  ],
};

const number = (value) => decimal(value, 3);
const chosen = (answer) => {
  const [places, ...operations] = Object.values(GRAPHS)[answer.graph.data[0]];
  return { operations, names: [...INPUTS, ...operations.map(([name]) => name)] };
};

/** The answer of `BackpropGraph.compute` in backprop.py, for given inputs. */
export function compute({ graph, inputs }) {
  const [places, ...operations] = GRAPHS[graph];
  const names = [...INPUTS, ...operations.map(([name]) => name)];
  const values = [...inputs];
  const derivatives = operations.map(([, , from, operation]) => {
    const [value, local] = operation(...from.map((name) => values[names.indexOf(name)]));
    values.push(value);
    return local;
  });
  const gradients = Array.from({ length: operations.length + 2 }, () => names.map(() => NaN));
  gradients.at(-1)[names.length - 1] = 1;
  const [edges, local, shares] = [[], [], []];
  for (let k = operations.length - 1; k >= 0; k--) {
    const j = INPUTS.length + k;
    operations[k][2].forEach((name, input) => {
      const i = names.indexOf(name);
      const reached = [...gradients.at(-1)];
      const share = reached[j] * derivatives[k][input];
      reached[i] = (reached[i] || 0) + share;
      gradients.push(reached);
      edges.push(i, j);
      local.push(derivatives[k][input]);
      shares.push(share);
    });
  }
  const array = (shape, data) => ({ shape, data });
  return {
    graph: array([], [Object.keys(GRAPHS).indexOf(graph)]),
    places: array([names.length, 3], [...places, ...operations.map((operation) => operation[4])].flat()),
    values: array([names.length], values),
    edges: array([local.length, 2], edges),
    local: array([local.length], local),
    shares: array([shares.length], shares),
    gradients: array([gradients.length, names.length], gradients.flat()),
  };
}

/** Which edge is gone back at a time, from which node and to which; below 0 if none is yet. */
function edgeAt({ edges, values }, time) {
  const edge = time - (values.data.length - INPUTS.length) - 2;
  return [edge, edges.data[2 * edge], edges.data[2 * edge + 1]];
}

const gradientAt = ({ gradients: { shape, data } }, time, node) => data[time * shape[1] + node];

/** The words of `describe` in backprop.py. */
export function describe(answer, time) {
  const { operations, names } = chosen(answer);
  const { values, edges, local, shares, gradients } = answer;
  const count = operations.length;
  if (time === 0) return `Known are ${INPUTS.slice(0, -1).join(", ")} and ${INPUTS.at(-1)}. Nothing is computed yet.`;
  if (time <= count) {
    const [name, formula] = operations[time - 1];
    return `Forward ${time} of ${count}: ${name} = ${formula} = ${number(values.data[INPUTS.length + time - 1])}.`;
  }
  const [edge, from, to] = edgeAt(answer, time);
  if (edge < 0) return `Forward is done: L = ${number(values.data.at(-1))}. The way back begins with ∂L/∂L = 1.`;
  const [source, target] = [names[from], names[to]];
  const last = gradients.shape[0] - 1;
  let words = `Backward ${edge + 1} of ${shares.data.length}: ∂L/∂${target} × ∂${target}/∂${source} = ` +
    `${number(gradientAt(answer, last, to))} × ${number(local.data[edge])} = ${number(shares.data[edge])}.`;
  const paths = Array.from(shares.data.keys()).filter((k) => edges.data[2 * k] === from);
  if (edge < paths.at(-1)) words += ` It is the first of ${paths.length} shares of ∂L/∂${source}.`;
  else if (paths.length > 1) words += ` The shares of ∂L/∂${source} add up to ${number(gradientAt(answer, time, from))}.`;
  if (edge === shares.data.length - 1) {
    const sizes = INPUTS.map((_, node) => Math.abs(gradientAt(answer, last, node)));
    const most = sizes.indexOf(Math.max(...sizes));
    const steepest = gradientAt(answer, last, most);
    if (steepest === 0) words += " No input moves L, for it is 0.";
    else words += ` Of the inputs, ${INPUTS[most]} moves L most: ∂L/∂${INPUTS[most]} = ${number(steepest)}.`;
  }
  return words;
}

const COLOURS = ["var(--model)", "var(--data)", "var(--model)", "var(--data)"];

function view(svg, { inputs: { names: labels, ends, step } }, change, { hint }) {
  let stage = shape(svg, "g");
  let drawn = null;
  let shows = null;
  let asked = []; // the newest inputs, which may wait for their answer
  let last = null;
  let stop = () => {};

  /** Draw the nodes, the edges and the inputs' rails anew. */
  function build(answer, names) {
    stage.remove();
    stage = shape(svg, "g");
    const rows = ({ shape: [length, width], data }) =>
      Array.from({ length }, (_, i) => Array.from(data.slice(width * i, width * (i + 1))));
    const places = rows(answer.places);
    set(svg, { viewBox: `0 0 400 ${places.at(-1)[1] + 40}` });
    const drawing = graph(stage, places, names, rows(answer.edges));
    const dot = shape(stage, "circle", { r: 5, visibility: "hidden" });
    const rails = INPUTS.map((name, i) => rail(stage, {
      x: places[i][0] + 22, y: places[i][1] - 29, width: 80, label: labels[i], low: -ends[i], high: ends[i], step, colour: COLOURS[i],
    }, (value) => change({ inputs: (asked = asked.with(i, value)) })));
    return { ...drawing, dot, rails };
  }

  hint("Slide an input: all that follows from it changes, forward and back.");

  return (answer, time, state) => {
    const { operations, names } = chosen(answer);
    const values = Array.from(answer.values.data.slice(0, INPUTS.length));
    asked = state.inputs ?? values;
    if (drawn !== answer.graph.data[0]) shows = build(answer, names);
    drawn = answer.graph.data[0];
    const [edge, from, to] = edgeAt(answer, time);
    const count = operations.length;
    asked.forEach((value, i) => shows.rails[i](value, decimal(value, 1)));

    shows.nodes.forEach((show, i) => {
      const made = i - INPUTS.length;
      const known = made < time;
      const texts = [];
      const colour = known ? COLOURS[i] ?? "var(--model)" : "var(--muted)";
      if (made < 0) texts.push([`${names[i]} = ${decimal(values[i], 1)}`, colour]);
      else texts.push([operations[made][1] + (known ? ` = ${number(answer.values.data[i])}` : ""), colour]);
      const gradient = gradientAt(answer, time, i);
      if (!Number.isNaN(gradient)) texts.push([`∂L/∂${names[i]} = ${number(gradient)}`, "var(--gradient)"]);
      const strong = edge < 0 ? made >= 0 && made === Math.min(time, count) - 1 : i === from;
      show({ colour, strong, texts });
    });
    shows.edges.forEach((show, k) => {
      const head = answer.edges.data[2 * k + 1] - INPUTS.length;
      if (k <= edge) show({ colour: "var(--gradient)", strong: k === edge, back: true, words: `× ${number(answer.local.data[k])}` });
      else show({ colour: head < time ? "var(--model)" : "var(--line)", strong: head === time - 1, back: false, words: "" });
    });

    stop();
    const stepped = last && last.answer === answer && time === last.time + 1 && edge >= 0;
    if (stepped) {
      set(shows.dot, { fill: "var(--gradient)", visibility: "visible" });
      stop = glide(450, (part) => {
        const [cx, cy] = shows.edges[edge].along(1 - part);
        set(shows.dot, { cx, cy, visibility: part < 1 ? "visible" : "hidden" });
      });
    } else set(shows.dot, { visibility: "hidden" });
    last = { answer, time };
  };
}

export const explorable = { compute, describe, view };
