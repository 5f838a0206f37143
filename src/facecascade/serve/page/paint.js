// Faces painted over a picture: boxes, landmarks, and outlines of those that the sliders take away.

const HALO = "rgb(0 0 0 / .6)";
const LINE = "#ffffff";
const CHOSEN = "#ffd23f";

export function paintPicture(context, bitmap, zoom, picture) {
  const [x, y] = zoom.toStage([0, 0]);
  // Single pixels are shown as squares where they are large.
  context.imageSmoothingEnabled = zoom.scale < 4;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, x, y, picture.width * zoom.scale, picture.height * zoom.scale);
}

// On the screen; smaller faces would be all landmarks.
const LEAST_LANDMARKS = 22;

// faces: [{face, state}], state being shown, over, chosen or gone.
export function paintFaces(context, faces, zoom, { boxes, landmarks }) {
  const order = ["gone", "shown", "over", "chosen"];
  for (const { face, state } of faces.toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state))) {
    if (boxes || state === "chosen" || state === "over") paintBox(context, face, zoom, state);
    const large = (face.box[2] - face.box[0]) * zoom.scale >= LEAST_LANDMARKS;
    if (landmarks && large && face.landmarks && state !== "gone") paintLandmarks(context, face, zoom, state);
  }
}

function paintBox(context, face, zoom, state) {
  const [x1, y1] = zoom.toStage(face.box.slice(0, 2));
  const [x2, y2] = zoom.toStage(face.box.slice(2));
  const width = { gone: 1, shown: 1.75, over: 2.5, chosen: 3 }[state];
  context.setLineDash(state === "gone" ? [4, 4] : []);
  context.beginPath();
  context.roundRect(x1, y1, x2 - x1, y2 - y1, Math.min(4, (x2 - x1) / 8));
  stroke(context, HALO, width + 2);
  stroke(context, state === "shown" || state === "gone" ? LINE : CHOSEN, width);
  context.setLineDash([]);
}

function stroke(context, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

function paintLandmarks(context, face, zoom, state) {
  const across = (face.box[2] - face.box[0]) * zoom.scale;
  const radius = Math.min(Math.max(across / 36, 1.1), 3.5);
  for (const [x, y] of face.landmarks) {
    // Landmarks count from the centre of the first pixel, the canvas from its corner.
    const [left, top] = zoom.toStage([x + 0.5, y + 0.5]);
    context.beginPath();
    context.arc(left, top, radius, 0, 2 * Math.PI);
    stroke(context, HALO, 2);
    context.fillStyle = state === "shown" ? LINE : CHOSEN;
    context.fill();
  }
}
