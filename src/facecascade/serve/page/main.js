// Puts the page together.

import { Bitmaps } from "./bitmaps.js";
import { Camera } from "./camera.js";
import { Card } from "./card.js";
import { Detection } from "./detection.js";
import { byId, bytes } from "./dom.js";
import { Downloads } from "./downloads.js";
import { FaceList } from "./facelist.js";
import { offerPresets, showFilters } from "./filters.js";
import { Gallery } from "./gallery.js";
import { Hiding } from "./hiding.js";
import { takeIn } from "./intake.js";
import { followKeys } from "./keys.js";
import { Notice } from "./notice.js";
import { showProgress } from "./progress.js";
import { Service } from "./service.js";
import { Store } from "./store.js";
import { followTheme } from "./theme.js";
import { askToken } from "./token.js";
import { Viewer } from "./viewer.js";

const store = new Store();
const notice = new Notice();
const service = new Service({
  askToken,
  waiting: (seconds) =>
    notice.show(`The service is busy. The next try is in ${Math.ceil(seconds)} s.`, { seconds: seconds + 1 }),
});
// With a least size that no face has, the service gives back the picture itself, as PNG.
const bitmaps = new Bitmaps((file) =>
  service.blur([{ blob: file, name: file.name }], { min_size: 1_000_000, preset: "fast" }),
);
store.on("current", () => (bitmaps.current = store.current));
const detection = new Detection(store, service);
const list = new FaceList(store, bitmaps);
const viewer = new Viewer(store, bitmaps, (pictures) => detection.add(pictures));
const gallery = new Gallery(store, bitmaps);
const hiding = new Hiding(store, service, notice);
const downloads = new Downloads(store, { service, hiding, notice });
const take = (files) => detection.add(store.add(files));
const camera = new Camera(service, (file) => take([file]));
new Card(store, viewer, list);

const actions = {
  open: () => byId("files").click(),
  camera: () => camera.open(),
  remove: () => {
    store.remove(store.current);
    if (!store.current) byId("start-open").focus();
  },
  help: () => byId("help-dialog").showModal(),
};

offerPresets([]);
showFilters(store);
showProgress(store, () => detection.stop());
followTheme();
takeIn(take);
followKeys({ store, viewer, list, gallery, actions });
byId("camera").onclick = byId("start-camera").onclick = actions.camera;
byId("remove").onclick = actions.remove;
byId("help").onclick = actions.help;
byId("help-close").onclick = () => byId("help-dialog").close();

for (const name of ["boxes", "landmarks"]) {
  byId(`show-${name}`).onclick = () => store.set({ view: { ...store.view, [name]: !store.view[name] } });
}
store.on("view", () => {
  for (const [name, on] of Object.entries(store.view)) byId(`show-${name}`).setAttribute("aria-pressed", on);
});
store.on("removed", (picture) => bitmaps.remove(picture));
store.on("pictures", () => {
  const empty = store.pictures.length === 0;
  byId("start").hidden = !empty;
  byId("work").hidden = empty;
  byId("open").hidden = byId("camera").hidden = empty;
});
for (const button of document.querySelectorAll("button[aria-label]")) {
  const keys = button.getAttribute("aria-keyshortcuts");
  button.title = button.getAttribute("aria-label") + (keys ? ` (${keys.toUpperCase()})` : "");
}

async function greet() {
  try {
    const info = await service.info();
    detection.limits = downloads.limits = info.limits;
    offerPresets(namesOf(info.presets));
    const { max_bytes: most, max_pixels: pixels } = info.limits;
    byId("limits").textContent = `Up to ${bytes(most)} and ${Math.floor(pixels / 1e6)} megapixels each.`;
    byId("software").textContent = `${info.software} · weights ${info.weights.slice(0, 12)}`;
  } catch (problem) {
    notice.show(problem.reason ?? String(problem), { again: greet });
  }
}

const namesOf = (presets) => (Array.isArray(presets) ? presets.map((preset) => preset.name ?? preset) : Object.keys(presets));

greet();
