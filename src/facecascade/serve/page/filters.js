// Sliders and the search: which faces are shown.

import { byId, h } from "./dom.js";
import { SCORES, SIZES, faceSize } from "./store.js";

export const PRESETS = {
  default: ["Default: from 20 pixels", "Faces from 20 pixels."],
  fast: ["Fast: from 40 pixels", "Faces from 40 pixels, in a third of the time."],
  thorough: ["Thorough: from 10 pixels", "Faces from 10 pixels, doubtful ones too, in eight times the time."],
  careful: ["Careful: misses fewer", "Faces from 20 pixels, doubtful and cut ones too, and more that are none."],
};

export function showFilters(store) {
  const score = byId("score");
  const size = byId("size");
  score.max = SCORES.length - 1;
  size.max = SIZES.length - 1;

  const scoreChanged = (adjusting) => store.setFilter({ score: SCORES[Number(score.value)] }, { adjusting });
  const sizeChanged = (adjusting) => store.setFilter({ size: SIZES[Number(size.value)] }, { adjusting });
  score.oninput = () => scoreChanged(true);
  score.onchange = () => scoreChanged(false);
  size.oninput = () => sizeChanged(true);
  size.onchange = () => sizeChanged(false);
  byId("preset").onchange = (event) => store.set({ preset: event.target.value });

  const show = () => {
    const { filter, current } = store;
    const faces = current?.faces ?? [];
    showSpread(byId("score-spread"), faces.map((face) => face.score), SCORES, filter.score);
    showSpread(byId("size-spread"), faces.map(faceSize), SIZES, filter.size);
    byId("score-value").textContent = filter.score > 0 ? String(filter.score) : "all";
    byId("size-value").textContent = filter.size > 0 ? `${filter.size} px` : "all";
    score.setAttribute("aria-valuetext", filter.score > 0 ? String(filter.score) : "all scores");
    size.setAttribute("aria-valuetext", filter.size > 0 ? `${filter.size} pixels` : "all sizes");
  };
  store.on("filter current", show);
  store.on("picture", (picture) => picture === store.current && show());
  show();
}

// How many values there are from each step to the next; the root makes single ones visible beside many.
function showSpread(element, values, steps, least) {
  const counts = steps.map(() => 0);
  for (const value of values) counts[Math.max(steps.findLastIndex((step) => step <= value), 0)]++;
  const most = Math.sqrt(Math.max(...counts, 1));
  const bars = counts.map((number, at) => {
    const bar = h("i", { class: steps[at] < least ? "less" : null });
    bar.style.height = `${Math.round((100 * Math.sqrt(number)) / most)}%`;
    return bar;
  });
  element.replaceChildren(...bars);
}

// names: of the presets that the service has.
export function offerPresets(names) {
  const known = names.length > 0 ? names : Object.keys(PRESETS);
  byId("preset").replaceChildren(...known.map((name) => h("option", { value: name }, PRESETS[name]?.[0] ?? name)));
  const rows = known.filter((name) => PRESETS[name]);
  byId("presets-help").replaceChildren(
    ...rows.flatMap((name) => [h("dt", {}, PRESETS[name][0].split(":")[0]), h("dd", {}, PRESETS[name][1])]),
  );
}
