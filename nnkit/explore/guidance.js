// The view of guidance on the digits: a grid of images, the wrong ones underlined.
import { set, shape, title } from "./kit/kit.js";

const LEVELS = 8;
const [CELL, PITCH] = [4.5, 40];
const [REAL, DRAWN] = [28, 84]; // where the rows of images begin

/** The words of `describe` in guidance.py. */
export function describe({ right, spread, far }) {
  return (
    `By the nearest real image, ${right.data[0]} % of the drawn ones are the digit asked for. ` +
    `Two of one digit are ${spread.data[0]} % as far apart as two real ones. ` +
    `From the nearest real image they are ${far.data[0]} % as far as other real images are.`
  );
}

/** Draw rows of ten images in one colour; returns a function that draws their greys. */
function grid(svg, top, colour, attributes) {
  const group = shape(svg, "g", attributes);
  const greys = Array.from({ length: LEVELS }, (_, i) =>
    shape(group, "path", { fill: `var(--${colour})`, "fill-opacity": (i + 1) / LEVELS }));
  return (data) => {
    const paths = greys.map(() => "");
    data.forEach((level, i) => {
      const [image, y, x] = [Math.floor(i / 64), Math.floor((i % 64) / 8), i % 8];
      const [left, up] = [2 + PITCH * (image % 10) + CELL * x, top + PITCH * Math.floor(image / 10) + CELL * y];
      if (level) paths[level - 1] += `M${left},${up}h${CELL}v${CELL}h-${CELL}z`;
    });
    greys.forEach((path, i) => set(path, { d: paths[i] }));
  };
}

function view(svg, controls, change, { hint }) {
  set(svg, { viewBox: "0 0 400 330" });
  title(svg, 16, [["real", "data"], [", and below ", "muted"], ["drawn", "model"], [" to order", "muted"]]);
  const real = grid(svg, REAL, "data", { class: "real" });
  const drawn = grid(svg, DRAWN, "model", { class: "drawn" });
  const lines = shape(svg, "path", { class: "wrong", stroke: "var(--validation)", "stroke-width": 2 });
  hint("Underlined: the nearest real image is another digit than the one asked for.");

  return (answer) => {
    real(answer.real.data);
    drawn(answer.drawn.data);
    const wrong = Array.from(answer.wrong.data.entries()).filter(([, is]) => is);
    set(lines, { d: wrong.map(([i]) => `M${2 + PITCH * (i % 10)},${DRAWN + PITCH * Math.floor(i / 10) + 37}h36`).join("") });
  };
}

export const explorable = { describe, view };
