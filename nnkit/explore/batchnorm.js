// The view of batch norm's two modes: a batch on a line, and what became of its marked image in each so far.
import { plot, set, shape, title } from "./kit/kit.js";

const END = 3.5;
const TOP = 3;
const BOX = { left: 44, top: 150, width: 348, height: 220 };
const LINE = { y: 62, half: 196 };

/** The words of `describe` in batchnorm.py. */
export function describe({ training, evaluation, exact }, time) {
  const said = (value) => value.toFixed(2).replace("-", "−");
  const past = training.data.slice(0, time + 1);
  const [low, high] = [past.reduce((a, b) => Math.min(a, b)), past.reduce((a, b) => Math.max(a, b))];
  return (
    `After ${time || "no"} earlier ${time === 1 ? "batch" : "batches"}: in training the marked image becomes ${said(training.data[time])}, in evaluation ${said(evaluation.data[time])}; ` +
    `by the mean and spread of all images it would be ${said(exact.data[0])}. So far training has made of it anything from ${said(low)} to ${said(high)}.`
  );
}

function view(svg, controls, change, { hint }) {
  set(svg, { viewBox: "0 0 400 400" });
  const across = (z) => 200 + (LINE.half * z) / END;

  title(svg, 20, [["one batch", "data"], [", before: ", "muted"], ["the marked image", "model"], [" among others", "muted"]]);
  shape(svg, "path", { d: `M${across(-END)},${LINE.y}H${across(END)}`, stroke: "var(--line)" });
  for (let z = -3; z <= 3; z++) {
    shape(svg, "path", { d: `M${across(z)},${LINE.y - 4}v8`, stroke: "var(--line)" });
    shape(svg, "text", { x: across(z), y: LINE.y + 54, "text-anchor": "middle", "font-size": 14.5, fill: "var(--ink)", text: String(z).replace("-", "−") });
  }
  const bars = ["data", "model"].map((colour, i) =>
    shape(svg, "path", { class: `bar ${colour}`, fill: "none", stroke: `var(--${colour})`, "stroke-width": 2, transform: `translate(0,${LINE.y + 18 + 12 * i})` }));
  const dots = shape(svg, "g", { "stroke-width": 1.5 });

  title(svg, 138, [["the marked image, after: ", "muted"], ["● training, — evaluation", "model"]]);
  const { x, y, group, rescale, line } = plot(svg, { ...BOX, x: { label: "batch", kind: "linear", count: 6 }, y: { kind: "linear", count: 7 } });
  const exact = line({ class: "exact", stroke: "var(--data)", "stroke-width": 1 });
  const running = line({ class: "evaluation", stroke: "var(--model)" });
  const spots = shape(group, "g", { fill: "var(--model)" });
  hint("Bars: mean and spread of the batch, and below them the running ones. The thin line: by the mean and spread of all images.");

  return (answer, time) => {
    const [count, size] = answer.z.shape;
    const z = Array.from(answer.z.data.subarray(size * time, size * (time + 1)));
    bars.forEach((bar, i) => {
      const [middle, half] = [answer.batch, answer.running][i].data.subarray(2 * time, 2 * time + 2);
      set(bar, { d: `M${across(middle - half)},0H${across(middle + half)}M${across(middle)},-4v8` });
    });
    dots.replaceChildren();
    for (const [i, value] of [...z.entries()].reverse()) {
      shape(dots, "circle", { cx: across(value), cy: LINE.y, r: 5, fill: i ? "var(--paper)" : "var(--model)", stroke: i ? "var(--data)" : "var(--model)" });
    }

    rescale([1, count], [-TOP, TOP]);
    const batches = Array.from({ length: time + 1 }, (_, i) => i + 1);
    exact([1, count], [answer.exact.data[0], answer.exact.data[0]]);
    running(batches, Array.from(answer.evaluation.data.slice(0, time + 1)));
    spots.replaceChildren();
    batches.forEach((batch, i) => shape(spots, "circle", { cx: x(batch), cy: y(answer.training.data[i]), r: 2.5 }));
  };
}

export const explorable = { describe, view };
