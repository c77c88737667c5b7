// One native, labelled input for each control that is not drawn in the figure itself.
import { positionOf, valueAt } from "./positions.js";

/** Append an HTML element. */
export function element(parent, tag, properties = {}, attributes = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent.append(made);
  return made;
}

const BUILD = {
  choice(parent, { label, grid }, change) {
    const select = element(element(parent, "label", { textContent: label }), "select", { ariaLabel: label });
    for (const option of grid) element(select, "option", { textContent: option, value: option });
    select.addEventListener("change", () => change(select.value));
    return (value) => (select.value = value);
  },

  switch(parent, { label }, change) {
    const row = element(parent, "label", { className: "switch" });
    const box = element(row, "input", { type: "checkbox" }, { role: "switch" });
    row.append(label);
    box.addEventListener("change", () => change(box.checked));
    return (value) => (box.checked = value);
  },

  seed(parent, { label, grid }, change) {
    const row = element(parent, "label", { textContent: `${label} (0 to ${grid.length - 1})` });
    const input = element(row, "input", { type: "number", min: 0, max: grid.length - 1 });
    let now;
    input.addEventListener("change", () => {
      if (grid.includes(input.valueAsNumber)) change(input.valueAsNumber);
      else input.value = now;
    });
    return (value) => (input.value = now = value);
  },

  // A kernel answers any value; a table its own, which are marked, and if the slider is smooth also
  // those between, which is said. Whole numbers are a step apart where equal steps are; on a logarithmic
  // slider, where a small step of the thumb would be rounded away, keys move by 1.
  slider(parent, control, change, { id, exact }) {
    const { label, grid, log, whole, smooth } = control;
    const row = element(parent, "label", { textContent: label });
    const shown = element(row, "span", { className: "value" });
    const input = element(row, "input", { type: "range", min: 0, max: grid.length - 1, ariaLabel: label });
    if (!exact && !smooth) input.step = 1;
    else if (whole && !log) input.step = 1 / (grid[1] - grid[0]);
    else input.step = "any";
    if (whole && input.step === "any") {
      input.addEventListener("keydown", (event) => {
        const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
        if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        input.value = positionOf(control, Math.max(grid[0], valueAt(control, +input.value) + by));
        input.dispatchEvent(new Event("input"));
      });
    }
    if (!exact && !smooth) {
      const marks = element(row, "datalist", { id });
      for (const i of grid.keys()) element(marks, "option", { value: i });
      input.setAttribute("list", id);
    }
    input.addEventListener("input", () => change(valueAt(control, +input.value)));
    return (value) => {
      const number = String(Number(value.toPrecision(3)));
      const between = !exact && !grid.includes(value);
      input.value = positionOf(control, value);
      shown.textContent = between ? `≈ ${number}` : number;
      shown.title = between ? "Interpolated between two settings that were computed" : "";
      input.setAttribute("aria-valuetext", between ? `${number}, interpolated` : number);
    };
  },

  points: (parent, control, change) => () => {},
  handles: (parent, control, change) => () => {},
};

/**
 * Build a control's input; `change` gets what the reader sets. `id` is an id of its own on the page,
 * `exact` whether any value is answered, and not those of the table alone. Returns what shows a value.
 */
export function build(parent, control, change, { id, exact }) {
  return BUILD[control.kind](parent, control, change, { id, exact });
}

/**
 * Build the slider, the two step buttons and the play button of a time control; `playing` gets true
 * when it begins to play and false when it ends.
 */
export function timeline(parent, { label }, change, playing) {
  const row = element(parent, "div", { className: "time" });
  const name = element(row, "label", { textContent: label });
  const shown = element(name, "span", { className: "value" });
  const input = element(name, "input", { type: "range", min: 0, step: 1, ariaLabel: label });
  const buttons = element(row, "div", { className: "buttons" });
  const button = (text, title, act) => {
    const made = element(buttons, "button", { type: "button", textContent: text, title, ariaLabel: title });
    made.addEventListener("click", act);
    return made;
  };
  let timer;
  const go = (position) => change(Math.max(0, Math.min(+input.max, position)));
  const pause = () => {
    if (!timer) return;
    timer = clearInterval(timer);
    Object.assign(play, { textContent: "Play", ariaLabel: "Play", title: "Play" });
    playing(false);
  };
  const step = (by) => (pause(), go(+input.value + by));
  button("‹", "Step back", () => step(-1));
  const play = button("Play", "Play", () => {
    if (timer) return pause();
    playing(true);
    if (input.value === input.max) go(0);
    timer = setInterval(() => {
      if (input.value === input.max) pause();
      else go(+input.value + 1);
    }, Math.max(80, Math.min(700, 12000 / +input.max)));
    Object.assign(play, { textContent: "Pause", ariaLabel: "Pause", title: "Pause" });
  });
  button("›", "Step on", () => step(1));
  input.addEventListener("input", () => (pause(), go(+input.value)));
  return Object.assign(
    (position, last) => {
      input.max = last;
      input.value = position;
      shown.textContent = `${position} of ${last}`;
      input.setAttribute("aria-valuetext", shown.textContent);
    },
    { pause },
  );
}
