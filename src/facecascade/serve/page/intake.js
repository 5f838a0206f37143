// How pictures come in: chosen, dropped (folders too), pasted.

import { byId } from "./dom.js";

// take(files): what happens with them.
export function takeIn(take) {
  const input = byId("files");
  for (const id of ["open", "start-open"]) byId(id).onclick = () => input.click();
  input.onchange = () => {
    take([...input.files]);
    // The same file may be chosen again.
    input.value = "";
  };

  document.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    take(files);
  });
  followDrags(take);
}

function followDrags(take) {
  const shade = byId("dropping");
  const holdsFiles = (event) => event.dataTransfer.types.includes("Files") && !document.querySelector("dialog[open]");
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    shade.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) shade.hidden = true;
  });
  document.addEventListener("drop", async (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    shade.hidden = true;
    take(await dropped(event.dataTransfer));
  });
}

async function dropped(transfer) {
  // Entries must be asked for before anything is awaited.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  const files = (await Promise.all(entries.map((entry) => filesOf(entry, false)))).flat();
  return files.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
}

// Of a folder only what looks like a picture: the rest was hardly meant.
async function filesOf(entry, inside) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    const meant = !inside || file.type.startsWith("image/") || /\.(heic|heif|tiff?)$/i.test(file.name);
    return meant ? [file] : [];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    found.push(...some);
  }
  return (await Promise.all(found.map((child) => filesOf(child, true)))).flat();
}
