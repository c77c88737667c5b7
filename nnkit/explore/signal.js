// The view of signal propagation: two spreads on one plot, layer by layer.
import { plot, set, shape, title } from "./kit/kit.js";

const [ZERO, OVERFLOW] = [-100, 100];

/** A number in few digits, given its logarithm (see `number` in signal.py). */
function number(log, digits = 2) {
  const [mantissa, exponent] = (10 ** log).toExponential(digits - 1).split("e");
  if (-3 <= +exponent && +exponent < 3) return String(Number(`${mantissa}e${exponent}`));
  return `${mantissa}e${+exponent}`;
}

/** The medians over the seeds, one for each layer. */
const median = ({ shape: [, depth], data }) => Array.from(data.slice(depth, 2 * depth));

/** The words of `describe` in signal.py. */
export function describe(answer) {
  const [up, back] = [median(answer.activations), median(answer.gradients)];
  const depth = up.length;
  if (up.includes(OVERFLOW)) {
    const layer = up.indexOf(OVERFLOW) + 1;
    return `Activations overflow at layer ${layer}: float32 ends at 3.4e38. What comes after is not a number, and no gradient is.`;
  }
  const rise = up.at(-1) - up[0];
  let words = `The spread of activations is ${number(up[0])} at layer 1 and ${number(up.at(-1))} at layer ${depth}: times ${number(rise / (depth - 1), 3)} a layer. `;
  if (up.includes(ZERO)) words = `From layer ${up.indexOf(ZERO) + 1} on, the spread of activations is exactly 0. `;
  if (back.includes(OVERFLOW)) {
    return `${words}On the way back, gradients overflow at layer ${back.lastIndexOf(OVERFLOW) + 1}.`;
  }
  if (back.includes(ZERO)) {
    return `${words}On the way back, gradients are exactly 0 from layer ${back.lastIndexOf(ZERO) + 1} down to 1.`;
  }
  const fall = back[0] - back.at(-1);
  return `${words}The gradient at layer 1 is ${number(fall)} times that at layer ${depth}: times ${number(fall / (depth - 1), 3)} a layer on the way back.`;
}

const BOX = { left: 46, top: 34, width: 350, height: 340 };
const COLOURS = { activations: "model", gradients: "gradient" };
const STRIP = 26; // where values lie that float32 has not

function view(svg, controls, change, { hint }) {
  set(svg, { viewBox: "0 0 400 400" });
  const { x, y, group, rescale, line, band } = plot(svg, {
    ...BOX,
    x: { label: "layer", kind: "linear", count: 8 },
    y: { kind: "log", count: 7 },
  });
  title(svg, 15, [["standard deviation of ", "muted"], ["activations", "model"], [" and ", "muted"], ["gradients", "gradient"]]);

  const drawn = Object.entries(COLOURS).map(([name, colour]) => ({
    name,
    range: band({ class: `${name} range`, fill: `var(--${colour})` }),
    median: line({ class: `${name} median`, stroke: `var(--${colour})` }),
    ends: [[ZERO, "zero"], [OVERFLOW, "overflow"]].map(([end, which]) => [
      end, shape(group, "path", { class: `${name} ${which}`, stroke: `var(--${colour})`, "stroke-width": 2 }),
    ]),
  }));
  const notes = [[ZERO, "exactly 0", BOX.height - 9], [OVERFLOW, "beyond float32", 18]].map(([end, text, at]) => [
    end, shape(group, "text", { x: BOX.width, y: at, "text-anchor": "end", fill: "var(--muted)", text }),
  ]);
  hint("Each network sees 32 digits. Lines are medians over 5 seeds, bands reach from the lowest to the highest.");

  return (answer) => {
    const depth = answer.activations.shape[1];
    const layers = Array.from({ length: depth }, (_, i) => i + 1);
    const all = drawn.flatMap(({ name }) => Array.from(answer[name].data));
    const within = all.filter((log) => ZERO < log && log < OVERFLOW);
    const [low, high] = [Math.floor(Math.min(-3, ...within)), Math.ceil(Math.max(1, ...within))];
    y.range([BOX.height - all.includes(ZERO) * STRIP, all.includes(OVERFLOW) * STRIP]);
    rescale([1, depth], [10 ** low, 10 ** high]);
    for (const { name, range, median, ends } of drawn) {
      const rows = [0, 1, 2].map((row) => Array.from(answer[name].data.slice(row * depth, (row + 1) * depth)));
      const [lowest, middle, highest] = rows.map((row) => row.map((log) => 10 ** log));
      range(layers, lowest, highest);
      median(layers, middle.map((value, i) => (Math.abs(rows[1][i]) < OVERFLOW ? value : NaN)));
      for (const [end, marks] of ends) {
        const there = layers.filter((layer) => rows[1][layer - 1] === end);
        const at = end === ZERO ? BOX.height - 2 : 2;
        set(marks, { d: there.map((layer) => `M${x(layer) - 2},${at}h4`).join("") });
      }
    }
    for (const [end, text] of notes) set(text, { visibility: all.includes(end) ? "visible" : "hidden" });
  };
}

export const explorable = { describe, view };
