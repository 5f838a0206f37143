// Colours: as the system has them, light, or dark. Kept until the page is closed.

import { byId } from "./dom.js";

const THEMES = {
  system: "as the system has them",
  light: "light",
  dark: "dark",
};

export function followTheme() {
  const button = byId("theme");
  const names = Object.keys(THEMES);
  let now = 0;
  button.onclick = () => {
    now = (now + 1) % names.length;
    const name = names[now];
    if (name === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    button.setAttribute("aria-label", `Colours: ${THEMES[name]}`);
    button.title = `Colours: ${THEMES[name]}`;
    button.querySelector("use").setAttribute("href", `page/icons.svg#theme-${name}`);
  };
}
