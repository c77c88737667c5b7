// Three ways to ask for the answer to a setting of the controls. Each is a function
// `ask(controls)` that promises named arrays: { x: { shape: [16, 2], data: Float64Array }, ... }.
import { positionOf } from "./positions.js";

const TYPES = {
  f8: Float64Array, f4: Float32Array, i4: Int32Array, i2: Int16Array, i1: Int8Array, u1: Uint8Array,
};

/** The arrays of one packed answer of a table (see `pack` in nnkit/explore/__init__.py). */
function unpack(packed) {
  const arrays = {};
  for (const [name, [type, shape, text, step]] of Object.entries(packed)) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stored = new TYPES[type](bytes.buffer);
    const count = shape.reduce((product, length) => product * length, 1);
    if (stored.length !== count) throw new Error(`${name} has ${stored.length} values in place of ${count}`);
    arrays[name] = { shape, data: step === 1 ? stored : Float64Array.from(stored, (v) => v * step) };
  }
  return arrays;
}

/**
 * The numbers of the table's answers that a setting lies between, each with its share in the setting's
 * own, or null if it is in no table. One control after the other has its position, or a share of the
 * two on either side.
 */
function corners(setting, controls) {
  let found = [{ index: 0, share: 1 }];
  for (const [key, control] of Object.entries(controls)) {
    if (!control.grid || control.drawn) continue;
    let position = control.grid.indexOf(setting[key]);
    if (position < 0 && control.smooth) position = positionOf(control, setting[key]);
    if (position < 0) return null;
    const [low, part] = [Math.floor(position), position % 1];
    const sides = part ? [[low, 1 - part], [low + 1, part]] : [[low, 1]];
    found = found.flatMap(({ index, share }) =>
      sides.map(([at, of]) => ({ index: index * control.grid.length + at, share: share * of })));
  }
  return found;
}

/** The mean of answers, weighted by their shares; integers are those of the largest share. */
function blend(answers, shares) {
  const nearest = answers[shares.indexOf(Math.max(...shares))];
  if (answers.length === 1) return nearest;
  return Object.fromEntries(Object.entries(nearest).map(([name, array]) => {
    if (![Float64Array, Float32Array].includes(array.data.constructor)) return [name, array];
    const data = new Float64Array(array.data.length);
    answers.forEach((answer, i) => answer[name].data.forEach((value, j) => (data[j] += shares[i] * value)));
    return [name, { shape: array.shape, data }];
  }));
}

/**
 * Look answers up in the table at `folder`, and interpolate where the spec allows it. A setting that
 * is in no table is computed by the explorable's own `compute`, where it has one.
 */
export function table(folder, { controls, piece }, compute) {
  const pieces = new Map();
  const fetched = async (number) => {
    const response = await fetch(`${folder}/${number}.json`).catch(() => ({ ok: false }));
    if (response.ok) {
      return response.json().catch(() => {
        pieces.delete(number); // it may have been cut on its way: it is asked for again
        return null;
      });
    }
    pieces.delete(number);
    const missing = response.status !== 500;
    throw new Error(missing ? "the table of its answers is missing" : "its answers could not be computed");
  };
  const answerAt = async ({ index }) => {
    const number = Math.floor(index / piece);
    if (!pieces.has(number)) pieces.set(number, fetched(number));
    const answers = await pieces.get(number);
    try {
      return unpack(answers[index % piece]);
    } catch {
      throw new Error("the table of its answers is damaged");
    }
  };
  return async (setting) => {
    const around = corners(setting, controls);
    if (!around) return compute(setting);
    return blend(await Promise.all(around.map(answerAt)), around.map(({ share }) => share));
  };
}

/** Ask the kernel behind an anywidget model; other views of it ask, too, and hear each other's answers. */
export function kernel(model) {
  const waiting = new Map();
  const own = Math.random();
  let last = 0;
  model.on("msg:custom", ({ id, arrays, error }, buffers) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    if (!resolve || !waiting.delete(id)) return;
    if (error) return reject(new Error(error));
    const answer = Object.entries(arrays).map(([name, [type, shape]], i) => {
      const { buffer, byteOffset, byteLength } = buffers[i];
      return [name, { shape, data: new TYPES[type](buffer.slice(byteOffset, byteOffset + byteLength)) }];
    });
    resolve(Object.fromEntries(answer));
  });
  return (controls) =>
    new Promise((resolve, reject) => {
      const id = `${own} ${++last}`;
      waiting.set(id, { resolve, reject });
      model.send({ id, controls });
    });
}

/** Ask Python in the page: `run(name, controls)` promises what `Explorable.packed` returns. */
export function browser(run, { name }) {
  return async (controls) => unpack(JSON.parse(await run(name, controls)));
}
