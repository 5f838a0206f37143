// How far the search of all pictures is.

import { byId, count, say } from "./dom.js";

// Of a picture's way, the upload is this much.
const UPLOAD = 0.6;

export function showProgress(store, stop) {
  let wasBusy = false;
  byId("cancel").onclick = stop;

  const show = () => {
    const { pictures } = store;
    const left = pictures.filter(isBusy);
    byId("progress").hidden = left.length === 0;
    if (left.length > 0) {
      const done = pictures.length - left.length;
      const sent = left.reduce((sum, picture) => sum + UPLOAD * picture.progress, 0);
      byId("progress-bar").value = (done + sent) / pictures.length;
      byId("progress-text").textContent = pictures.length > 1 ? `${done} of ${pictures.length}` : "Looking for faces";
    } else if (wasBusy && pictures.length > 1) {
      say(told(store));
    }
    wasBusy = left.length > 0;
  };
  store.on("picture pictures", show);
}

const isBusy = (picture) => ["waiting", "sending"].includes(picture.status);

function told(store) {
  const { pictures } = store;
  const faces = pictures.reduce((sum, picture) => sum + picture.faces.length, 0);
  const failed = pictures.filter((picture) => picture.status === "failed").length;
  const errors = failed > 0 ? ` ${count(failed, "picture")} could not be searched.` : "";
  return `All done: ${count(faces, "face")} in ${count(pictures.length, "picture")}.${errors}`;
}
