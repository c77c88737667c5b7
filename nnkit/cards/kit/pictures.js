// Where a reader stands, drawn: each function returns an SVG element as text, with its finding in words
// as its label. What is well known is drawn in ink, what is being learned in grey.

const WIDTH = 360;

const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const svg = (height, label, ...parts) =>
  `<svg role="img" aria-label="${escape(label)}" viewBox="0 0 ${WIDTH} ${height}">${parts.join("")}</svg>`;

const bar = (kind, x, y, width, height) =>
  `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}"/>`;

const text = (x, y, words, anchor = "start") =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${escape(String(words))}</text>`;

const line = (kind, x1, y1, x2, y2) =>
  `<line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;

// Of each deck, how many cards are known, being learned and new: `{title, known, learning, total}`.
export function progress(decks) {
  const rows = decks.map(({ title, known, learning, total }, row) => {
    const y = 62 * row;
    const scale = WIDTH / total;
    return (
      text(0, y + 15, title) +
      text(0, y + 33, `${known} known, ${learning} learning, ${total - known - learning} new`) +
      bar("new", 0, y + 40, WIDTH, 10) +
      bar("known", 0, y + 40, known * scale, 10) +
      bar("learning", known * scale, y + 40, learning * scale, 10)
    );
  });
  const words = decks.map(
    ({ title, known, learning, total }) =>
      `${title}: ${known} known, ${learning} being learned, ${total - known - learning} new`,
  );
  return svg(62 * decks.length, `Cards by deck. ${words.join(". ")}.`, ...rows);
}

// How many cards come due on each day from today on.
export function forecast(counts) {
  const [base, height] = [90, 68];
  const step = WIDTH / counts.length;
  const most = Math.max(...counts);
  const bars = counts.map((count, day) => {
    const length = most ? (count / most) * height : 0;
    const x = day * step;
    return (
      bar(day ? "learning" : "known", x + 2, base - length, step - 4, length) +
      (count ? text(x + step / 2, base - length - 4, count, "middle") : "")
    );
  });
  const total = counts.reduce((sum, count) => sum + count, 0);
  return svg(
    112,
    `${counts[0]} card${counts[0] === 1 ? " is" : "s are"} due today, ${counts[1]} tomorrow, ${total} within ${counts.length} days.`,
    line("axis", 0, base, WIDTH, base),
    ...bars,
    text(0, base + 17, "today"),
    text(WIDTH, base + 17, `in ${counts.length - 1} days`, "end"),
  );
}

// The share of cards that were known when they came back, week by week, beside the share aimed at.
// `weeks` are `{right, total}`, this week last.
export function retention(weeks, target) {
  const [base, height] = [90, 80];
  const step = WIDTH / weeks.length;
  const y = (share) => base - share * height;
  const dots = weeks.map(({ right, total }, week) =>
    total ? `<circle class="known" cx="${(week + 0.5) * step}" cy="${y(right / total)}" r="4"/>` : "",
  );
  const right = weeks.reduce((sum, week) => sum + week.right, 0);
  const total = weeks.reduce((sum, week) => sum + week.total, 0);
  const percent = Math.round((100 * right) / total);
  return svg(
    112,
    `${percent} % of the cards that came back in ${weeks.length} weeks were known; ` +
      `${100 * target} % is aimed at.`,
    line("axis", 0, base, WIDTH, base),
    line("target", 0, y(target), WIDTH, y(target)),
    text(WIDTH, y(target) + 15, `${100 * target} %`, "end"),
    ...dots,
    text(0, base + 17, `${weeks.length - 1} weeks ago`),
    text(WIDTH, base + 17, "this week", "end"),
  );
}
