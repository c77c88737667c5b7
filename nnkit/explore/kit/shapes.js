// SVG elements.

/** Append an SVG element. */
export function shape(parent, tag, attributes = {}) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  parent.append(element);
  return set(element, attributes);
}

/** Set an element's attributes; `text` is its text. */
export function set(element, { text, ...attributes }) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}
