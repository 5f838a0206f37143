// Where a picture lies on the stage: a scale and a shift, in CSS pixels.

const AROUND = 14;
// Room for the tools below.
const BELOW = 64;
const LARGEST = 12;

export class Zoom {
  scale = 1;
  x = 0;
  y = 0;
  // What holds the picture: its size and that of the stage.
  #picture = { width: 1, height: 1 };
  #stage = { width: 1, height: 1 };
  fitted = true;

  get least() {
    const { width, height } = this.#stage;
    const across = Math.max(width - 2 * AROUND, 20) / this.#picture.width;
    const down = Math.max(height - AROUND - BELOW, 20) / this.#picture.height;
    return Math.min(across, down, 4);
  }

  get most() {
    return Math.max(LARGEST, this.least * 4);
  }

  get zoomed() {
    return this.scale > this.least * 1.001;
  }

  setPicture(width, height) {
    const same = this.#picture.width === width && this.#picture.height === height;
    this.#picture = { width, height };
    if (!same) this.fit();
  }

  setStage(width, height) {
    this.#stage = { width, height };
    if (this.fitted) this.fit();
    else this.#settle();
  }

  fit() {
    this.scale = this.least;
    this.fitted = true;
    this.#settle();
  }

  // The point of the stage stays where it is.
  by(factor, [x, y] = this.#middle()) {
    const scale = Math.min(Math.max(this.scale * factor, this.least), this.most);
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.fitted = !this.zoomed;
    this.#settle();
  }

  pan(across, down) {
    this.x += across;
    this.y += down;
    this.#settle();
  }

  // A box takes up about a third of the stage.
  to([x1, y1, x2, y2]) {
    const { width, height } = this.#stage;
    const wanted = Math.min(width, height - BELOW) / (3 * Math.max(x2 - x1, y2 - y1, 1));
    this.scale = Math.min(Math.max(wanted, this.least), this.most);
    this.x = width / 2 - ((x1 + x2) / 2) * this.scale;
    this.y = (height - BELOW) / 2 - ((y1 + y2) / 2) * this.scale;
    this.fitted = !this.zoomed;
    this.#settle();
  }

  toStage([x, y]) {
    return [x * this.scale + this.x, y * this.scale + this.y];
  }

  toPicture([x, y]) {
    return [(x - this.x) / this.scale, (y - this.y) / this.scale];
  }

  #middle() {
    return [this.#stage.width / 2, (this.#stage.height - BELOW) / 2];
  }

  // No edge of the picture comes further in than it has to; what is smaller than the stage is in its middle.
  #settle() {
    const { width, height } = this.#stage;
    this.x = settled(this.x, this.#picture.width * this.scale, AROUND, width - AROUND);
    this.y = settled(this.y, this.#picture.height * this.scale, AROUND, height - BELOW);
  }
}

function settled(from, length, first, last) {
  if (length <= last - first) return (first + last - length) / 2;
  return Math.min(Math.max(from, last - length), first);
}
