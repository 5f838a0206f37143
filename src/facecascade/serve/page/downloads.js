// What can be taken home: crops as a zip, JSON, CSV, and pictures with their faces hidden.

import { byId, h, say } from "./dom.js";
import { filterQuery, hidingQuery } from "./hiding.js";
import { grouped } from "./groups.js";
import { toCsv, toJson } from "./tables.js";

// Long enough for any browser to have begun with the download.
const HELD = 60_000;

export class Downloads {
  #store;
  #service;
  #hiding;
  #notice;
  #limits = { max_bytes: Infinity, max_pictures: Infinity };

  constructor(store, { service, hiding, notice }) {
    this.#store = store;
    this.#service = service;
    this.#hiding = hiding;
    this.#notice = notice;
    for (const radio of document.querySelectorAll("[name=scope]")) {
      radio.onchange = () => store.set({ scope: radio.value });
    }
    byId("get-json").onclick = () => this.#table("json", toJson, "application/json");
    byId("get-csv").onclick = () => this.#table("csv", toCsv, "text/csv");
    byId("get-zip").onclick = () => this.#working("get-zip", () => this.#crops());
    byId("get-hidden").onclick = () => this.#working("get-hidden", () => this.#hidden());
    store.on("picture current pictures filter scope", () => this.#allow());
  }

  set limits(limits) {
    this.#limits = { ...this.#limits, ...limits };
  }

  get #pictures() {
    const { pictures, current, scope } = this.#store;
    if (scope === "all" && pictures.length > 1) return pictures;
    return current ? [current] : [];
  }

  get #searched() {
    return this.#pictures.filter((picture) => picture.status === "done");
  }

  #allow() {
    const done = this.#searched;
    const faces = done.some((picture) => this.#store.shown(picture).length > 0);
    byId("get-json").disabled = byId("get-csv").disabled = this.#pictures.length === 0;
    if (!byId("get-zip").hasAttribute("aria-busy")) byId("get-zip").disabled = !faces;
    if (!byId("get-hidden").hasAttribute("aria-busy")) byId("get-hidden").disabled = done.length === 0;
    byId("get-hidden").querySelector("span").textContent = this.#pictures.length > 1 ? "Pictures" : "Picture";
  }

  #name(what) {
    const pictures = this.#pictures;
    return pictures.length === 1 ? `${stem(pictures[0].name)}-${what}` : what;
  }

  #table(suffix, write, type) {
    const entries = this.#pictures.map((picture) => ({ picture, faces: this.#store.shown(picture) }));
    save(new Blob([write(entries)], { type }), `${this.#name("faces")}.${suffix}`);
  }

  async #crops() {
    const { crop } = this.#store;
    const pictures = this.#searched.filter((picture) => this.#store.shown(picture).length > 0);
    const ask = (files) => this.#service.extract(files, { ...filterQuery(this.#store), crop });
    await this.#zips(pictures, ask, this.#name("faces"));
  }

  async #hidden() {
    const pictures = this.#searched;
    if (pictures.length === 1) {
      const blob = await this.#hiding.blob(pictures[0]);
      return save(blob, `${stem(pictures[0].name)}-hidden.${suffixOf(blob)}`);
    }
    const ask = (files) => this.#service.blur(files, hidingQuery(this.#store));
    await this.#zips(pictures, ask, this.#name("hidden"));
  }

  // As many zips as the limits of a request make of the pictures.
  async #zips(pictures, ask, name) {
    const groups = grouped(pictures, { pictures: this.#limits.max_pictures, bytes: this.#limits.max_bytes });
    for (const [at, group] of groups.entries()) {
      const files = group.map((picture) => ({ blob: picture.file, name: picture.name }));
      const blob = await ask(files);
      const part = groups.length > 1 ? `-${at + 1}` : "";
      save(blob, `${name}${part}.${suffixOf(blob)}`);
    }
  }

  async #working(id, action) {
    const button = byId(id);
    const spinner = h("span", { class: "spinner" });
    button.setAttribute("aria-busy", "true");
    button.disabled = true;
    button.querySelector(".icon").replaceWith(spinner);
    const old = this.#icon();
    try {
      await action();
    } catch (problem) {
      this.#notice.show(`The download did not come: ${problem.reason ?? problem}`);
    } finally {
      spinner.replaceWith(old);
      button.removeAttribute("aria-busy");
      this.#allow();
    }
  }

  #icon() {
    return byId("get-json").querySelector(".icon").cloneNode(true);
  }
}

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), HELD);
  say(`${name} is saved.`);
}

const SUFFIXES = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "application/zip": "zip" };

const suffixOf = (blob) => SUFFIXES[blob.type.split(";")[0]] ?? "bin";

const stem = (name) => name.replace(/\.[^.]*$/, "") || "picture";
