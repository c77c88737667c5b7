// Bring an explorable alive: its controls, its state, its words, its tools.
import { build, element, timeline } from "./controls.js";
import { multiple, positionOf } from "./positions.js";

const NOTICED = 300; // milliseconds
const COMPUTING = "Computing …";

const asText = (value) => (value === true ? "1" : value === false ? "0" : String(value));

/** The state that a link carries: what differs from the start. */
function write(state, start, controls) {
  const query = new URLSearchParams();
  for (const [key, { kind, step }] of Object.entries(controls)) {
    if (state[key] === start[key]) continue;
    const moved = kind === "points" && state[key].map(([a, b, c]) => [a / step, b / step, c]).join(";");
    const turned = kind === "handles" && state[key].map((value) => Math.round(value / step)).join(",");
    query.set(key, moved || turned || asText(state[key]));
  }
  return query.toString();
}

/**
 * The state that a link stands for; what it does not name, or names wrongly, is as at the start. If
 * not `exact`, a value between two that the table holds becomes the nearer, unless it may stay.
 */
function read(query, start, controls, exact) {
  const state = { ...start };
  for (const [key, text] of new URLSearchParams(query)) {
    const { kind, grid, step, low, high, most, ends } = controls[key] ?? {};
    if (kind === "points") {
      const points = text.split(";").map((point) => point.split(",").map(Number));
      const within = (value) => Number.isInteger(value) && low <= value * step && value * step <= high;
      const valid = ([a, b, c, ...more]) => within(a) && within(b) && Math.abs(c) === 1 && !more.length;
      if (points.length <= most && points.every(valid)) {
        state[key] = points.map(([a, b, c]) => [a * step, b * step, c]);
      }
    } else if (kind === "handles") {
      const counts = text.split(",").map(Number);
      const within = (count, i) => Number.isInteger(count) && Math.abs(count) <= Math.round(ends[i] / step);
      if (counts.length === ends.length && counts.every(within)) state[key] = counts.map((count) => multiple(count, step));
    } else if (kind === "time") {
      if (/^\d+$/.test(text)) state[key] = Number(text);
    } else if (kind === "slider") {
      const value = text ? Number(text) : NaN;
      if (grid[0] <= value && value <= grid.at(-1)) {
        const { smooth, whole } = controls[key];
        if (!exact && !smooth) state[key] = grid[Math.round(positionOf(controls[key], value))];
        else state[key] = whole ? Math.round(value) : value;
      }
    } else if (kind) {
      state[key] = grid.find((value) => asText(value) === text) ?? start[key];
    }
  }
  return state;
}

/** The drawing as a file of its own: colours, that of the ground among them, as they are on the page now. */
function standalone(svg) {
  const style = getComputedStyle(svg);
  const copy = svg.cloneNode(true);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("font-family", style.fontFamily);
  copy.setAttribute("style", "background: var(--paper)");
  return new XMLSerializer()
    .serializeToString(copy)
    .replace(/var\((--[a-z]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
}

/** Say below a figure why it cannot be moved. */
export function admit(figure, error) {
  const text = `The figure cannot be moved here: ${error.message}.`;
  element(figure, "p", { textContent: text }, { role: "status" });
}

/**
 * Replace the contents of `figure` by the living explorable, once its first answer has come.
 *
 * `explorable` is what a view's module exports: `view(svg, controls, change, { tool, hint })` returns a function
 * that draws an answer at a time, given the state of all controls as well; `describe(answer, time)`
 * puts the same into words; and `compute(controls)`, if there is one, answers settings that no table
 * holds. `ask` is a supplier (see suppliers.js) and `runtime` its name.
 *
 * Each time that an answer has been drawn, the figure dispatches the event `answered`, which bubbles:
 * its `detail` has the `controls` that were asked for, the `time` and the `answer`, arrays and all.
 * Until then, from a change on, the figure is `aria-busy`. Promises what to call when the figure is gone.
 */
export async function mount(figure, spec, explorable, ask, runtime) {
  const { name, controls } = spec;
  const [timeKey, time] = Object.entries(controls).find(([, { kind }]) => kind === "time") ?? [];
  const start = Object.fromEntries(
    Object.entries(controls).map(([key, { kind, grid, start }]) => [
      key, kind === "time" ? Infinity : grid[start],
    ]),
  );
  const linked = () => location.hash.startsWith(`#${name}?`) && location.hash.slice(name.length + 2);
  // The function gets neither the time nor what only the drawing heeds.
  const asks = (key) => key !== timeKey && !controls[key].drawn;
  const exact = runtime !== "table";
  const follow = () => read(linked(), start, controls, exact);
  let state = linked() === false ? { ...start } : follow();
  let asked = null;
  let answer = null;
  let stale = true;
  let settling = null;

  const body = document.createElement("div");
  body.className = "explorable-body";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", "Drawing");
  svg.setAttribute("aria-describedby", `${name}-words`);
  body.append(svg);
  const panel = element(body, "div", { className: "panel" });

  // Time comes first: on a phone play has to be near the drawing.
  const showTime = time && timeline(panel, time, (position) => change({ [timeKey]: position }), live);
  const shows = {};
  for (const [key, control] of Object.entries(controls)) {
    if (control === time) continue;
    const set = (value) => change({ [key]: value });
    shows[key] = build(panel, control, set, { id: `${name}-${key}`, exact });
  }
  const status = element(panel, "p", { id: `${name}-words` }, { role: "status" });
  const tools = element(panel, "p", { className: "tools" });
  const tool = (text, act) => {
    const made = element(tools, "button", { type: "button", textContent: text });
    made.addEventListener("click", act);
    return made;
  };
  /** Tell how to use the drawing; returns what tells something more after it, and has it read out. */
  const hint = (text) => {
    const made = element(panel, "p", { className: "hint", id: `${name}-hint`, textContent: `${text} ` });
    const more = element(made, "span", { ariaLive: "polite" });
    return (words) => {
      if (more.textContent !== words) more.textContent = words;
    };
  };
  const draw = explorable.view(svg, controls, change, { tool, hint });
  const hinted = panel.querySelector(".hint");
  tool("Reset", () => {
    showTime?.pause();
    change(start);
  });
  const link = element(tools, "a", { textContent: "Link", title: "A link to what is seen now" });
  tool("Save", () => {
    const file = new Blob([standalone(svg)], { type: "image/svg+xml" });
    const saved = Object.assign(document.createElement("a"), {
      href: URL.createObjectURL(file), download: `${name}.svg`,
    });
    saved.click();
    setTimeout(() => URL.revokeObjectURL(saved.href), 1000); // some browsers begin later
  });

  /** Have screen readers pass over the words while they change by themselves; the last ones are said. */
  function live(playing) {
    status.ariaLive = playing ? "off" : "polite";
    if (!playing) status.textContent = status.textContent;
  }

  function show() {
    const last = time ? answer[time.along].shape[0] - 1 : 0;
    const now = time ? Math.min(state[timeKey], last) : 0;
    if (time && !stale) state[timeKey] = now === last ? Infinity : now;
    for (const [key, showValue] of Object.entries(shows)) showValue(state[key]);
    showTime?.(now, last);
    draw(answer, now, state);
    for (const handle of hinted ? svg.querySelectorAll(".handle") : []) handle.setAttribute("aria-describedby", hinted.id);
    status.textContent = explorable.describe(answer, now);
    link.href = `#${name}?${write(state, start, controls)}`;
    const detail = { controls: asked, time: now, answer };
    figure.dispatchEvent(new CustomEvent("answered", { bubbles: true, detail }));
  }

  /** Wait for an answer, and say so if it takes long enough to be noticed. */
  async function computed(answering) {
    let note = null;
    const timer = setTimeout(() => {
      if (answer) status.textContent = COMPUTING;
      else note = element(figure, "p", { textContent: COMPUTING }, { role: "status" });
    }, NOTICED);
    return answering.finally(() => {
      clearTimeout(timer);
      note?.remove();
    });
  }

  /** Ask until the answer is that to the newest state, and draw each on the way. */
  async function settle() {
    try {
      do {
        if (stale) {
          stale = false;
          const question = Object.fromEntries(Object.entries(state).filter(([key]) => asks(key)));
          answer = await computed(ask(question));
          asked = question;
        }
        show();
      } while (stale);
    } catch (error) {
      stale = true;
      if (!answer) throw error;
      showTime?.pause();
      status.textContent = `This could not be computed: ${error.message}.`;
    }
  }

  /** Set some controls. One question at a time is out: changes that come meanwhile become one. */
  function change(changed) {
    state = { ...state, ...changed };
    for (const [key, { resets }] of Object.entries(controls)) {
      if (resets in changed && !(key in changed)) state[key] = start[key];
    }
    stale ||= Object.keys(changed).some(asks);
    figure.ariaBusy = "true";
    settling ??= settle().finally(() => (figure.ariaBusy = settling = null));
    return settling;
  }

  await change({});
  figure.replaceChildren(body);
  figure.dataset.ready = runtime;
  const heed = () => linked() !== false && change(follow());
  addEventListener("hashchange", heed);
  return () => removeEventListener("hashchange", heed);
}
