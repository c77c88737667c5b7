// In a notebook: the same view, in an anywidget, answered by the kernel.
import { admit, mount } from "./mount.js";
import { kernel } from "./suppliers.js";

export * from "./kit.js";

export const widget = (explorable) => async ({ model, el }) => {
  const spec = model.get("spec");
  const figure = document.createElement("figure");
  figure.className = "explorable";
  figure.dataset.explorable = spec.name;
  // The keys that move a control are the notebook's shortcuts too: keep them from JupyterLab, which
  // sees them on their way down, and from others, which do on their way up.
  figure.dataset.lmSuppressShortcuts = "true";
  figure.addEventListener("keydown", (event) => event.stopPropagation());
  el.append(figure);
  try {
    return await mount(figure, spec, explorable, kernel(model), "kernel");
  } catch (error) {
    return admit(figure, error);
  }
};
