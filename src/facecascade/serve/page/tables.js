// Faces as JSON and CSV, in the forms that `facecascade detect` writes.

const LANDMARKS = ["left_eye", "right_eye", "nose", "mouth_left", "mouth_right"];

// The shortest decimal that gives the same 32-bit float again: what the service found are such floats.
export function short(number) {
  for (let digits = 6; digits < 10; digits++) {
    const shorter = Number(number.toPrecision(digits));
    if (Math.fround(shorter) === Math.fround(number)) return shorter;
  }
  return number;
}

// entries: [{picture, faces}]
export function toJson(entries) {
  const lines = entries.map(({ picture, faces }) => JSON.stringify(document(picture, faces)));
  return lines.length > 0 ? `[\n${lines.join(",\n")}\n]\n` : "[]\n";
}

function document(picture, faces) {
  if (picture.status !== "done") return { source: picture.name, error: picture.problem ?? "not searched" };
  const rows = faces.map(({ box, score, landmarks }) => ({
    box: box.map(short),
    score: short(score),
    landmarks: landmarks && named(landmarks),
  }));
  return { source: picture.name, width: picture.width, height: picture.height, faces: rows };
}

const named = (points) => Object.fromEntries(LANDMARKS.map((name, at) => [name, points[at].map(short)]));

const COLUMNS = [
  "source",
  "face",
  "x1",
  "y1",
  "x2",
  "y2",
  "score",
  ...LANDMARKS.flatMap((name) => [`${name}_x`, `${name}_y`]),
  "error",
];

export function toCsv(entries) {
  const rows = entries.flatMap(({ picture, faces }) =>
    picture.status === "done"
      ? faces.map((face, at) => [picture.name, at, ...numbers(face), ""])
      : [[picture.name, ...Array(COLUMNS.length - 2).fill(""), picture.problem ?? "not searched"]],
  );
  return [COLUMNS, ...rows].map((row) => `${row.map(cell).join(",")}\n`).join("");
}

function numbers({ box, score, landmarks }) {
  const points = landmarks?.flat().map(short) ?? Array(2 * LANDMARKS.length).fill("");
  return [...box.map(short), short(score), ...points];
}

function cell(value) {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
