// Mouse, pen and fingers on the picture: point, choose, pan, pinch, wheel.

const STILL = 5;

export function followPointers(element, viewer) {
  const held = new Map();
  let moved = 0;

  const place = (event) => {
    const { left, top } = element.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    held.set(event.pointerId, place(event));
    moved = held.size > 1 ? Infinity : 0;
  });

  element.addEventListener("pointermove", (event) => {
    const now = place(event);
    const before = held.get(event.pointerId);
    if (!before) return viewer.pointAt(event.pointerType === "touch" ? null : now);
    const others = [...held].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    held.set(event.pointerId, now);
    moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (others.length > 0) pinch(viewer, before, now, others[0]);
    else if (moved > STILL && viewer.zoomed) {
      element.classList.add("held");
      viewer.pan(now[0] - before[0], now[1] - before[1]);
    }
  });

  const release = (event) => {
    if (!held.delete(event.pointerId)) return;
    element.classList.remove("held");
    if (event.type === "pointerup" && moved <= STILL) viewer.chooseAt(place(event));
  };
  element.addEventListener("pointerup", release);
  element.addEventListener("pointercancel", release);
  element.addEventListener("pointerleave", () => viewer.pointAt(null));

  element.addEventListener("dblclick", (event) => {
    if (viewer.faceAt(place(event)) !== null && !viewer.zoomed) viewer.toFace();
    else if (viewer.zoomed) viewer.fit();
    else viewer.zoomBy(3, place(event));
  });

  element.addEventListener(
    "wheel",
    (event) => {
      // On a page that scrolls, the wheel alone scrolls it.
      if (document.documentElement.scrollHeight > innerHeight + 1 && !event.ctrlKey) return;
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      viewer.zoomBy(Math.exp(Math.min(Math.max(-event.deltaY * lines, -120), 120) / 300), place(event));
    },
    { passive: false },
  );
}

function pinch(viewer, before, now, other) {
  const apart = (point) => Math.max(Math.hypot(point[0] - other[0], point[1] - other[1]), 1);
  const middle = [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2];
  viewer.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
  viewer.zoomBy(apart(now) / apart(before), middle);
}
