"""What the choices of the sub-pixel geometry are worth: other windows, crops moved or grown, other pyramids.

    python -m benchmarks.variants

Runs the cascade from its stages in the core, with one choice changed at a time, on WIDER FACE pictures. Each picture
counts four times: as it is, mirrored, at 93 % and mirrored at 107 %, since where a face falls between two levels of the
pyramid is luck, which this averages out. The intervals are of the difference to the default, 95 %, by bootstrap over
pictures; one that leaves out 0 would show on other pictures of this kind too.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.data import DATA, Picture
from benchmarks.jitter import JITTER, Boxes, Jittered
from benchmarks.report import table
from facecascade.engines.native import NativeEngine
from facecascade.engines.reference import calibrate, squared
from facecascade.evaluate.bootstrap import difference_interval
from facecascade.evaluate.wider import Tally, curve, judge, tally
from facecascade.faces import Faces
from facecascade.settings import (
    NMS_ACROSS_LEVELS,
    NMS_AFTER_RNET,
    NMS_FINAL,
    NMS_WITHIN_LEVEL,
    STRIDE,
    Settings,
    level_size,
)
from facecascade.weights import Weights

SETS: Final = ("wider_val_fullres", "wider_val_416")
SUBSETS: Final = ("easy", "medium", "hard")


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One way to run the cascade; the values here are the default's.

    Attributes:
        first: left and upper edge of P-Net's window at column x is `(2 x + first) / scale`.
        last: right and lower edge, likewise.
        real_scale: divide by each axis' true ratio of level to picture, not by the nominal scale.
        pyramid: "area", or the name of a filter of Pillow's.
        rnet_offset: pixels by which R-Net's crops are moved to the right and down.
        onet_offset: the same for O-Net's.
        rnet_size: factor on the side of R-Net's crops.
        onet_size: the same for O-Net's.
    """

    first: float = 1.0
    last: float = 12.0
    real_scale: bool = False
    pyramid: str = "area"
    rnet_offset: float = 0.0
    onet_offset: float = 0.0
    rnet_size: float = 1.0
    onet_size: float = 1.0


VARIANTS: Final[Mapping[str, Variant]] = {
    "window 0 to 12": Variant(first=0),
    "window .5 to 11.5": Variant(first=0.5, last=11.5),
    "window 1 to 11": Variant(last=11),
    "window 1 to 11.5": Variant(last=11.5),
    "window 1.25 to 11.5": Variant(first=1.25, last=11.5),
    "window 1.25 to 12": Variant(first=1.25),
    "window 1.5 to 12": Variant(first=1.5),
    "real scale": Variant(real_scale=True),
    "pyramid by Lanczos": Variant(pyramid="LANCZOS"),
    "pyramid by bicubic": Variant(pyramid="BICUBIC"),
    "pyramid by triangle": Variant(pyramid="BILINEAR"),
    "R-Net's crops + .5 px": Variant(rnet_offset=0.5),
    "O-Net's crops + .5 px": Variant(onet_offset=0.5),
    "R-Net's crops 5 % smaller": Variant(rnet_size=0.95),
    "R-Net's crops 5 % larger": Variant(rnet_size=1.05),
    "O-Net's crops 5 % smaller": Variant(onet_size=0.95),
    "O-Net's crops 5 % larger": Variant(onet_size=1.05),
    "window 1.25 to 11.5, O-Net's crops + .5 px": Variant(first=1.25, last=11.5, onet_offset=0.5),
}


class Cascade:
    """The cascade over the core's stages, as a `Variant` says."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._core = NativeEngine(Weights.load().tensors).core
        self._settings = settings or Settings()

    def detect(self, picture: Picture, variant: Variant) -> Faces:
        """Faces of one picture."""
        return self.best(self.passed(picture, variant))

    def best(self, passed: Faces) -> Faces:
        """The faces that the last suppression leaves, best score first."""
        return passed[self._suppress(passed.boxes.astype(np.float64), passed.scores, NMS_FINAL, smaller=True)]

    def passed(self, picture: Picture, variant: Variant) -> Faces:
        """What passes O-Net, before the last suppression, in no order."""
        boxes, scores, regression = self._windows(picture, variant)
        keep = self._suppress(boxes, scores, NMS_ACROSS_LEVELS)
        boxes = squared(_calibrated(boxes[keep], regression[keep]))
        boxes = _moved(boxes, offset=variant.rnet_offset, size=variant.rnet_size)
        out = self._core.rnet(picture, boxes, False)  # noqa: FBT003 - the core takes positions
        passed = out[:, 0] > self._settings.thresholds[1]
        boxes, out = boxes[passed], out[passed]
        keep = self._suppress(boxes, out[:, 0], NMS_AFTER_RNET)
        boxes = squared(_calibrated(boxes[keep], out[keep, 1:]))
        boxes = _moved(boxes, offset=variant.onet_offset, size=variant.onet_size)
        out = self._core.onet(picture, boxes, False)  # noqa: FBT003
        passed = out[:, 0] > self._settings.thresholds[2]
        boxes, out = boxes[passed], out[passed]
        faces = _calibrated(boxes, out[:, 1:5]).astype(np.float32)
        shares = out[:, 5:].reshape(-1, 2, 5).swapaxes(1, 2).astype(np.float64)
        points = boxes[:, None, :2] + shares * (boxes[:, 2:] - boxes[:, :2])[:, None]
        return Faces(faces, out[:, 0], points.astype(np.float32))

    def _windows(self, picture: Picture, variant: Variant) -> tuple[Boxes, NDArray[np.float32], NDArray[np.float32]]:
        """Windows that pass P-Net and the suppression within their level, of all levels."""
        parts = [self._level(picture, scale, variant) for scale in self._settings.scales(*picture.shape[:2])]
        empty = np.zeros((0, 4)), np.zeros(0, np.float32), np.zeros((0, 4), np.float32)
        boxes, scores, regression = zip(empty, *parts, strict=True)
        return np.concatenate(boxes), np.concatenate(scores), np.concatenate(regression)

    def _level(
        self, picture: Picture, scale: float, variant: Variant
    ) -> tuple[Boxes, NDArray[np.float32], NDArray[np.float32]]:
        height, width = level_size(picture.shape[0], picture.shape[1], scale)
        if variant.pyramid == "area":
            level = self._core.level(picture, height, width)
        else:
            method = Image.Resampling[variant.pyramid]
            level = np.array(Image.fromarray(picture).resize((width, height), method))
        probability, regression = self._core.pnet(level)
        y, x = np.nonzero(probability >= self._settings.thresholds[0])
        edges = np.stack([STRIDE * x + variant.first, STRIDE * y + variant.first], axis=1)
        boxes = np.concatenate([edges, edges + variant.last - variant.first], axis=1)
        ratio = [width / picture.shape[1], height / picture.shape[0]] if variant.real_scale else [scale, scale]
        boxes /= ratio * 2
        keep = np.sort(self._suppress(boxes, probability[y, x], NMS_WITHIN_LEVEL))
        return boxes[keep], probability[y, x][keep], regression[y, x][keep]

    def _suppress(
        self, boxes: Boxes, scores: NDArray[np.float32], threshold: float, *, smaller: bool = False
    ) -> NDArray[np.intp]:
        kept = self._core.suppress(boxes, np.ascontiguousarray(scores), threshold, False, smaller)  # noqa: FBT003
        return np.array(kept, np.intp)


def _calibrated(boxes: Boxes, regression: NDArray[np.float32]) -> Boxes:
    sides = boxes[:, 2:] - boxes[:, :2]
    return calibrate(boxes, regression.astype(np.float64), sides[:, 0], sides[:, 1])


def _moved(boxes: Boxes, *, offset: float, size: float) -> Boxes:
    centre, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2 * size
    return np.concatenate([centre - half, centre + half], axis=1) + offset


def main() -> None:
    """Compare the variants, one set of pictures after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder that holds the sets (default: ../shared/data)")
    data = parser.parse_args().data
    cascade = Cascade()
    for name in SETS:
        pictures = Jittered(data / name)
        variants = {"default": Variant(), **VARIANTS}
        tallies = {variant: _tallies(pictures, cascade, how) for variant, how in variants.items()}
        rows = [
            [variant, *(change(tallies["default"][subset], tallies[variant][subset]) for subset in SUBSETS)]
            for variant in VARIANTS
        ]
        values = ", ".join(f"{curve(tallies['default'][subset]).average_precision:.3f} {subset}" for subset in SUBSETS)
        print(
            f"\n{name}, {len(pictures.truth)} pictures, each {len(JITTER)} times; AP of the default {values}; change:\n"
        )
        print(table(["variant", *SUBSETS], rows))


def _tallies(pictures: Jittered, cascade: Cascade, variant: Variant) -> dict[str, Tally]:
    judged = judge(pictures.detect(lambda picture: cascade.detect(picture, variant)), pictures.truth)
    return {subset: tally(judged, subset) for subset in SUBSETS}


def change(before: Tally, after: Tally) -> str:
    """Change of average precision with its 95 % interval."""
    interval = difference_interval(before, after)
    return f"{interval.value:+.3f} ({interval.low:+.3f} to {interval.high:+.3f})"


if __name__ == "__main__":
    main()
