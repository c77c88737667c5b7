// Three ways to ask for the answer to a setting of the controls. Each is a function
// `ask(controls)` that promises named arrays: { x: { shape: [16, 2], data: Float64Array }, ... }.

const TYPES = { f8: Float64Array, f4: Float32Array, i4: Int32Array, i2: Int16Array, u1: Uint8Array };

/** The arrays of one packed answer of a table (see `pack` in nnkit/explore/__init__.py). */
function unpack(packed) {
  const arrays = {};
  for (const [name, [type, shape, text, step]] of Object.entries(packed)) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stored = new TYPES[type](bytes.buffer);
    arrays[name] = { shape, data: step === 1 ? stored : Float64Array.from(stored, (v) => v * step) };
  }
  return arrays;
}

/**
 * Look answers up in the table at `folder`. A setting that is in no table is computed by the
 * explorable's own `compute`, where it has one.
 */
export function table(folder, { controls, piece }, compute) {
  const pieces = new Map();
  const fetched = async (number) => {
    const response = await fetch(`${folder}/${number}.json`).catch(() => ({ ok: false }));
    if (response.ok) return response.json().catch(() => null);
    pieces.delete(number);
    throw new Error("the table of its answers is missing");
  };
  return async (setting) => {
    let index = 0;
    for (const [key, { grid }] of Object.entries(controls)) {
      if (!grid) continue;
      const position = grid.indexOf(setting[key]);
      if (position < 0) return compute(setting);
      index = index * grid.length + position;
    }
    const number = Math.floor(index / piece);
    if (!pieces.has(number)) pieces.set(number, fetched(number));
    const answers = await pieces.get(number);
    try {
      return unpack(answers[index % piece]);
    } catch {
      throw new Error("the table of its answers is damaged");
    }
  };
}

/** Ask the kernel behind an anywidget model. */
export function kernel(model) {
  const waiting = new Map();
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
      waiting.set(++last, { resolve, reject });
      model.send({ id: last, controls });
    });
}

/** Ask Python in the browser: `run(name, controls)` promises the packed answer as JSON. */
export function browser(run, { name }) {
  return async (controls) => unpack(JSON.parse(await run(name, controls)));
}
