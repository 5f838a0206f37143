// Pictures in groups that one request may hold.

// What multipart/form-data puts around a picture, generously.
const AROUND = 1024;

// Groups in order, each of at most `pictures` items and `bytes` bytes; what is too large alone stands alone.
export function grouped(items, { pictures, bytes, size = (item) => item.file.size }) {
  const groups = [];
  let room = 0;
  for (const item of items) {
    const needed = size(item) + AROUND;
    const last = groups.at(-1);
    if (last && last.length < pictures && needed <= room) {
      last.push(item);
      room -= needed;
    } else {
      groups.push([item]);
      room = bytes - needed;
    }
  }
  return groups;
}
