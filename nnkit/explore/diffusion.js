// The view of diffusion in the plane: points on their way to noise and back.
import { glide, plane, plot, set, shape, title } from "./kit/kit.js";

const SIDE = 2.6;
const TURN = 9; // the first moment of the way back

/** The words of `describe` in diffusion.py. */
export function describe({ t, step, kept, apart, floor, filled, guidance, random }, moment) {
  const last = t.shape[0] - 1;
  const told = apart.data[moment];
  const sampler = random.data[0] ? "DDPM" : "DDIM";
  const target = `held-out points${guidance.data[0] > 0 ? " of the filled class" : ""}`;
  if (moment === 0) {
    return `The data. By the nearest neighbour, ${told}\u00a0% can be told from held-out points; 50\u00a0% is chance.`;
  }
  if (moment < TURN) {
    return `Forwards, t = ${t.data[moment]} of ${t.data[TURN]}: noise makes up ${100 - kept.data[moment]}\u00a0% of the variance. By the nearest neighbour, ${told}\u00a0% can be told from held-out points.`;
  }
  if (moment < last) {
    return `Backwards by ${sampler}, step ${step.data[moment]} of ${step.data[last]}, t = ${t.data[moment]}: by the nearest neighbour, ${told}\u00a0% can be told from ${target}.`;
  }
  const [low, high] = floor.data;
  return `Sampled by ${sampler} in ${step.data[last]} steps: by the nearest neighbour, ${told}\u00a0% can be told from ${target}; of the data drawn anew, ${low} to ${high}\u00a0%. ${filled.data[0]}\u00a0% lie nearest to a filled point.`;
}

const SIZE = 400;
const TRACED = 5; // of how many points one has its trajectory drawn
const REACH = 12; // of an arrow of length 1
const CHART = { left: 44, top: 436, width: 348, height: 90 };
const WAYS = [["there", "data"], ["back", "model"]];

/** A line from (x, y) by (dx, dy) with a tip. */
function arrow(x, y, dx, dy) {
  const barb = (turn) => {
    const [cos, sin] = [0.3 * Math.cos(turn), 0.3 * Math.sin(turn)];
    return `l${(-dx * cos + dy * sin).toFixed(1)},${(-dx * sin - dy * cos).toFixed(1)}`;
  };
  const tip = `${(x + dx).toFixed(1)},${(y + dy).toFixed(1)}`;
  return `M${x.toFixed(1)},${y.toFixed(1)}L${tip}${barb(0.5)}M${tip}${barb(-0.5)}`;
}

/** Draw points as discs; returns a function that places them, and one that says which are filled. */
function discs(parent, count, attributes) {
  const layer = shape(parent, "g", { "stroke-width": 1.5, ...attributes });
  const drawn = Array.from({ length: count }, () => shape(layer, "circle", { r: attributes.r }));
  return {
    place: (at) => drawn.forEach((disc, i) => set(disc, { cx: at[2 * i].toFixed(2), cy: at[2 * i + 1].toFixed(2) })),
    paint(labels, colour) {
      set(layer, { stroke: colour });
      drawn.forEach((disc, i) => set(disc, { fill: labels[i] ? colour : "var(--paper)" }));
    },
    layer,
  };
}

function view(svg, controls, change, { hint }) {
  set(svg, { viewBox: `0 0 ${SIZE} 550` });
  // A drawing within the drawing: it clips what it holds.
  const inside = shape(svg, "svg", { width: SIZE, height: SIZE });
  const { x, y } = plane(inside, { low: -SIDE, high: SIDE, size: SIZE });
  const field = shape(inside, "path", { class: "field", fill: "none", stroke: "var(--muted)", "stroke-opacity": 0.7 });
  const paths = shape(inside, "path", { class: "paths", fill: "none", "stroke-width": 1, "stroke-opacity": 0.5 });
  const layers = shape(inside, "g");
  let ghosts = null;
  let points = null;

  title(svg, CHART.top - 14, [["% that can be told from held-out points, ", "muted"], WAYS[0], [" and ", "muted"], WAYS[1]]);
  const chart = plot(svg, { ...CHART, x: { label: "t", kind: "linear", count: 0 }, y: { kind: "linear", count: 3 } });
  const floor = chart.band({ class: "floor", fill: "var(--muted)" });
  const curves = WAYS.map(([way, colour]) => chart.line({ class: `apart ${way}`, stroke: `var(--${colour})` }));
  const dot = shape(chart.group, "circle", { r: 4 });
  const ticks = [0, 1, 2].map((i) =>
    shape(chart.group, "text", { x: (CHART.width * i) / 2, y: CHART.height + 19, "text-anchor": ["start", "middle", "end"][i], fill: "var(--muted)" }));
  hint("Filled and hollow are two classes; small and faint are the data. The grey band: the data drawn anew.");

  let stop = () => {};
  let last = null;
  return (answer, moment, { paths: traced, arrows }) => {
    const [moments, count] = answer.points.shape;
    const chain = answer.t.data[TURN];
    const back = moment >= TURN;
    const colour = back ? "var(--model)" : "var(--data)";
    const at = (i) => Array.from(answer.points.data.subarray(2 * count * i, 2 * count * (i + 1)), (value, j) => (j % 2 ? y(value) : x(value)));
    const labels = (way) => answer.labels.data.subarray(count * way, count * (way + 1));
    const across = Array.from(answer.t.data, (t, i) => (i < TURN ? t : 2 * chain - t));

    if (answer !== last?.answer) {
      layers.replaceChildren();
      ghosts = discs(layers, count, { class: "data", r: 1.8, opacity: 0.45 });
      points = discs(layers, count, { class: "points", r: 3.2 });
      ghosts.place(at(0));
      ghosts.paint(labels(0), "var(--data)");
      chart.rescale([0, 2 * chain], [40, 100]);
      const told = Array.from(answer.apart.data);
      [[0, TURN], [TURN, moments]].forEach((part, way) => curves[way](across.slice(...part), told.slice(...part)));
      floor([0, 2 * chain], ...Array.from(answer.floor.data, (value) => [value, value]));
      ticks.forEach((tick, i) => set(tick, { text: [0, chain, 0][i] }));
    }
    points.paint(labels(Number(back)), colour);
    set(ghosts.layer, { visibility: moment > 0 ? "visible" : "hidden" });
    set(dot, { cx: chart.x(across[moment]), cy: chart.y(answer.apart.data[moment]), fill: colour });

    const rows = answer.grid.data.length;
    const level = Math.round((answer.t.data[moment] / chain) * (answer.field.shape[0] - 1));
    const vectors = answer.field.data.subarray(2 * rows ** 2 * level);
    const arrowAt = (_, i) =>
      arrow(x(answer.grid.data[i % rows]), y(answer.grid.data[Math.floor(i / rows)]), REACH * vectors[2 * i], -REACH * vectors[2 * i + 1]);
    set(field, { d: arrows ? Array.from({ length: rows ** 2 }, arrowAt).join("") : "" });

    const begin = back ? TURN : 0;
    const visited = Array.from({ length: moment - begin + 1 }, (_, i) => at(begin + i));
    const now = visited.pop();
    const draw = (places) => {
      points.place(places);
      let routes = "";
      for (let i = 0; traced && i < 2 * count; i += 2 * TRACED) {
        routes += `M${[...visited, places].map((all) => `${all[i].toFixed(1)},${all[i + 1].toFixed(1)}`).join("L")}`;
      }
      set(paths, { d: routes, stroke: colour });
    };
    stop();
    const stepped = last?.answer === answer && Math.abs(last.moment - moment) === 1;
    const from = stepped && at(last.moment);
    if (stepped) stop = glide(300, (part) => draw(now.map((value, i) => from[i] + (value - from[i]) * part)));
    else draw(now);
    last = { answer, moment };
  };
}

export const explorable = { describe, view };
