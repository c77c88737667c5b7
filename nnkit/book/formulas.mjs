// Sets formulas: a line of JSON in, {"tex", "display"}; a line out, {"svg", "mathml"} or {"error"}.
import { createInterface } from "node:readline";
import { liteAdaptor } from "@mathjax/src/mjs/adaptors/liteAdaptor.js";
import { STATE } from "@mathjax/src/mjs/core/MathItem.js";
import { SerializedMmlVisitor } from "@mathjax/src/mjs/core/MmlTree/SerializedMmlVisitor.js";
import { RegisterHTMLHandler } from "@mathjax/src/mjs/handlers/html.js";
import { TeX } from "@mathjax/src/mjs/input/tex.js";
import "@mathjax/src/mjs/input/tex/ams/AmsConfiguration.js";
import "@mathjax/src/mjs/input/tex/base/BaseConfiguration.js";
import "@mathjax/src/mjs/input/tex/boldsymbol/BoldsymbolConfiguration.js";
import { mathjax } from "@mathjax/src/mjs/mathjax.js";
import { SVG } from "@mathjax/src/mjs/output/svg.js";
import "@mathjax/src/mjs/util/asyncLoad/esm.js";
import { MathJaxStix2Font } from "@mathjax/mathjax-stix2-font/mjs/svg.js";

const adaptor = liteAdaptor();
RegisterHTMLHandler(adaptor);
const page = mathjax.document("", {
  InputJax: new TeX({
    packages: ["base", "ams", "boldsymbol"],
    formatError: (_jax, error) => { throw error; },
  }),
  OutputJax: new SVG({
    fontCache: "local",
    linebreaks: { inline: false },
    fontData: MathJaxStix2Font,
    dynamicPrefix: "@mathjax/mathjax-stix2-font/mjs/svg/dynamic",
  }),
});
const visitor = new SerializedMmlVisitor();

async function set({ tex, display }) {
  const options = { display, em: 16, ex: 8, containerWidth: 1e6 };
  const tree = await page.convertPromise(tex, { ...options, end: STATE.CONVERT });
  const container = await page.convertPromise(tex, options);
  return { svg: adaptor.innerHTML(container), mathml: visitor.visitTree(tree) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await set(JSON.parse(line)).catch((error) => ({ error: error.message }));
  process.stdout.write(JSON.stringify(answer) + "\n");
}
