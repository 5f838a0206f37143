// The picture with its faces on a canvas: zoom, pan, pointing at faces and choosing them.

import { byId, count, h, icon, sentence, shownScore } from "./dom.js";
import { hiddenBitmap } from "./hiding.js";
import { paintFaces, paintPicture } from "./paint.js";
import { followPointers } from "./pointers.js";
import { faceSize, passes } from "./store.js";
import { Zoom } from "./zoom.js";

// A face that is shown smaller is still as large as this to a finger.
const LEAST_TARGET = 26;

export class Viewer {
  #store;
  #bitmaps;
  #zoom = new Zoom();
  #view = byId("view");
  #canvas = byId("canvas");
  #bitmap = null;
  #frame = 0;

  constructor(store, bitmaps, again) {
    this.#store = store;
    this.#bitmaps = bitmaps;
    this.again = again;
    store.on("current", () => this.#open());
    store.on("picture", (picture) => picture === store.current && this.#refresh());
    store.on("filter view face hidden", () => this.draw());
    new ResizeObserver(() => this.#resize()).observe(this.#view);
    followPointers(this.#view, this);
    byId("zoom-in").onclick = () => this.zoomBy(1.5);
    byId("zoom-out").onclick = () => this.zoomBy(1 / 1.5);
    byId("zoom-fit").onclick = () => this.fit();
  }

  zoomBy(factor, point) {
    this.#zoom.by(factor, point);
    this.draw();
  }

  pan(across, down) {
    this.#zoom.pan(across, down);
    this.draw();
  }

  get zoomed() {
    return this.#zoom.zoomed;
  }

  fit() {
    this.#zoom.fit();
    this.draw();
  }

  actualSize() {
    this.#zoom.by(1 / devicePixelRatio / this.#zoom.scale);
    this.draw();
  }

  // To the chosen face.
  toFace() {
    const face = this.#store.current?.faces[this.#store.chosen];
    if (!face) return;
    this.#zoom.to(face.box);
    this.draw();
  }

  // The smallest face at a point of the stage; null where there is none.
  faceAt(point) {
    const hits = this.#store.shown().filter((face) => this.#near(face, point));
    return hits.sort((one, other) => faceSize(one) - faceSize(other))[0]?.index ?? null;
  }

  pointAt(point) {
    const index = point && this.faceAt(point);
    this.#view.classList.toggle("over", index !== null);
    this.#store.point(index);
  }

  chooseAt(point) {
    this.#store.choose(this.faceAt(point));
  }

  draw() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  // Where a box lies on the stage: [left, top, right, bottom] in CSS pixels.
  placeOf(face) {
    return [...this.#zoom.toStage(face.box.slice(0, 2)), ...this.#zoom.toStage(face.box.slice(2))];
  }

  #near(face, [x, y]) {
    const [left, top, right, bottom] = this.placeOf(face);
    const across = Math.max((LEAST_TARGET - (right - left)) / 2, 0);
    const down = Math.max((LEAST_TARGET - (bottom - top)) / 2, 0);
    return x >= left - across && x <= right + across && y >= top - down && y <= bottom + down;
  }

  async #open() {
    const picture = this.#store.current;
    this.#bitmap = null;
    this.#refresh();
    this.draw();
    if (!picture) return;
    const shown = await this.#bitmaps.shown(picture).catch(() => null);
    if (picture !== this.#store.current) return;
    this.#bitmap = shown?.bitmap ?? null;
    // Until the service has told the size, the bitmap's own is as good: only the picture itself is drawn.
    if (this.#bitmap && !picture.width) this.#zoom.setPicture(this.#bitmap.width, this.#bitmap.height);
    this.#zoom.fit();
    this.draw();
  }

  #refresh() {
    const picture = this.#store.current;
    if (picture?.width) this.#zoom.setPicture(picture.width, picture.height);
    this.#tell(picture);
    this.draw();
  }

  #tell(picture) {
    const message = byId("stage-message");
    const failures = this.#store.pictures.filter(({ status }) => status === "failed").length;
    const key = picture && `${picture.id} ${picture.status} ${picture.problem} ${failures}`;
    if (message.dataset.key === key) return;
    message.dataset.key = key ?? "";
    const busy = picture && ["waiting", "sending"].includes(picture.status);
    message.hidden = !busy && picture?.status !== "failed";
    message.className = busy ? "busy" : "";
    if (busy) message.replaceChildren(h("span", { class: "spinner" }), h("span", {}, "Looking for faces"));
    else if (picture?.status === "failed") message.replaceChildren(...this.#failure(picture));
  }

  #failure(picture) {
    const failed = this.#store.pictures.filter(({ status }) => status === "failed");
    const again = (pictures, text) => h("button", { type: "button", onclick: () => this.again(pictures) }, text);
    return [
      icon("warning"),
      h("h2", {}, "This picture was not searched"),
      h("p", {}, sentence(picture.problem)),
      again([picture], "Try again"),
      failed.length > 1 ? again(failed, `Try all ${failed.length} again`) : "",
    ];
  }

  #resize() {
    const { width, height } = this.#view.getBoundingClientRect();
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    this.#zoom.setStage(width, height);
    this.#paint();
  }

  #paint() {
    const { current: picture, view } = this.#store;
    const context = this.#canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    this.#describe(picture);
    if (!picture || !this.#bitmap || picture.status === "failed") return;
    const hidden = view.hidden ? hiddenBitmap(picture) : null;
    const frame = picture.width ? picture : this.#bitmap;
    paintPicture(context, hidden ?? this.#bitmap, this.#zoom, frame);
    paintFaces(context, this.#states(picture, hidden), this.#zoom, view);
    this.#store.emit("painted");
  }

  #states(picture, hidden) {
    const { filter, adjusting, chosen, over } = this.#store;
    const stateOf = (face) => {
      if (!passes(face, filter)) return adjusting ? "gone" : null;
      if (face.index === chosen) return "chosen";
      if (face.index === over) return "over";
      return hidden ? null : "shown";
    };
    return picture.faces.map((face) => ({ face, state: stateOf(face) })).filter(({ state }) => state !== null);
  }

  #describe(picture) {
    byId("zoom-level").textContent = `${Math.round(this.#zoom.scale * devicePixelRatio * 100)} %`;
    this.#view.classList.toggle("zoomed", this.#zoom.zoomed);
    const faces = this.#store.shown();
    const chosen = picture?.faces[this.#store.chosen];
    const at = chosen ? `, face ${chosen.index + 1} chosen, score ${shownScore(chosen.score)}` : "";
    this.#view.setAttribute("aria-label", picture ? `${picture.name}: ${count(faces.length, "face")} shown${at}` : "");
  }
}
