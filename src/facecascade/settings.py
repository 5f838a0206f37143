"""How the cascade searches: `Settings`, and the constants that follow from the shape of the networks.

Source throughout: Zhang, Zhang, Li, Qiao, "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional
Networks", IEEE Signal Processing Letters 23(10), 2016; below, "the paper".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal, get_args

from facecascade.errors import SettingsError

Geometry = Literal["subpixel", "classic"]
Stages = Literal[2, 3]

CELL: Final = 12
"""Side of P-Net's input window in pixels (the paper, figure 2): three 3 x 3 convolutions and one 2 x 2 pool."""
STRIDE: Final = 2
"""Distance of neighbouring P-Net windows in pixels: the stride of its one pool."""
RNET_SIDE: Final = 24
"""Side of R-Net's input in pixels (the paper, figure 2)."""
ONET_SIDE: Final = 48
"""Side of O-Net's input in pixels (the paper, figure 2)."""

LEAST_FACE_SIZE: Final = 4
"""Smallest `min_face_size` in pixels: below it the first pyramid level is over nine times the picture, for nothing."""
MAX_SCALE_FACTOR: Final = 0.99
"""Above it the pyramid has hundreds of levels, and the time grows as 1 / (1 - scale_factor ** 2)."""

NMS_WITHIN_LEVEL: Final = 0.5
"""Largest IoU of two proposals that one pyramid level keeps."""
NMS_ACROSS_LEVELS: Final = 0.7
"""Largest IoU of two proposals of any levels that go on to R-Net."""
NMS_AFTER_RNET: Final = 0.7
"""Largest IoU of two boxes that go on to O-Net."""
NMS_FINAL: Final = 0.7
"""Largest intersection over the smaller area of two faces in the result."""
LANDMARK_OVERLAP: Final = 0.5
"""IoU above which another box has a say in where a face's landmarks are (subpixel alone)."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the cascade searches one picture.

    Attributes:
        min_face_size: side in pixels of the smallest square that P-Net looks for. The first pyramid level has scale
            `12 / min_face_size`, 12 being P-Net's window. Time grows with its inverse square.
        scale_factor: ratio of the sides of neighbouring pyramid levels, 0 to 1, both excluded. The default .709 is
            about 1 / sqrt 2, so that each level has half the pixels of the one before.
        thresholds: probabilities that a window must reach to pass P-Net, R-Net and O-Net, each from 0 up to, but not
            including, 1. The defaults are those of the authors' published program.
        geometry: "subpixel" keeps every box a float from the proposal to the result and samples each crop where the box
            really lies; "classic" repeats the whole-pixel habits of the published ports, for parity with their results.
        stages: 3 for the whole cascade; 2 stops after R-Net, faster and without landmarks.
        mirror: look at the mirror image too, and give each face the mean of both boxes, landmarks and scores; a face
            that is found in one of the two alone has half its score. `thresholds` hold in each of the two. Twice the
            time. Measured, it raises average precision everywhere (`docs/accuracy.md`).
        border: width of a grey border around the picture, as a share of its shorter side, 0 to 1, for faces that its
            edge cuts: P-Net sees whole windows only. .1 is for cut faces of up to a fifth of the shorter side; time
            grows with the pixels, to 1.44 times in a square picture. Measured in `docs/accuracy.md` too.

    Raises:
        SettingsError: a value cannot work; the message says what was expected and what came.
    """

    min_face_size: float = 20.0
    scale_factor: float = 0.709
    thresholds: tuple[float, float, float] = (0.6, 0.7, 0.7)
    geometry: Geometry = "subpixel"
    stages: Stages = 3
    mirror: bool = False
    border: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "min_face_size", _number("min_face_size", self.min_face_size))
        object.__setattr__(self, "scale_factor", _number("scale_factor", self.scale_factor))
        object.__setattr__(self, "thresholds", _thresholds(self.thresholds))
        if self.min_face_size < LEAST_FACE_SIZE:
            raise SettingsError(f"expected min_face_size of at least {LEAST_FACE_SIZE}, got {self.min_face_size:g}")
        if not 0 < self.scale_factor < 1:
            raise SettingsError(f"expected scale_factor between 0 and 1, got {self.scale_factor:g}")
        if self.scale_factor > MAX_SCALE_FACTOR:
            raise SettingsError(
                f"expected scale_factor of at most {MAX_SCALE_FACTOR}, got {self.scale_factor:g}: "
                "so fine a pyramid has hundreds of levels"
            )
        if self.geometry not in get_args(Geometry):
            raise SettingsError(f'expected geometry="subpixel" or "classic", got {self.geometry!r}')
        if not isinstance(self.stages, int) or self.stages not in get_args(Stages):
            raise SettingsError(f"expected stages=2 or 3, got {self.stages!r}")
        if not isinstance(self.mirror, bool):
            raise SettingsError(f"expected mirror=True or False, got {self.mirror!r}")
        object.__setattr__(self, "border", _number("border", self.border))
        if not 0 <= self.border <= 1:
            raise SettingsError(f"expected border from 0 to 1, a share of the shorter side, got {self.border:g}")

    @property
    def smallest_side(self) -> int:
        """Pictures with a shorter side, border included, of fewer pixels have no pyramid level, and so no faces."""
        return math.ceil(self.min_face_size)

    def scales(self, height: int, width: int) -> list[float]:
        """Scale of each pyramid level of a picture of this size in pixels, largest first (the paper, section II.A)."""
        scales: list[float] = []
        side, largest, shrunk = min(height, width), CELL / self.min_face_size, 1.0
        # The shorter side times the scale is at least CELL, written so that no rounding loses a level.
        while side * shrunk >= self.min_face_size:
            scales.append(largest * shrunk)
            shrunk = self.scale_factor ** len(scales)
        return scales

    def to_dict(self) -> dict[str, Any]:
        """Plain values by name, ready for `json.dumps`."""
        return asdict(self) | {"thresholds": list(self.thresholds)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Settings:
        """The inverse of `to_dict`; an unknown name is a `SettingsError`."""
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise SettingsError(f"unknown settings: {', '.join(unknown)}")
        return cls(**values)


Preset = Literal["default", "thorough", "fast", "careful"]

PRESETS: Final[dict[Preset, dict[str, Any]]] = {
    "default": {},
    # What the paper's authors searched WIDER FACE with, and the mirror image.
    "thorough": {"min_face_size": 10.0, "scale_factor": 0.79, "thresholds": (0.5, 0.5, 0.3), "mirror": True},
    "fast": {"min_face_size": 40.0},
    # Where a missed face costs more than a false one; measured in docs/privacy.md.
    "careful": {"thresholds": (0.6, 0.6, 0.4), "border": 0.1},
}
"""Settings by name: "thorough" for small and doubtful faces, at about eight times the time; "fast" for faces from 40
pixels, at about a third of it; "careful" for doubtful and cut ones, with more false ones, at hardly more time.
`docs/accuracy.md` and `docs/privacy.md` have what each finds."""


def preset_values(name: str) -> dict[str, Any]:
    """What a preset sets, of `PRESETS`.

    Raises:
        SettingsError: there is no preset of this name.
    """
    for preset, values in PRESETS.items():
        if preset == name:
            return values
    raise SettingsError(f"expected a preset out of {', '.join(PRESETS)}, got {name!r}")


def level_size(height: int, width: int, scale: float) -> tuple[int, int]:
    """(height, width) in pixels of the pyramid level of this scale."""
    return math.ceil(height * scale), math.ceil(width * scale)


def _number(name: str, value: float) -> float:
    if isinstance(value, str | bool):
        raise SettingsError(f"expected a number for {name}, got {value!r}")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise SettingsError(f"expected a number for {name}, got {value!r}") from None
    except OverflowError:
        raise SettingsError(f"expected a finite number for {name}, got one of {len(str(value))} digits") from None
    if not math.isfinite(number):
        raise SettingsError(f"expected a finite number for {name}, got {value!r}")
    return number


def _thresholds(values: Sequence[float]) -> tuple[float, float, float]:
    if isinstance(values, str) or not isinstance(values, Sequence) or len(values) != 3:
        raise SettingsError(f"expected three thresholds, for P-Net, R-Net and O-Net, got {values!r}")
    first, second, third = (_number("thresholds", value) for value in values)
    if not all(0 <= value < 1 for value in (first, second, third)):
        raise SettingsError(f"expected thresholds from 0 up to, not including, 1, got {tuple(values)}")
    return first, second, third
