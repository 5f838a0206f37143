// Sends pictures to be searched, a few at a time, and puts what was found into the store.

import { bytes } from "./dom.js";
import { grouped } from "./groups.js";

// Pictures a request: enough for the service to work on several at once, few enough to see the first ones soon.
const GROUP = 4;
const GROUP_BYTES = 16e6;
const LANES = 2;

export class Detection {
  #store;
  #service;
  #limits = { max_bytes: Infinity, max_pictures: GROUP };
  #template = "arcface-112";
  #waiting = [];
  #lanes = 0;
  #abort = new AbortController();

  constructor(store, service) {
    this.#store = store;
    this.#service = service;
    store.on("removed", (picture) => (this.#waiting = this.#waiting.filter((waiting) => waiting !== picture)));
    store.on("preset", () => this.restart());
  }

  set limits(limits) {
    this.#limits = { ...this.#limits, ...limits };
  }

  add(pictures) {
    for (const picture of pictures) {
      this.#store.update(picture, { status: "waiting", progress: 0, problem: null, faces: [] });
    }
    this.#waiting.push(...pictures);
    this.#run();
  }

  restart() {
    this.stop();
    this.add([...this.#store.pictures]);
  }

  // Pictures that are not searched yet stay, to be tried again.
  stop() {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#waiting = [];
    const unfinished = this.#store.pictures.filter((picture) => ["waiting", "sending"].includes(picture.status));
    for (const picture of unfinished) this.#fail(picture, "Stopped before it was searched.");
  }

  #run() {
    while (this.#lanes < LANES && this.#waiting.length > 0) {
      this.#lanes++;
      this.#lane().finally(() => {
        this.#lanes--;
        this.#run();
      });
    }
  }

  async #lane() {
    const most = Math.min(GROUP, this.#limits.max_pictures);
    const [group] = grouped(this.#waiting, { pictures: most, bytes: Math.min(GROUP_BYTES, this.#limits.max_bytes) });
    this.#waiting.splice(0, group.length);
    await this.#send(group, this.#abort.signal);
  }

  async #send(group, signal) {
    const known = group.filter((picture) => this.#fits(picture));
    if (known.length === 0 || signal.aborted) return;
    for (const picture of known) this.#store.update(picture, { status: "sending", progress: 0 });
    try {
      const answer = await this.#service.detect(
        known.map(({ file, name }) => ({ blob: file, name })),
        { preset: this.#store.preset, template: this.#template },
        { signal, progress: (share) => known.forEach((picture) => this.#store.update(picture, { progress: share })) },
      );
      known.forEach((picture, at) => this.#receive(picture, answer.pictures[at]));
    } catch (problem) {
      await this.#rescue(known, problem, signal);
    }
  }

  // One picture of a group may be why the service refuses all of it: each gets its own answer.
  async #rescue(group, problem, signal) {
    if (signal.aborted) return;
    if (group.length > 1 && problem.status >= 400 && problem.status < 500 && ![401, 429].includes(problem.status)) {
      for (const picture of group) await this.#send([picture], signal);
    } else {
      for (const picture of group) this.#fail(picture, problem.reason ?? String(problem));
    }
  }

  #fits(picture) {
    const most = this.#limits.max_bytes;
    if (picture.file.size <= most) return true;
    this.#fail(picture, `The service takes up to ${bytes(most)} at a time; this has ${bytes(picture.file.size)}.`);
    return false;
  }

  #receive(picture, found) {
    if (found.error) return this.#fail(picture, found.error.detail || found.error.title);
    const faces = found.faces.toSorted((one, other) => other.score - one.score).map((face, index) => ({ ...face, index }));
    this.#store.update(picture, { status: "done", width: found.width, height: found.height, faces });
  }

  #fail(picture, problem) {
    this.#store.update(picture, { status: "failed", faces: [], problem });
  }
}
