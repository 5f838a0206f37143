// Elements by name, elements made, and what is said to screen readers.

export const byId = (id) => {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element #${id}`);
  return element;
};

// h("button", {class: "plain", onclick: f, "aria-label": "Close"}, child, "text")
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `page/icons.svg#${name}`);
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

// Messages within one breath are one message: a screen reader would cut each off by the next. Of one topic only the
// last is said.
let pending = new Map();
export function say(text, topic = text) {
  if (pending.size === 0) {
    setTimeout(() => {
      byId("said").textContent = [...pending.values()].join(" ");
      pending = new Map();
    }, 150);
  }
  pending.delete(topic);
  pending.set(topic, text);
}

export const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export const bytes = (number) =>
  number < 2 ** 20 ? `${Math.max(1, Math.round(number / 2 ** 10))} kB` : `${Number((number / 2 ** 20).toPrecision(3))} MB`;

// Rounded down, so that none below 1 is shown as 1, nor below the threshold that it seems to reach.
export const shownScore = (score) => (Math.floor(score * 10_000) / 10_000).toFixed(4);

export function later(milliseconds, action) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
}
