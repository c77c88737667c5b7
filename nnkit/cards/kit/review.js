// The review page: one card after another, each when it is due. The cards stand further down, in the
// list of all of them; the one that is asked is a copy.

import { again, enliven } from "./answer.js";
import { Log, read, write } from "./log.js";
import { forecast, progress, retention } from "./pictures.js";
import { AGAIN, KNOWN, TARGET, agenda, answered, dayOf, failedOn, replay } from "./schedule.js";

const GRADES = ["Again", "Hard", "Good", "Easy"];
const [HARD, GOOD] = [2, 3];
const FORECAST = 14; // days
const WEEKS = 8;
const HARDEST = 5;

const FAULTS = {
  refused: "This browser lets the page store nothing. What you do here is gone when you leave: export it first.",
  full: "The browser’s storage is full, and the latest answers are not in it. Export them before you leave.",
  cleared: "The progress stored in this browser has been cleared. This page still knows it: export it to keep it.",
  corrupt: "The stored progress cannot be read as a whole. It will be kept aside, and what can be read goes on.",
  newer: "The stored progress is from a newer version of this page. It is left as it is; what you do here is gone when you leave: export it first.",
};

const decks = [...document.querySelectorAll("[data-deck]")];
const cards = [...document.querySelectorAll("[data-deck] > [data-card]")].map((element) => ({
  element,
  id: element.dataset.card,
  page: element.dataset.page,
  deck: element.parentElement,
}));
for (const { element } of cards) if (element.querySelector("form")) enliven(element);

const root = document.querySelector("[data-review]");
root.innerHTML = `
  <p class="warning" role="status"></p>
  <div class="sitting" tabindex="-1">
  <p class="count" tabindex="-1"></p>
  <p class="said" role="status"></p>
  <div class="asked"></div>
  <div class="grades" role="group" aria-label="How well did you know it?" hidden>
    ${GRADES.map((name, i) => `<button data-grade="${i + 1}" aria-keyshortcuts="${i + 1}"><kbd>${i + 1}</kbd> ${name} <span></span></button>`).join("")}
  </div>
  <p><button class="undo" aria-keyshortcuts="u">Undo <kbd>u</kbd></button></p>
  </div>
  <h2>Your progress</h2>
  <div class="pictures"></div>
  <h2>Your settings and data</h2>
  <p><label>New cards a day <input type="number" name="newPerDay" min="0" max="999"></label></p>
  <p><label><input type="checkbox" name="all"> Ask from chapters, too, that I have not opened</label></p>
  <p>Your progress is kept in this browser and nowhere else.</p>
  <p class="data">
    <button class="export">Export it</button>
    <button class="import">Import it</button>
    <input type="file" accept="application/json,.json" hidden>
    <button class="clear">Clear it</button>
  </p>`;
const part = (selector) => root.querySelector(selector);
const grades = part(".grades");

const log = new Log(() => refresh());
let state; // what the log amounts to
let today;
let asked = null; // the card that is asked,
let turned = false; // whether its answer has been seen,
let suggested; // and the grade that the answer earns

const count = (number, thing) => `${number} ${thing}${number === 1 ? "" : "s"}`;

function span(days) {
  if (days < 45) return count(days, "day");
  return days < 548 ? count(Math.round(days / 30.4), "month") : count(Math.round(days / 365), "year");
}

const say = (...words) => part(".said").replaceChildren(...words);

function warn() {
  const words = [];
  if (log.fault) words.push(FAULTS[log.fault]);
  if (log.aside) words.push(`What could not be read is kept in the browser’s storage as ${log.aside}.`);
  part(".warning").textContent = words.join(" ");
}

// --- One card

function turn(grade) {
  today = dayOf(Date.now());
  turned = true;
  suggested = Math.min(suggested, grade);
  const memory = state.cards.get(asked.id);
  for (const button of grades.children) {
    const after = answered(memory, today, Number(button.dataset.grade));
    button.lastElementChild.textContent = after.failed ? "today" : span(after.due - today);
  }
  grades.hidden = false;
  focusOn(grades.children[suggested - 1]);
}

function show(card) {
  [asked, turned, suggested] = [card, false, GOOD];
  grades.hidden = true;
  if (!card) return part(".asked").replaceChildren();

  const variants = [card.element, ...(card.element.querySelector("template")?.content.children ?? [])];
  const answers = state.cards.get(card.id)?.answers ?? 0;
  const copy = variants[answers % variants.length].cloneNode(true);
  copy.removeAttribute("id");
  for (const extra of copy.querySelectorAll("template, form button, [role=status]")) extra.remove();
  for (const fold of copy.querySelectorAll("details")) {
    fold.open = false;
    fold.addEventListener("toggle", () => {
      if (!fold.open) return;
      if (fold.querySelector("[data-reply=hint]")) suggested = Math.min(suggested, HARD);
      else if (!turned) turn(AGAIN);
    });
  }
  if (!copy.querySelector("form")) {
    copy.querySelector("legend").after(Object.assign(document.createElement("form"), { method: "dialog" }));
  }
  copy.querySelector("form").reset();
  enliven(copy, (verdict) => turn(verdict === "right" || verdict === "compare" ? GOOD : AGAIN));
  part(".asked").replaceChildren(copy);
}

// Later, lest the key that is being pressed is taken for one pressed there.
const focusOn = (element) => setTimeout(() => element.focus());

const focusOnCard = () => focusOn(part(".asked").querySelector("input, button") ?? part(".count"));

function grade(value) {
  today = dayOf(Date.now()); // the page may have been left open overnight
  const { element, id } = asked;
  const after = answered(state.cards.get(id), today, value);
  log.add({ card: id, day: today, grade: value });
  asked = null;
  refresh(true);
  const words = after.failed ? "it comes back in this sitting. " : `it comes back in ${span(after.due - today)}.`;
  say(`${GRADES[value - 1]}: ${words}`, ...(after.failed ? again(element) : []));
  focusOnCard();
}

function undo() {
  today = dayOf(Date.now());
  const { last } = state;
  if (last?.day !== today) return say("There is nothing of today to undo.");
  log.add({ undoes: last.id });
  asked = cards.find(({ id }) => id === last.card) ?? null;
  refresh(true);
  say("The last grade is undone.");
  focusOnCard();
}

// --- All of it

// Take in what the log says; the card that is asked stays unless it is no longer due.
function refresh(anew = false) {
  state = replay(log.entries.values());
  today = dayOf(Date.now());
  const { order, failed, due, fresh } = agenda(cards, state, today);
  const card = order.includes(asked) ? asked : (order[0] ?? null);
  if (anew || card !== asked) show(card);

  const parts = [
    failed.length && `${failed.length} to try again`,
    due.length && `${due.length} due`,
    fresh.length && `${fresh.length} new`,
  ].filter(Boolean);
  part(".count").replaceChildren(...(card ? [`${order.length} to go: ${parts.join(", ")}.`] : done()));
  part(".undo").hidden = state.last?.day !== today;
  part("[name=newPerDay]").value = state.settings.newPerDay;
  part("[name=all]").checked = state.settings.all;
  draw();
  warn();
}

// Of the cards that have been answered and are still in a deck.
const memories = () => cards.map(({ id }) => state.cards.get(id)).filter(Boolean);

// What is said when no card is left.
function done() {
  const days = memories().map(({ due }) => due).filter((day) => day > today);
  if (days.length) {
    const next = Math.min(...days);
    const number = days.filter((day) => day === next).length;
    return [`Nothing more today. The next ${number === 1 ? "card" : `${number} cards`} will be due in ${span(next - today)}.`];
  }
  if (state.settings.all || cards.some(({ page }) => state.met.has(page))) {
    return ["Nothing is due, and your settings ask for no new cards."];
  }
  const button = Object.assign(document.createElement("button"), { textContent: "Ask from all chapters" });
  button.addEventListener("click", () => {
    set({ all: true });
    focusOnCard();
  });
  const link = decks[0]?.querySelector(":scope > p a")?.cloneNode(true);
  return ["A chapter’s cards are asked here once you have opened it. Begin with ", link ?? "one", ", or: ", button];
}

function draw() {
  const tallies = decks.map((deck) => {
    const own = cards.filter((card) => card.deck === deck);
    const seen = own.map(({ id }) => state.cards.get(id)).filter(Boolean);
    const known = seen.filter(({ stability }) => stability >= KNOWN).length;
    return { title: deck.dataset.title, known, learning: seen.length - known, total: own.length };
  });
  const counts = Array(FORECAST).fill(0);
  const weeks = Array.from({ length: WEEKS }, () => ({ right: 0, total: 0 }));
  const listed = memories();
  for (const memory of listed) {
    const days = failedOn(memory, today) ? 0 : Math.max(0, memory.due - today);
    if (days < FORECAST) counts[days]++;
  }
  for (const { day, right } of state.recalls) {
    const week = weeks[WEEKS - 1 - Math.floor((today - day) / 7)];
    if (week) [week.right, week.total] = [week.right + right, week.total + 1];
  }
  const pictures = [["Cards", progress(tallies)]];
  if (listed.length) pictures.push(["Due in the next days", forecast(counts)]);
  if (weeks.some(({ total }) => total)) pictures.push(["Known when they came back", retention(weeks, TARGET)]);
  const hard = cards
    .filter(({ id }) => state.cards.get(id)?.lapses)
    .sort((a, b) => state.cards.get(b.id).difficulty - state.cards.get(a.id).difficulty)
    .slice(0, HARDEST);
  part(".pictures").innerHTML = pictures
    .map(([title, picture]) => `<figure><figcaption>${title}</figcaption>${picture}</figure>`)
    .join("");
  if (hard.length) part(".pictures").append(hardest(hard));
}

// The cards that are forgotten most, each with a link to it and its difficulty in stars.
function hardest(hard) {
  const figure = document.createElement("figure");
  figure.innerHTML = "<figcaption>Hardest</figcaption><ul></ul>";
  for (const { element, id } of hard) {
    const stars = Math.ceil(state.cards.get(id).difficulty / 2); // of difficulties from 1 to 10
    const item = document.createElement("li");
    item.innerHTML = `<span role="img" aria-label="Difficulty ${stars} of 5">${"★".repeat(stars)}${"☆".repeat(5 - stars)}</span> <a></a>`;
    const link = item.querySelector("a");
    link.href = `#${element.id}`;
    link.textContent = id.split(".")[1].replaceAll("-", " ");
    figure.lastElementChild.append(item);
  }
  return figure;
}

// --- What the reader does

function set(settings) {
  log.add({ set: settings });
  refresh();
}

grades.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button) grade(Number(button.dataset.grade));
});
part(".undo").addEventListener("click", undo);

addEventListener("keydown", (event) => {
  const { key, repeat, target } = event;
  if (repeat && root.contains(target) && target.matches("button")) event.preventDefault();
  const writes = target.matches("input:not([type=radio], [type=checkbox]), textarea");
  if (writes || event.ctrlKey || event.metaKey || event.altKey || repeat) return;
  const here = part(".sitting").contains(target);
  if (here && key === "u") undo();
  else if (here && turned && "1234".includes(key)) grade(Number(key));
  else if (key === " " && !event.shiftKey && !target.closest("a, button, summary, input, [tabindex='0']") && asked) {
    event.preventDefault();
    if (turned) focusOn(grades.children[suggested - 1]);
    else if (part(".asked input")) focusOnCard();
    else part(".asked form").requestSubmit();
  }
});

part("[name=newPerDay]").addEventListener("change", ({ target }) => {
  if (target.reportValidity() && target.value !== "") set({ newPerDay: Math.floor(target.valueAsNumber) });
});
part("[name=all]").addEventListener("change", ({ target }) => set({ all: target.checked }));

part(".export").addEventListener("click", () => {
  const file = new Blob([write(log.entries.values())], { type: "application/json" });
  const href = URL.createObjectURL(file);
  const download = `nnkit-reviews-${new Date(dayOf(Date.now()) * 86_400_000).toISOString().slice(0, 10)}.json`;
  Object.assign(document.createElement("a"), { href, download }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
});

part(".import").addEventListener("click", () => part("[type=file]").click());

part("[type=file]").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  if (!file) return;
  const { entries, fault } = read(await file.text().catch(() => ""));
  target.value = "";
  if (fault === "newer") return say(`${file.name} is from a newer version of this page. Nothing was taken from it.`);
  if (fault && !entries.length) return say(`${file.name} holds no progress that can be read. Nothing was taken from it.`);
  const added = log.take(entries);
  refresh();
  const rest = fault ? " The rest of the file cannot be read." : "";
  say(`${added} of the ${count(entries.length, "entry").replace("entrys", "entries")} in ${file.name} were new and are now part of your progress.${rest}`);
});

part(".clear").addEventListener("click", () => {
  if (!confirm("Forget all your progress in this browser? What you have exported stays.")) return;
  log.clear();
  asked = null;
  refresh(true);
  say("Your progress is cleared.");
});

// A page left open overnight has other cards to ask.
document.addEventListener("visibilitychange", () => document.hidden || refresh());

refresh();
