// The faces of the picture as a list of crops: what the canvas shows, in words and for the keyboard.

import { byId, count, h, say, shownScore } from "./dom.js";
import { CROP_SIDE, paintCrop } from "./crops.js";
import { passes } from "./store.js";

export class FaceList {
  #store;
  #bitmaps;
  #list = byId("crops");
  #items = [];
  #template = { name: "arcface-112", size: 112 };
  // How often crops were drawn; who copies them sees from it when to do so again.
  drawn = 0;

  constructor(store, bitmaps) {
    this.#store = store;
    this.#bitmaps = bitmaps;
    store.on("current", () => this.#build());
    store.on("picture", (picture) => picture === store.current && this.#build());
    store.on("filter", () => this.#filter());
    store.on("face", () => this.#mark());
    store.on("crop", () => this.#draw());
    for (const radio of document.querySelectorAll("[name=crop]")) {
      radio.onchange = () => store.set({ crop: radio.value });
    }
    this.#list.addEventListener("pointerleave", () => store.point(null));
  }

  set template(template) {
    this.#template = template;
  }

  canvasOf(face) {
    return this.#items[face.index].querySelector("canvas");
  }

  focus() {
    this.#items[this.#store.chosen]?.querySelector("button").focus();
  }

  get focused() {
    return this.#list.contains(document.activeElement);
  }

  #build() {
    const { current } = this.#store;
    const key = current && current.status === "done" ? current.faces : null;
    if (key === this.#built && current === this.#of) return this.#filter();
    this.#built = key;
    this.#of = current;
    this.#items = (current?.faces ?? []).map((face) => this.#item(face));
    this.#list.replaceChildren(...this.#items);
    this.#list.scrollTop = 0;
    this.#filter();
    this.#draw();
  }
  #built = null;
  #of = null;

  #item(face) {
    const score = shownScore(face.score);
    const [x1, y1, x2, y2] = face.box.map(Math.round);
    const name = `Face ${face.index + 1}, score ${score}, ${x2 - x1} by ${y2 - y1} pixels, at ${x1}, ${y1}`;
    const button = h(
      "button",
      {
        class: "crop",
        type: "button",
        "aria-label": name,
        onclick: () => this.#store.choose(face.index),
        onfocus: () => this.#store.choose(face.index),
        onpointerenter: () => this.#store.point(face.index),
        onpointerleave: () => this.#store.point(null),
      },
      h("canvas", { width: CROP_SIDE, height: CROP_SIDE }),
      h("span", {}, h("b", {}, score), `${Math.min(x2 - x1, y2 - y1)} px`),
    );
    return h("li", {}, button);
  }

  #filter() {
    const { current, filter } = this.#store;
    const faces = current?.faces ?? [];
    faces.forEach((face, at) => (this.#items[at].hidden = !passes(face, filter)));
    this.#tell();
    this.#mark();
  }

  #tell() {
    const { current, adjusting } = this.#store;
    byId("name").textContent = byId("name").title = current?.name ?? "";
    const shown = this.#store.shown().length;
    byId("summary").textContent = current ? summary(current, shown) : "";
    const none = current?.status === "done" && shown === 0;
    byId("no-faces").hidden = !none;
    byId("no-faces").textContent = current?.faces.length
      ? "No face is left: lower the score or the size."
      : "No face was found. A thorough search finds smaller and doubtful ones.";
    if (current?.status === "done" && !adjusting) say(`${current.name}: ${count(shown, "face")} shown.`, "faces");
  }

  // One of the buttons can be reached by the Tab key, the others by the arrow keys.
  #mark() {
    const { chosen, over } = this.#store;
    const first = chosen ?? this.#store.shown()[0]?.index;
    this.#items.forEach((item, index) => {
      const button = item.firstChild;
      button.tabIndex = index === first ? 0 : -1;
      button.classList.toggle("over", index === over);
      if (index === chosen) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
    if (chosen === null) return;
    if (this.focused) this.focus();
    else if (getComputedStyle(this.#list).overflowY === "auto") this.#items[chosen].scrollIntoView({ block: "nearest" });
  }

  async #draw() {
    const { current: picture, crop: kind } = this.#store;
    const items = this.#items;
    if (!picture || picture.faces.length === 0) return;
    const paint = (bitmap) => {
      if (items !== this.#items) return;
      const options = { kind, picture, side: this.#template.size };
      picture.faces.forEach((face, at) => paintCrop(items[at].querySelector("canvas"), bitmap, face, options));
      this.drawn++;
      this.#store.emit("crops");
    };
    // A picture that this browser cannot decode has faces without crops.
    await this.#bitmaps.whole(picture, paint).catch(() => null);
  }
}

function summary(picture, shown) {
  if (picture.status === "failed") return "Not searched";
  if (picture.status !== "done") return "Looking for faces …";
  const found = picture.faces.length;
  const faces = shown === found ? count(found, "face") : `${shown} of ${count(found, "face")}`;
  return `${faces} · ${picture.width} × ${picture.height} pixels`;
}
