// In a notebook: the same view, in an anywidget, answered by the kernel.
import { mount } from "./mount.js";
import { kernel } from "./suppliers.js";

export * from "./kit.js";

export const widget = (explorable) => async ({ model, el }) => {
  const spec = model.get("spec");
  const figure = document.createElement("figure");
  figure.className = "explorable";
  figure.dataset.explorable = spec.name;
  el.append(figure);
  await mount(figure, spec, explorable, kernel(model), "kernel");
};
