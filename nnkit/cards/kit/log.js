// What a reader has done, kept in this browser: entries that are only ever added to. An entry has an
// `id`, the time `at` which it was made in milliseconds, and one of
//   card, day, grade   a review: the day counts from 1970-01-01, the grade is 1 (again) to 4 (easy)
//   undoes             the id of a review that is taken back
//   met                the name of a page that was opened, and with it the cards that it teaches
//   set                settings, by name
// Entries have no order but that of their times, so that logs of two tabs or two machines are united
// by their ids.

export const KEY = "nnkit.reviews";
const VERSION = 1;

export const write = (entries) => JSON.stringify({ version: VERSION, entries: [...entries] });

const isReview = ({ day, grade }) => Number.isInteger(day) && [1, 2, 3, 4].includes(grade);

const isSetting = ([name, value]) =>
  name === "newPerDay" ? Number.isInteger(value) && value >= 0 : name !== "all" || typeof value === "boolean";

const isEntry = (entry) =>
  typeof entry?.id === "string" &&
  Number.isFinite(entry.at) &&
  (!("card" in entry) || isReview(entry)) &&
  Object.entries(entry.set ?? {}).every(isSetting);

// What a text holds, and its fault if it has one: "corrupt" or "newer".
export function read(text) {
  let log;
  try {
    log = JSON.parse(text);
  } catch {
    return { entries: [], fault: "corrupt" };
  }
  if (log?.version > VERSION) return { entries: [], fault: "newer" };
  if (log?.version !== VERSION || !Array.isArray(log.entries)) return { entries: [], fault: "corrupt" };
  const entries = log.entries.filter(isEntry);
  return { entries, fault: entries.length < log.entries.length ? "corrupt" : null };
}

// Entries by id, from several lists; of two with one id, the later list's.
const unite = (...lists) => new Map(lists.flatMap((list) => [...list].map((entry) => [entry.id, entry])));

const session = Date.now().toString(36) + Math.random().toString(36).slice(2, 6);

export class Log {
  entries = new Map();
  // What is wrong with the storage, if anything: "refused", "full", "cleared", "corrupt", "newer".
  fault = null;
  // The name under which a text that could not be read is kept.
  aside = null;

  #text = null; // what is stored,
  #unread = null; // the same if it could not be read as a whole and is not kept aside yet,
  #kept = new Map(); // the entries in it,
  #own = new Map(); // and those that this page has added
  #count = 0;

  // `changed` is called when another page has added something, or all of it is gone.
  constructor(changed = () => {}) {
    this.#load();
    const heed = () => {
      this.#load();
      // Two tabs that write at the same time can undo each other's entry; each adds its own again.
      if ([...this.#own.keys()].some((id) => !this.#kept.has(id))) this.#save();
      changed();
    };
    addEventListener("storage", ({ key }) => (key === KEY || key === null) && heed());
    // A page to which the reader comes back has been told nothing in the meantime.
    addEventListener("pageshow", ({ persisted }) => persisted && heed());
  }

  // Add entries, which get an id and the time unless they have one.
  add(...entries) {
    const id = () => `${session}-${String(this.#count++).padStart(5, "0")}`;
    return this.take(entries.map((entry) => ({ id: id(), at: Date.now(), ...entry })));
  }

  // Take entries as they are; return how many are new.
  take(entries) {
    this.#load();
    const known = this.entries;
    this.entries = unite(known.values(), entries, known.values());
    for (const { id } of entries) if (!this.#kept.has(id)) this.#own.set(id, this.entries.get(id));
    this.#save();
    return this.entries.size - known.size;
  }

  // Forget everything, here and in the storage.
  clear() {
    try {
      localStorage.removeItem(KEY);
      this.fault = null;
    } catch {
      this.fault = "refused";
    }
    this.#forget();
    this.entries.clear();
  }

  #forget() {
    this.#text = null;
    this.#unread = null;
    this.#kept.clear();
    this.#own.clear();
  }

  #load() {
    let text;
    try {
      text = localStorage.getItem(KEY);
    } catch {
      this.fault = "refused";
      return;
    }
    if (text === this.#text) return;
    if (text === null) {
      this.#forget();
      this.fault = "cleared";
      return;
    }
    const { entries, fault } = read(text);
    const kept = unite(entries);
    const gone = [...this.#kept.keys()].filter((id) => !kept.has(id));
    // Another tab has cleared the storage and begun anew; what is our own it may only have overwritten.
    if (!fault && gone.some((id) => !this.#own.has(id))) this.#own.clear();
    this.#text = text;
    this.#unread = fault === "corrupt" ? text : null;
    this.#kept = kept;
    this.entries = unite(this.entries.values(), entries);
    this.fault = fault ?? this.#loss();
  }

  // The fault that there are entries which are not in the storage and are not to be put there.
  #loss() {
    return this.entries.size > unite(this.#kept.values(), this.#own.values()).size ? "cleared" : null;
  }

  #save() {
    if (this.fault === "refused" || this.fault === "newer") return;
    try {
      if (this.#unread !== null) this.#putAside();
      const all = unite(this.#kept.values(), this.#own.values());
      const text = write(all.values());
      localStorage.setItem(KEY, text);
      [this.#text, this.#kept] = [text, all];
      this.fault = this.#loss();
    } catch {
      this.fault = "full";
    }
  }

  #putAside() {
    let name = `${KEY}.aside`;
    const taken = () => ![null, this.#unread].includes(localStorage.getItem(name));
    for (let number = 2; taken(); number++) name = `${KEY}.aside.${number}`;
    localStorage.setItem(name, this.#unread);
    this.aside = name;
    this.#unread = null;
  }
}
