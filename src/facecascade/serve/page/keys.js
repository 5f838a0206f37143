// Keys: a table of what each does, which is the list in the help, too.

import { byId, h } from "./dom.js";

// Single letters can be switched off: they get in the way of speech input (WCAG 2.1.4).
export function followKeys({ store, viewer, list, gallery, actions }) {
  const view = (name) => () => store.set({ view: { ...store.view, [name]: !store.view[name] } });
  const zoomed = (across, down) => () => viewer.pan(across, down);
  const keys = [
    { keys: ["ArrowRight", "ArrowLeft"], shown: "← →", what: "Next face, face before; in the gallery, pictures", run: arrows },
    { keys: ["PageDown", "PageUp"], shown: "Page Down, Page Up", what: "Next picture, picture before", run: pages },
    { keys: ["+", "="], shown: "+ −", what: "Zoom in, out", run: () => viewer.zoomBy(1.5) },
    { keys: ["-"], run: () => viewer.zoomBy(1 / 1.5) },
    { keys: ["0"], shown: "0", what: "The whole picture", run: () => viewer.fit() },
    { keys: ["1"], shown: "1", what: "Pixel for pixel", run: () => viewer.actualSize() },
    { keys: ["z", "Enter"], shown: "Z, Enter", what: "Zoom to the chosen face, and back", run: toFace },
    { keys: ["Shift+ArrowRight"], shown: "Shift + arrows", what: "Move the picture", run: zoomed(-60, 0) },
    { keys: ["Shift+ArrowLeft"], run: zoomed(60, 0) },
    { keys: ["Shift+ArrowDown"], run: zoomed(0, -60) },
    { keys: ["Shift+ArrowUp"], run: zoomed(0, 60) },
    { keys: ["b"], shown: "B", what: "Boxes", run: view("boxes") },
    { keys: ["l"], shown: "L", what: "Landmarks", run: view("landmarks") },
    { keys: ["h"], shown: "H", what: "Faces hidden", run: view("hidden") },
    { keys: ["g"], shown: "G", what: "All pictures as a grid", run: () => gallery.showGrid(!gallery.grid) },
    { keys: ["o"], shown: "O", what: "Add pictures", always: true, run: actions.open },
    { keys: ["c"], shown: "C", what: "Camera", always: true, run: actions.camera },
    { keys: ["Delete"], shown: "Delete", what: "Remove this picture", run: actions.remove },
    { keys: ["Escape"], shown: "Esc", what: "No face chosen, no grid", run: escape },
    { keys: ["?"], shown: "?", what: "This help", always: true, run: actions.help },
  ];

  function arrows(event) {
    const by = event.key === "ArrowRight" ? 1 : -1;
    if (gallery.focused) store.step(by);
    else store.stepFace(by);
  }

  function pages(event) {
    store.step(event.key === "PageDown" ? 1 : -1);
  }

  function toFace(event) {
    // Enter presses the button that has the focus.
    if (event.key === "Enter" && event.target !== byId("view") && !list.focused) return false;
    if (viewer.zoomed) viewer.fit();
    else viewer.toFace();
    return true;
  }

  function escape() {
    if (gallery.grid) gallery.showGrid(false);
    else store.choose(null);
  }

  const table = new Map(keys.flatMap((entry) => entry.keys.map((key) => [key, entry])));
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
    const entry = table.get(nameOf(event));
    if (!entry || (!entry.always && !store.current)) return;
    if (entry.run(event) !== false) event.preventDefault();
  });
  const listed = keys.filter((entry) => entry.shown);
  byId("keys").replaceChildren(
    ...listed.flatMap(({ shown, what }) => [h("dt", {}, h("kbd", {}, shown)), h("dd", {}, what)]),
  );
}

function nameOf(event) {
  if (event.key.length === 1) return event.key.toLowerCase();
  return event.shiftKey ? `Shift+${event.key}` : event.key;
}

// Fields have the keys that they use to themselves, and so do open dialogs.
function isTaken(event) {
  if (document.querySelector("dialog[open]")) return true;
  if (event.key.length === 1 && !byId("use-keys").checked) return true;
  const letter = event.key.length === 1;
  return event.target.matches(letter ? "select, input[type=password]" : "select, input:not([type=checkbox])");
}
