// The cards of a chapter: each answers back, and the review page learns that they have been met.

import { enliven } from "./answer.js";
import { Log } from "./log.js";

for (const form of document.querySelectorAll("[data-card] form")) enliven(form.closest("[data-card]"));

const { page } = document.querySelector("script[data-page]").dataset;
const log = new Log();
const id = `met ${page}`;
if (!log.fault && !log.entries.has(id)) log.add({ id, met: page });
