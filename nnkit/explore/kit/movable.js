// Points of two classes that can be moved.
import { set, shape } from "./shapes.js";

/**
 * Points of two classes that can be moved, flipped, added and taken away, by pointer, touch or keys.
 * `change` gets the new list of [x1, x2, label] and promises to draw it. Returns a function that draws such a list.
 */
export function movable(svg, { x, y }, { low, high, step, most, label }, change) {
  const layer = shape(svg, "g");
  let points = [];
  const snap = (value) => Math.min(high, Math.max(low, Math.round(value / step) * step));
  // The newest points at once, for the answer may be long in coming.
  const put = (next) => change((points = next));
  const edit = (i, ...replacement) => put(points.toSpliced(i, 1, ...replacement));
  const flip = (i) => edit(i, [points[i][0], points[i][1], -points[i][2]]);
  const remove = (i) => (points.length > 1 ? edit(i) : null);
  const place = (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [x.invert(at.x), y.invert(at.y)];
  };
  const outside = (at) => at.some((value) => value < low - 0.1 || value > high + 0.1);

  const add = (at) => (points.length < most && !outside(at) ? put([...points, [...at.map(snap), 1]]) : null);

  function create(i) {
    const handle = shape(layer, "g", {
      class: "handle", tabindex: 0, role: "slider", "aria-roledescription": "movable point",
      "aria-valuemin": low, "aria-valuemax": high,
    });
    shape(handle, "circle", { r: 18, fill: "transparent" });
    shape(handle, "circle", { r: 6.5, stroke: "var(--data)", "stroke-width": 2 });
    let from = null;
    let moved = false;
    // A point that is gone is drawn until the answer comes.
    const on = (type, act) => handle.addEventListener(type, (event) => points[i] && act(event));
    on("pointerdown", (event) => {
      if (event.button !== 0) return;
      handle.setPointerCapture(event.pointerId);
      from = [event.clientX, event.clientY];
      moved = false;
    });
    on("pointermove", (event) => {
      if (!from) return;
      moved ||= Math.hypot(event.clientX - from[0], event.clientY - from[1]) > 4;
      if (moved) edit(i, [...place(event).map(snap), points[i][2]]);
    });
    on("pointerup", (event) => {
      if (from && moved && outside(place(event))) remove(i);
      else if (from && !moved) flip(i);
      from = null;
    });
    // touch-action does not reach the parts of a drawing: this keeps the page from scrolling.
    handle.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    handle.addEventListener("pointercancel", () => (from = null));
    handle.addEventListener("click", (event) => event.stopPropagation());
    on("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const far = event.shiftKey ? 1 : 8;
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [0, 0];
      if (dx || dy) {
        edit(i, [snap(points[i][0] + dx * far * step), snap(points[i][1] + dy * far * step), points[i][2]]);
      } else if (event.key === "Enter" || event.key === " ") flip(i);
      else if (event.key === "Delete" || event.key === "Backspace") {
        remove(i)?.then(() => layer.children[Math.max(0, i - 1)]?.focus());
      } else return;
      event.preventDefault();
    });
    return handle;
  }

  svg.addEventListener("click", (event) => add(place(event)));
  return Object.assign(
    (next) => {
      points = next;
      while (layer.children.length > points.length) layer.lastChild.remove();
      points.forEach(([x1, x2, sign], i) => {
        const handle = layer.children[i] ?? create(i);
        const kind = sign > 0 ? "filled" : "hollow";
        set(handle, {
          transform: `translate(${x(x1)},${y(x2)})`,
          "aria-label": `${label} ${i + 1}`,
          "aria-valuenow": x1,
          "aria-valuetext": `${kind}, at ${x1.toFixed(2)}, ${x2.toFixed(2)}`,
        });
        set(handle.lastChild, { fill: sign > 0 ? "var(--data)" : "var(--paper)" });
      });
    },
    { add: () => add([0, 0])?.then(() => layer.children[points.length - 1]?.focus()) },
  );
}
