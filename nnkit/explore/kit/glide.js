// Gentle motion.

/** Call `frame` with numbers from 0 to 1 over some milliseconds; at once with 1 if motion is unwelcome. */
export function glide(milliseconds, frame) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return frame(1), () => {};
  const start = performance.now();
  let request;
  const tick = (now) => {
    const t = Math.min(1, Math.max(0, (now - start) / milliseconds));
    frame(t * t * (3 - 2 * t));
    if (t < 1) request = requestAnimationFrame(tick);
  };
  request = requestAnimationFrame(tick);
  return () => cancelAnimationFrame(request);
}
