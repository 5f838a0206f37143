"""Where the five landmarks lie in an aligned crop: `Template`, the named ones, and files of one's own."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import SettingsError
from facecascade.extract.crop import check_size

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Template:
    """A square crop and where the five landmarks lie in it.

    Attributes:
        name: what it is called.
        size: side of the crop in pixels.
        points: five (x, y), in the order of `LANDMARK_NAMES`, in pixels of the crop; (0, 0) is the centre of its first
            pixel, as everywhere for landmarks.

    Raises:
        SettingsError: the size or the points cannot be those of an upright face.
    """

    name: str
    size: int
    points: Points

    def __post_init__(self) -> None:
        check_size(self.size)
        object.__setattr__(self, "points", _checked(self.name, self.points))

    def scaled(self, size: int) -> Template:
        """The same template at another size: its crops show exactly the same part of the picture.

        Edges are scaled, not centres of pixels: a crop of twice the size, shrunk by half, is the crop of the first
        size. Programs that multiply the points by the factor are off by half of (factor - 1) pixels.
        """
        if size == self.size:
            return self
        check_size(size)
        factor = size / self.size
        points = tuple(((x + 0.5) * factor - 0.5, (y + 0.5) * factor - 0.5) for x, y in self.points)
        return Template(self.name, size, points)

    def as_array(self) -> NDArray[np.float64]:
        """(5, 2) float64: the points."""
        return np.array(self.points, np.float64)


# The reference points that the ArcFace recognition networks were trained with (insightface, norm_crop): those of
# SphereFace and CosFace for 96 x 112 pixels, moved 8 pixels to the right.
ARCFACE: Final = ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041))
# What face restoration networks (GFPGAN, CodeFormer; facexlib) align to: mean landmarks of the FFHQ data set at 512.
FFHQ: Final = (
    (192.98138, 239.94708),
    (318.90277, 240.1936),
    (256.63416, 314.01935),
    (201.26117, 371.41043),
    (313.08905, 371.15118),
)

DEFAULT_TEMPLATE: Final = "arcface-112"


def get_template(template: Template | str | os.PathLike[str]) -> Template:
    """A template by its name, or from a file: JSON with a `size` and five `points`, such as

        {"size": 96, "points": [[30.3, 51.7], [65.5, 51.5], [48.0, 71.7], [33.5, 92.4], [62.7, 92.2]]}

    Args:
        template: one of `TEMPLATES`, the path of a file, or a `Template`, which is returned.

    Raises:
        SettingsError: there is no such name or file, or the file holds no template.
    """  # noqa: D415  # the first line leads to the example
    if isinstance(template, Template):
        return template
    known = TEMPLATES.get(os.fspath(template))
    return known if known is not None else _from_file(Path(template))


def _from_file(path: Path) -> Template:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        choices = ", ".join(TEMPLATES)
        raise SettingsError(f"expected a template out of {choices}, or a JSON file, got {str(path)!r}") from None
    except (OSError, ValueError) as error:  # ValueError: no UTF-8, or no JSON
        raise SettingsError(f"{path}: expected a template as JSON, got: {error}") from error
    if not isinstance(document, dict) or not {"size", "points"} <= document.keys():
        raise SettingsError(f'{path}: expected an object with "size" and "points", got {json.dumps(document)[:80]}')
    return Template(path.stem, document["size"], document["points"])


def _checked(name: str, points: Any) -> Points:
    try:
        array = np.array(points, np.float64)
    except (TypeError, ValueError):
        array = np.zeros(0)
    if array.shape != (5, 2) or not np.isfinite(array).all():
        raise SettingsError(f"template {name}: expected five points [x, y], got {points!r}")
    left_eye, right_eye, _, left_mouth, right_mouth = array
    along, down = right_eye - left_eye, (left_mouth + right_mouth - left_eye - right_eye) / 2
    if along[0] * down[1] - along[1] * down[0] <= 0:
        raise SettingsError(
            f"template {name}: expected left eye, right eye, nose, left and right corner of the mouth, left being the "
            f"left side of the picture, got the points of a face in a mirror: {array.tolist()}"
        )
    return tuple((float(x), float(y)) for x, y in array)


TEMPLATES: Final = {
    template.name: template
    for template in (
        Template("arcface-112", 112, ARCFACE),
        Template("arcface-128", 128, tuple((x + 8, y) for x, y in ARCFACE)),
        Template("ffhq-512", 512, FFHQ),
    )
}
"""The named templates."""
