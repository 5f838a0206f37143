// What the page knows: pictures, their faces, which are shown, which one is looked at. Views listen and draw.
//
// A picture: {id, file, name, status, progress, width, height, faces, problem}, status being waiting, sending, done or
// failed. A face: {index, box, score, landmarks, matrix}, numbered in its picture, best score first.

// Steps of the sliders. Scores of faces crowd below 1, and sizes are told apart by their ratio.
export const SCORES = [
  0, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 0.997,
  0.998, 0.999, 0.9995, 0.9998, 0.9999,
];
export const SIZES = [
  0, 10, 12, 15, 20, 25, 30, 35, 40, 50, 60, 70, 80, 100, 120, 140, 160, 200, 250, 300, 400, 500, 600, 800, 1000,
];

export const faceSize = (face) => Math.min(face.box[2] - face.box[0], face.box[3] - face.box[1]);

export const passes = (face, filter) => face.score >= filter.score && faceSize(face) >= filter.size;

export class Store extends EventTarget {
  pictures = [];
  current = null;
  // The face that is chosen and the one that is pointed at, by their numbers in the current picture.
  chosen = null;
  over = null;
  filter = { score: 0, size: 0 };
  // While a slider moves, faces that it takes away stay to be seen as outlines.
  adjusting = false;
  preset = "default";
  crop = "box";
  view = { boxes: true, landmarks: true, hidden: false };
  style = "blur";
  scope = "one";
  #next = 1;

  on(names, action) {
    for (const name of names.split(" ")) this.addEventListener(name, (event) => action(event.detail));
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  add(files) {
    const added = files.map((file) => ({
      id: this.#next++,
      file,
      name: file.name || "picture",
      status: "waiting",
      progress: 0,
      width: 0,
      height: 0,
      faces: [],
      problem: null,
    }));
    this.pictures.push(...added);
    this.emit("pictures");
    if (added.length > 0 && (!this.current || added.length === 1)) this.show(added[0]);
    return added;
  }

  remove(picture) {
    const at = this.pictures.indexOf(picture);
    if (at < 0) return;
    this.pictures.splice(at, 1);
    this.emit("removed", picture);
    if (this.current === picture) this.show(this.pictures[Math.min(at, this.pictures.length - 1)] ?? null);
    this.emit("pictures");
  }

  update(picture, changes) {
    Object.assign(picture, changes);
    if (picture === this.current && "faces" in changes) this.chosen = this.over = null;
    this.emit("picture", picture);
  }

  show(picture) {
    this.current = picture;
    this.chosen = this.over = null;
    this.emit("current");
  }

  step(by) {
    const at = this.pictures.indexOf(this.current) + by;
    if (at >= 0 && at < this.pictures.length) this.show(this.pictures[at]);
  }

  choose(index) {
    if (index === this.chosen) return;
    this.chosen = index;
    this.emit("face");
  }

  point(index) {
    if (index === this.over) return;
    this.over = index;
    this.emit("face");
  }

  set(changes) {
    Object.assign(this, changes);
    for (const name of Object.keys(changes)) this.emit(name);
  }

  setFilter(changes, { adjusting = false } = {}) {
    this.filter = { ...this.filter, ...changes };
    this.adjusting = adjusting;
    const chosen = this.current?.faces[this.chosen];
    if (chosen && !passes(chosen, this.filter)) this.choose(null);
    this.emit("filter");
  }

  shown(picture = this.current) {
    return picture ? picture.faces.filter((face) => passes(face, this.filter)) : [];
  }

  stepFace(by) {
    const shown = this.shown();
    if (shown.length === 0) return;
    const at = shown.findIndex((face) => face.index === this.chosen);
    const next = at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(Math.max(at + by, 0), shown.length - 1);
    this.choose(shown[next].index);
  }
}
