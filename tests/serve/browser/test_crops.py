"""The crops that the page draws are those that the library cuts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.serve.browser.visits import Open, Visit, canvas_pixels

from facecascade import MTCNN, aligned_crops, crop_faces


def _crops(opened: Visit) -> list[NDArray[np.uint8]]:
    opened.drawn("#crops li:last-child canvas")
    canvases = opened.page.locator(".crop canvas")
    return [canvas_pixels(canvases.nth(at)) for at in range(canvases.count())]


@pytest.mark.parametrize("kind", ["box", "aligned"])
def test_crops_are_those_of_the_library(
    visit: Open, samples: dict[str, Path], group: NDArray[np.uint8], kind: str
) -> None:
    opened = visit()
    opened.give(samples["group"])
    if kind == "aligned":
        opened.page.get_by_text("Aligned", exact=True).click()
    faces = MTCNN().detect(group)
    expected = crop_faces(group, faces) if kind == "box" else aligned_crops(group, faces, size=160)
    drawn = _crops(opened)
    assert len(drawn) == len(expected) == 20
    # A browser interpolates more plainly than the library: 6 levels of 255 on the mean. Half a pixel of shift or a
    # hundredth of scale costs more than that.
    errors = [float(np.abs(one.astype(int) - other).mean()) for one, other in zip(drawn, expected, strict=True)]
    assert max(errors) < 6, errors
    shifted = [
        float(np.abs(one[:, :-3].astype(int) - other[:, 3:]).mean()) for one, other in zip(drawn, expected, strict=True)
    ]
    assert np.median(shifted) > 1.5 * np.median(errors), (shifted, errors)
    opened.shot(f"crops-{kind}")
