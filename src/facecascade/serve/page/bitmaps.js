// Pixels of pictures, upright: decoded one after another, shrunk for the screen, few of them kept.

// Larger pictures are shown smaller; 16 million pixels are 64 MB.
const SHOWN_PIXELS = 16e6;
const KEPT = 3;
const THUMB = 320;

let turn = Promise.resolve();

// A picture of 50 million pixels takes 200 MB while it is decoded, so there is one at a time.
function decoded(blob) {
  const mine = turn.then(() => createImageBitmap(blob, { imageOrientation: "from-image" }));
  turn = mine.catch(() => null);
  return mine;
}

function shrunk(bitmap, scale) {
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(bitmap.width * scale)),
    Math.max(1, Math.round(bitmap.height * scale)),
  );
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas.transferToImageBitmap();
}

// {bitmap, whole}: whole is false where the bitmap is smaller than the picture.
export async function shownBitmap(blob) {
  const bitmap = await decoded(blob);
  const pixels = bitmap.width * bitmap.height;
  if (pixels <= SHOWN_PIXELS) return { bitmap, whole: true };
  const small = shrunk(bitmap, Math.sqrt(SHOWN_PIXELS / pixels));
  bitmap.close();
  return { bitmap: small, whole: false };
}

export class Bitmaps {
  #shown = new Map();
  #thumbs = new Map();
  #thumbTurn = Promise.resolve();
  #convert;
  // The picture that is looked at is never forgotten.
  current = null;

  // convert(file): a promise of a blob that browsers can decode, for formats that this one cannot.
  constructor(convert) {
    this.#convert = convert;
  }

  // A promise of {bitmap, whole}; the last few are kept.
  shown(picture) {
    const known = this.#shown.get(picture) ?? this.#readable(picture).then(shownBitmap);
    this.#shown.delete(picture);
    this.#shown.set(picture, known);
    known.catch(() => this.#shown.delete(picture));
    if (this.#shown.size > KEPT) this.#forget([...this.#shown.keys()].find((kept) => kept !== this.current));
    return known;
  }

  // A promise of a bitmap of at most 320 pixels a side. One waits for the other, so that a picture that is opened
  // meanwhile waits for one of them, not for all.
  thumb(picture) {
    if (!this.#thumbs.has(picture)) {
      const small = this.#thumbTurn.then(() => this.#small(picture));
      this.#thumbTurn = small.catch(() => null);
      this.#thumbs.set(picture, small);
      small.catch(() => this.#thumbs.delete(picture));
    }
    return this.#thumbs.get(picture);
  }

  async #small(picture) {
    const { bitmap } = await this.shown(picture);
    return shrunk(bitmap, Math.min(1, THUMB / Math.max(bitmap.width, bitmap.height)));
  }

  // Runs an action on all pixels of the picture; they are let go after it.
  async whole(picture, action) {
    const shown = await this.shown(picture);
    if (shown.whole) return action(shown.bitmap);
    const bitmap = await decoded(await this.#readable(picture));
    try {
      return action(bitmap);
    } finally {
      bitmap.close();
    }
  }

  remove(picture) {
    this.#forget(picture);
    this.#thumbs.get(picture)?.then((bitmap) => bitmap.close(), () => null);
    this.#thumbs.delete(picture);
  }

  // Not closed: it may be on the screen. The browser frees it when nobody holds it any more.
  #forget(picture) {
    this.#shown.delete(picture);
  }

  async #readable(picture) {
    if (picture.converted) return picture.converted;
    const head = picture.file.slice(0, 16);
    if (isForeign(new Uint8Array(await head.arrayBuffer()))) picture.converted = await this.#convert(picture.file);
    return picture.converted ?? picture.file;
  }
}

// TIFF and HEIC, which the service reads and most browsers do not show.
function isForeign(head) {
  const text = String.fromCharCode(...head);
  return text.startsWith("II*\0") || text.startsWith("MM\0*") || /^....ftyp(hei|hev|mif)/s.test(text);
}
