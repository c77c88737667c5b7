// When a card is asked again: FSRS-6 with its default parameters, which aims at nine right answers in
// ten, replayed from the log. The schedule counts in days, as the reader's clock has them, and a day
// lasts until four in the morning. Within a day a card that was not known comes back until it is.

import { FSRSAlgorithm } from "ts-fsrs";

const fsrs = new FSRSAlgorithm({ enable_fuzz: false }); // chance would make no two replays the same

export const AGAIN = 1;
export const TARGET = fsrs.param.request_retention;
export const KNOWN = 21; // days of stability from which on a card counts as well known
const OTHERS = 3; // cards that are asked before a failed one comes back, if there are so many
const DAY = 86_400_000;

const SETTINGS = { newPerDay: 10, all: false };

export function dayOf(time) {
  const clock = new Date(time);
  clock.setHours(clock.getHours() - 4); // by the clock, not by the hours that pass: twice a year they differ
  return Date.UTC(clock.getFullYear(), clock.getMonth(), clock.getDate()) / DAY;
}

// The memory of a card after an answer on some day; `before` is none for its first.
export function answered(before, day, grade) {
  const elapsed = before ? Math.max(0, day - before.last) : 0;
  const { stability, difficulty } = fsrs.next_state(before ?? null, elapsed, grade);
  return {
    stability,
    difficulty,
    first: before?.first ?? day,
    last: day,
    due: day + fsrs.next_interval(stability, elapsed),
    failed: grade === AGAIN,
    lapses: (before?.lapses ?? 0) + (grade === AGAIN && elapsed > 0),
    answers: (before?.answers ?? 0) + 1,
  };
}

// The probability that a card is known on a day.
export const recall = (memory, day) =>
  fsrs.forgetting_curve(Math.max(0, day - memory.last), memory.stability);

// Whether a card was failed on a day and has not been right since.
export const failedOn = (memory, day) => memory.failed && memory.last === day;

// All that the entries of a log amount to.
export function replay(entries) {
  const ordered = [...entries].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const undone = new Set(ordered.map(({ undoes }) => undoes));
  const cards = new Map(); // memory by id of the card, the one answered last at the end
  const recalls = []; // after a day or more: on which day, and whether the card was known
  const met = new Set();
  const settings = { ...SETTINGS };
  let last = null; // the last review that stands
  for (const entry of ordered) {
    if (entry.met) met.add(entry.met);
    if (entry.set) Object.assign(settings, entry.set);
    if (!entry.card || undone.has(entry.id)) continue;
    const before = cards.get(entry.card);
    if (before && entry.day > before.last) recalls.push({ day: entry.day, right: entry.grade !== AGAIN });
    cards.delete(entry.card);
    cards.set(entry.card, answered(before, entry.day, entry.grade));
    last = entry;
  }
  return { cards, recalls, met, settings, last };
}

// How many cards there are of each deck.
function tally(list) {
  const counts = new Map();
  for (const { deck } of list) counts.set(deck, (counts.get(deck) ?? 0) + 1);
  return counts;
}

// A list in which the decks take turns; `turns` says how many each has had.
function inTurns(list, turns) {
  const turn = new Map();
  for (const card of list) {
    turn.set(card, turns.get(card.deck) ?? 0);
    turns.set(card.deck, turn.get(card) + 1);
  }
  return [...list].sort((a, b) => turn.get(a) - turn.get(b));
}

// What is to be asked today, in order, of a list of cards: each with its `id`, its `deck` and the
// `page` that teaches it, in the order of the book.
export function agenda(list, { cards, met, settings }, today) {
  const open = list.filter(({ id, page }) => cards.has(id) || settings.all || met.has(page));
  const memory = ({ id }) => cards.get(id);
  const seen = open.filter(memory);

  const failed = seen.filter((card) => failedOn(memory(card), today));
  const due = seen.filter((card) => memory(card).due <= today);
  due.sort((a, b) => recall(memory(a), today) - recall(memory(b), today));

  // What is new is taken from the decks in turns, first from the one of which least was begun before.
  const begun = seen.filter((card) => memory(card).first === today);
  const before = tally(seen.filter((card) => memory(card).first !== today));
  const unseen = open.filter((card) => !memory(card));
  unseen.sort((a, b) => (before.get(a.deck) ?? 0) - (before.get(b.deck) ?? 0));
  const left = Math.max(0, settings.newPerDay - begun.length);
  const fresh = inTurns(unseen, tally(begun)).slice(0, left);

  // Within a deck, what is nearest to being forgotten comes first, then what is new.
  const answeredToday = seen.filter((card) => memory(card).last === today);
  const others = inTurns([...due, ...fresh], tally(answeredToday));

  const latest = [...cards.keys()];
  failed.sort((a, b) => latest.indexOf(a.id) - latest.indexOf(b.id));
  const rested = failed.filter(({ id }) => latest.length - latest.indexOf(id) > OTHERS);
  const resting = failed.filter((card) => !rested.includes(card));
  return { order: [...rested, ...others, ...resting], failed, due, fresh };
}
