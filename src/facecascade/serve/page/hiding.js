// Pictures with their faces hidden, as the service makes them: the preview is what is downloaded.

import { byId, h, later } from "./dom.js";
import { shownBitmap } from "./bitmaps.js";

const PATIENCE = 350;

export function filterQuery(store) {
  const query = { preset: store.preset };
  if (store.filter.score > 0) query.min_score = store.filter.score;
  if (store.filter.size > 0) query.min_size = store.filter.size;
  return query;
}

export const hidingQuery = (store) => ({ ...filterQuery(store), style: store.style });

// The last one that came, which may be of an earlier filter until the next one comes.
export const hiddenBitmap = (picture) => picture.hidden?.bitmap ?? null;

export class Hiding {
  #store;
  #service;
  #notice;
  #abort = new AbortController();
  #last = null;

  constructor(store, service, notice) {
    this.#store = store;
    this.#service = service;
    this.#notice = notice;
    const soon = later(PATIENCE, () => this.#preview());
    store.on("view style current", () => this.#preview());
    store.on("filter", soon);
    store.on("picture", (picture) => picture === store.current && picture.status === "done" && soon());
    byId("show-hidden").onclick = () => store.set({ view: { ...store.view, hidden: !store.view.hidden } });
    byId("style").onchange = (event) => store.set({ style: event.target.value });
  }

  // A promise of the blob for what is shown now; asked for once.
  async blob(picture, signal) {
    const key = JSON.stringify(hidingQuery(this.#store));
    if (picture.hidden?.key !== key) {
      const blob = await this.#service.blur([{ blob: picture.file, name: picture.name }], JSON.parse(key), { signal });
      picture.hidden = { key, blob, ...(await shownBitmap(blob)) };
      // Of one picture alone: each is as large as what the screen shows of it.
      if (this.#last && this.#last !== picture) this.#last.hidden = null;
      this.#last = picture;
    }
    return picture.hidden.blob;
  }

  async #preview() {
    this.#abort.abort();
    const { current: picture, view } = this.#store;
    byId("hiding-note").hidden = !view.hidden;
    this.#busy(false);
    if (!view.hidden || picture?.status !== "done" || this.#store.adjusting) return;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#busy(true);
    try {
      await this.blob(picture, signal);
    } catch (problem) {
      if (signal.aborted) return;
      this.#notice.show(`The faces could not be hidden: ${problem.reason ?? problem}`);
      this.#store.set({ view: { ...this.#store.view, hidden: false } });
    }
    if (signal.aborted) return;
    this.#busy(false);
    this.#store.emit("hidden");
  }

  #busy(busy) {
    const button = byId("show-hidden");
    button.setAttribute("aria-busy", busy);
    button.querySelector(".spinner")?.remove();
    button.querySelector(".icon").toggleAttribute("hidden", busy);
    if (busy) button.append(h("span", { class: "spinner" }));
  }
}
