// Sliders and the search: which faces are shown.

import { byId, h } from "./dom.js";
import { SIZES } from "./store.js";

export const PRESETS = {
  default: ["Faces from 20 pixels", "Faces from 20 pixels."],
  fast: ["Fast: from 40 pixels", "Faces from 40 pixels, in a third of the time."],
  thorough: ["Thorough: from 10 pixels", "Faces from 10 pixels, doubtful ones too, in eight times the time."],
  careful: ["Careful: misses fewer", "Faces from 20 pixels, doubtful and cut ones too: with more that are none."],
};

export function showFilters(store) {
  const score = byId("score");
  const size = byId("size");
  size.max = SIZES.length - 1;

  const scoreChanged = (adjusting) => store.setFilter({ score: Number(score.value) }, { adjusting });
  const sizeChanged = (adjusting) => store.setFilter({ size: SIZES[Number(size.value)] }, { adjusting });
  score.oninput = () => scoreChanged(true);
  score.onchange = () => scoreChanged(false);
  size.oninput = () => sizeChanged(true);
  size.onchange = () => sizeChanged(false);
  byId("preset").onchange = (event) => store.set({ preset: event.target.value });

  const show = () => {
    const { filter } = store;
    byId("score-value").textContent = filter.score > 0 ? filter.score.toFixed(2) : "all";
    byId("size-value").textContent = filter.size > 0 ? `${filter.size} px` : "all";
    score.setAttribute("aria-valuetext", filter.score > 0 ? filter.score.toFixed(2) : "all scores");
    size.setAttribute("aria-valuetext", filter.size > 0 ? `${filter.size} pixels` : "all sizes");
  };
  store.on("filter", show);
  show();
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
