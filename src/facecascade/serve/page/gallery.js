// All pictures, small: which ones are done, how many faces each has, which failed.

import { byId, count, h, icon, sentence } from "./dom.js";

export class Gallery {
  #store;
  #bitmaps;
  #items = new Map();
  #list = byId("thumbs");

  constructor(store, bitmaps) {
    this.#store = store;
    this.#bitmaps = bitmaps;
    store.on("pictures", () => this.#build());
    store.on("picture", (picture) => this.#refresh(picture));
    store.on("removed", (picture) => this.#items.delete(picture));
    store.on("current", () => this.#mark());
    store.on("filter", () => store.pictures.forEach((picture) => this.#refresh(picture)));
    byId("show-grid").onclick = () => this.showGrid(!this.grid);
  }

  get grid() {
    return byId("stage-area").classList.contains("grid");
  }

  get focused() {
    return this.#list.contains(document.activeElement);
  }

  showGrid(grid) {
    byId("stage-area").classList.toggle("grid", grid && this.#store.pictures.length > 1);
    byId("show-grid").setAttribute("aria-expanded", this.grid);
    this.#items.get(this.#store.current)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #build() {
    const { pictures } = this.#store;
    byId("gallery").hidden = pictures.length < 2;
    byId("scope").hidden = pictures.length < 2;
    if (pictures.length < 2) this.showGrid(false);
    for (const picture of pictures) {
      if (!this.#items.has(picture)) this.#add(picture);
    }
    this.#list.replaceChildren(...pictures.map((picture) => this.#items.get(picture)));
    this.#tell();
    this.#mark();
  }

  #add(picture) {
    const open = () => {
      this.#store.show(picture);
      if (this.grid) this.showGrid(false);
    };
    const button = h(
      "button",
      { class: "thumb", type: "button", onclick: open, title: picture.name },
      h("span", { class: "frame" }, h("canvas", { width: 4, height: 3 })),
      h("span", { class: "title" }, picture.name),
      h("span", { class: "reason" }),
    );
    this.#items.set(picture, h("li", {}, button));
    this.#refresh(picture);
    this.#paint(picture);
  }

  async #paint(picture) {
    const bitmap = await this.#bitmaps.thumb(picture).catch(() => null);
    const item = this.#items.get(picture);
    if (!bitmap || !item) return;
    const canvas = item.querySelector("canvas");
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    item.style.setProperty("--shape", bitmap.width / bitmap.height);
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0);
    if (picture.status === "done") this.#boxes(picture, context, bitmap);
  }

  #boxes(picture, context, { width }) {
    const scale = width / picture.width;
    for (const face of this.#store.shown(picture)) {
      const [x1, y1, x2, y2] = face.box.map((value) => value * scale);
      for (const [colour, line] of [["rgb(0 0 0 / .5)", 4], ["#fff", 2]]) {
        context.strokeStyle = colour;
        context.lineWidth = line;
        context.strokeRect(x1, y1, x2 - x1, y2 - y1);
      }
    }
  }

  #refresh(picture) {
    const button = this.#items.get(picture)?.firstChild;
    if (!button) return;
    const frame = button.querySelector(".frame");
    const faces = this.#store.shown(picture).length;
    const busy = ["waiting", "sending"].includes(picture.status);
    const key = `${picture.status} ${faces} ${picture.faces.length}`;
    if (button.dataset.key === key) return;
    button.dataset.key = key;
    button.className = `thumb ${busy ? "waiting" : picture.status}`;
    frame.querySelectorAll(".count, .spinner, .icon").forEach((old) => old.remove());
    if (busy) frame.append(h("span", { class: "spinner" }));
    else if (picture.status === "failed") frame.append(icon("warning"));
    else frame.append(h("span", { class: "count" }, String(faces)));
    const said = busy ? "waiting" : picture.status === "failed" ? `not searched: ${picture.problem}` : count(faces, "face");
    button.querySelector(".reason").textContent = sentence(picture.problem ?? "");
    button.setAttribute("aria-label", `${picture.name}, ${said}`);
    if (picture.status === "done") this.#paint(picture);
    this.#tell();
  }

  #tell() {
    const { pictures } = this.#store;
    const faces = pictures.reduce((sum, picture) => sum + this.#store.shown(picture).length, 0);
    const failed = pictures.filter((picture) => picture.status === "failed").length;
    const errors = failed ? ` · ${failed} not searched` : "";
    byId("gallery-text").textContent = `${count(pictures.length, "picture")} · ${count(faces, "face")}${errors}`;
  }

  #mark() {
    for (const [picture, item] of this.#items) {
      const current = picture === this.#store.current;
      const button = item.firstChild;
      button.tabIndex = current ? 0 : -1;
      if (current) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      if (current && this.focused) button.focus();
      if (current && !byId("gallery").hidden) reveal(this.#list, item);
    }
  }
}

// Scrolls the strip alone, never the page.
function reveal(list, item) {
  const { offsetLeft: left, offsetWidth: width } = item;
  const from = left - list.offsetLeft;
  if (from < list.scrollLeft) list.scrollLeft = from - 16;
  else if (from + width > list.scrollLeft + list.clientWidth) list.scrollLeft = from + width - list.clientWidth + 16;
}
