// On a static page: bring each explorable alive when it comes near the screen. A table answers, or
// Python in the page, where that offers `explorablePython` (see `browser` in suppliers.js).
import { admit, mount } from "./mount.js";
import { browser, table } from "./suppliers.js";

async function wake(figure) {
  const spec = JSON.parse(figure.dataset.spec);
  const here = (file) => new URL(file, import.meta.url).href;
  try {
    const { explorable } = await import(here(`${spec.name}.js`));
    const run = window.explorablePython;
    const ask = run ? browser(run, spec) : table(here(spec.name), spec, explorable.compute);
    await mount(figure, spec, explorable, ask, run ? "browser" : "table");
  } catch (error) {
    admit(figure, error);
  }
}

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      wake(target);
    }
  },
  { rootMargin: "400px" },
);
const figures = document.querySelectorAll("figure[data-explorable]");
/** Show the explorable that the address has a state of. */
function follow(block) {
  const linked = [...figures].find(({ dataset }) => location.hash.startsWith(`#${dataset.explorable}?`));
  linked?.scrollIntoView({ block });
}
follow("center");
addEventListener("hashchange", () => follow("nearest")); // its own link, clicked, is not to move it
for (const figure of figures) near.observe(figure);
