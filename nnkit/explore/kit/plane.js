// A plane with axes through its origin.
import { scaleLinear } from "d3-scale";
import { shape } from "./shapes.js";

/** Draw a square plane with axes through the origin, the same scale along both; return the scales. */
export function plane(parent, { low, high, size }) {
  const x = scaleLinear([low, high], [0, size]);
  const y = scaleLinear([low, high], [size, 0]);
  const axes = shape(parent, "g", { stroke: "var(--line)" });
  shape(axes, "path", { d: `M0,${y(0)}H${size}M${x(0)},0V${size}` });
  for (const tick of x.ticks(4).filter((value) => value !== 0)) {
    shape(axes, "path", { d: `M${x(tick)},${y(0) - 3}v6M${x(0) - 3},${y(tick)}h6` });
  }
  const name = { fill: "var(--muted)", "font-style": "italic", "font-size": 18 };
  for (const [label, left, top] of [["1", size - 20, y(0) + 19], ["2", x(0) + 8, 15]]) {
    const text = shape(parent, "text", { ...name, x: left, y: top, text: "x" });
    shape(text, "tspan", { dy: 3, "font-size": 14.5, "font-style": "normal", text: label });
  }
  return { x, y };
}
