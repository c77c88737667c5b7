// Where a value stands among those of a slider's grid, which are at 0, 1, 2, ...: equal distances on
// the slider, and on a logarithmic one equal ratios.

/** The position of a value, a fraction if it is none of the grid's. */
export function positionOf({ grid, log }, value) {
  const i = Math.max(0, Math.min(grid.findLastIndex((at) => at <= value), grid.length - 2));
  const [a, b] = [grid[i], grid[i + 1]];
  return i + (log ? Math.log(value / a) / Math.log(b / a) : (value - a) / (b - a));
}

/** A number of steps as it is written in decimals: 3 steps of 0.1 are 0.3. Never -0. */
export const multiple = (count, step) => Number((count * step).toPrecision(12));

/** The value at a position; the grid's own where the position is whole. */
export function valueAt({ grid, log, whole }, position) {
  const i = Math.min(Math.floor(position), grid.length - 2);
  const [a, b, part] = [grid[i], grid[i + 1], position - i];
  if (part === 0 || part === 1) return part ? b : a;
  const value = log ? a * (b / a) ** part : a + (b - a) * part;
  return whole ? Math.round(value) : value;
}
