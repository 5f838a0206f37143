// A message above the page, until it is closed or no longer true.

import { byId, sentence } from "./dom.js";

export class Notice {
  #timer = 0;

  constructor() {
    byId("notice-close").onclick = () => this.hide();
  }

  // again: what the button "Try again" does; without it there is none. seconds: how long the message holds.
  show(text, { again = null, seconds = null } = {}) {
    clearTimeout(this.#timer);
    byId("notice-text").textContent = sentence(text);
    byId("notice").classList.toggle("calm", seconds !== null);
    byId("notice-again").hidden = again === null;
    byId("notice-again").onclick = () => (this.hide(), again());
    byId("notice").hidden = false;
    if (seconds !== null) this.#timer = setTimeout(() => this.hide(), seconds * 1000);
  }

  hide() {
    byId("notice").hidden = true;
  }
}
