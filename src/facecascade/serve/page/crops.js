// A face cut out of its picture, along the rows or aligned, as the service cuts it.

import { faceSize } from "./store.js";

export const CROP_SIDE = 160;
// As `crop_faces` has it: of the longer side, on each side of the box.
const MARGIN = 0.2;

// side: of the template that the matrices of the faces lead to.
export function paintCrop(canvas, bitmap, face, { kind, picture, side }) {
  canvas.width = canvas.height = CROP_SIDE;
  const context = canvas.getContext("2d");
  const transform = kind === "aligned" ? alignedTransform(face, side) : boxTransform(face);
  if (!transform) return;
  context.fillStyle = "#000";
  context.fillRect(0, 0, CROP_SIDE, CROP_SIDE);
  context.imageSmoothingQuality = "high";
  context.setTransform(...transform);
  // A bitmap may be smaller than its picture.
  context.drawImage(bitmap, 0, 0, picture.width, picture.height);
}

// From edges of the picture to edges of the crop, as a canvas takes it.
function alignedTransform(face, side) {
  if (!face.matrix) return null;
  const [[a, b, x], [c, d, y]] = face.matrix;
  // The matrix counts from the centres of pixels.
  const left = x + 0.5 - 0.5 * (a + b);
  const top = y + 0.5 - 0.5 * (c + d);
  return [a, c, b, d, left, top].map((value) => (value * CROP_SIDE) / side);
}

function boxTransform(face) {
  const [x1, y1, x2, y2] = face.box;
  if (!(faceSize(face) > 0)) return null;
  const shown = Math.max(x2 - x1, y2 - y1) * (1 + 2 * MARGIN);
  const scale = CROP_SIDE / shown;
  return [scale, 0, 0, scale, (shown / 2 - (x1 + x2) / 2) * scale, (shown / 2 - (y1 + y2) / 2) * scale];
}
