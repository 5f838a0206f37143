// Beside the face that is pointed at or chosen: its crop, score and size.

import { byId, h, shownScore } from "./dom.js";
import { CROP_SIDE } from "./crops.js";

const AWAY = 10;

export class Card {
  #store;
  #viewer;
  #list;
  #card = byId("card");
  #canvas = h("canvas", { width: CROP_SIDE, height: CROP_SIDE });
  #facts = h("dl");
  #shown = null;

  constructor(store, viewer, list) {
    this.#store = store;
    this.#viewer = viewer;
    this.#list = list;
    this.#card.append(this.#canvas, this.#facts);
    store.on("face painted current picture crop crops", () => this.#show());
  }

  #show() {
    const { current, over, chosen, view } = this.#store;
    const face = current?.faces[over ?? chosen];
    this.#card.hidden = !face;
    if (!face) return;
    const crop = this.#list.canvasOf(face);
    const key = `${current.id} ${face.index} ${this.#store.crop} ${view.hidden} ${this.#list.drawn}`;
    if (key !== this.#shown) {
      this.#shown = key;
      this.#canvas.getContext("2d").drawImage(crop, 0, 0);
      this.#facts.replaceChildren(...facts(face).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
    }
    this.#place(this.#viewer.placeOf(face));
  }

  // To the right of the face, else to its left, else below or above it; always on the stage.
  #place([left, top, right, bottom]) {
    const { clientWidth: width, clientHeight: height } = byId("stage");
    const { offsetWidth: across, offsetHeight: down } = this.#card;
    const within = (value, most) => Math.min(Math.max(value, 6), Math.max(most - 6, 6));
    let x = right + AWAY;
    let y = (top + bottom - down) / 2;
    if (x + across > width && left - AWAY - across >= 0) x = left - AWAY - across;
    else if (x + across > width) {
      x = (left + right - across) / 2;
      y = bottom + AWAY + down <= height - 60 ? bottom + AWAY : top - AWAY - down;
    }
    this.#card.style.transform = `translate(${Math.round(within(x, width - across))}px, ${Math.round(within(y, height - down - 54))}px)`;
  }
}

function facts(face) {
  const [x1, y1, x2, y2] = face.box;
  const rows = [
    ["Score", shownScore(face.score)],
    ["Size", `${Math.round(x2 - x1)} × ${Math.round(y2 - y1)}`],
    ["At", `${Math.round(x1)}, ${Math.round(y1)}`],
  ];
  if (!face.landmarks) return rows;
  const [[ax, ay], [bx, by]] = face.landmarks;
  return [...rows, ["Tilt", `${Math.round((Math.atan2(by - ay, bx - ax) * 180) / Math.PI)}°`]];
}
