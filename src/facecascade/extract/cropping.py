"""How faces are cut out, as one value: `Cropping`, and the crops that it makes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import SettingsError
from facecascade.extract.align import alignments, warp
from facecascade.extract.crop import (
    DEFAULT_MARGIN,
    DEFAULT_SIZE,
    Shape,
    check_crop,
    check_size,
    cut_out,
    window_around,
)
from facecascade.extract.resample import BLACK, Colour, Pixels, check_fill, check_picture
from facecascade.extract.templates import DEFAULT_TEMPLATE, Template, get_template
from facecascade.faces import Faces

if TYPE_CHECKING:
    from collections.abc import Callable

CropKind = Literal["box", "aligned"]

ONLY_BOX: Final = "an aligned crop shows what its template shows"


@dataclass(frozen=True, eq=False)
class Crops:
    """The crops of one picture.

    Attributes:
        pixels: n arrays (height, width, 3) uint8.
        matrices: (n, 2, 3) float64: from points of the picture to points of each crop, both counted by pixel centres;
            `warp` makes the crop again from it. NaN for a crop that shows nothing.
    """

    pixels: tuple[Pixels, ...]
    matrices: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, rows: NDArray[np.intp]) -> Crops:
        """The crops at these positions."""
        return Crops(tuple(self.pixels[row] for row in rows), self.matrices[rows])


@dataclass(frozen=True, kw_only=True)
class Cropping:
    """How faces are cut out.

    Attributes:
        kind: "box", along the rows of the picture around the box, or "aligned", upright by the landmarks.
        size: longer side of a crop in pixels; by default 160, or the template's where crops are aligned.
        margin: added on each side of a box, as a share of its longer side (of each side where the shape is "box"); by
            default 0.2.
        shape: of a box crop: "square", or "box" for that of its box.
        template: where the landmarks of an aligned crop lie: a `Template`, its name or a file; by default arcface-112.
        fill: colour around the picture, three levels from 0 to 255.

    After it is made, what was left to a default has its value: `size` is a number, and `template`, where crops are
    aligned, the `Template` in that size.

    Raises:
        SettingsError: a value cannot work, or says something about the other kind of crop.
    """

    kind: CropKind = "box"
    size: int | None = None
    margin: float | None = None
    shape: Shape = "square"
    template: Template | str | os.PathLike[str] | None = None
    fill: Colour = BLACK

    def __post_init__(self) -> None:
        check_fill(self.fill)
        if self.kind not in get_args(CropKind):
            raise SettingsError(f'expected crop "box" or "aligned", got {self.kind!r}')
        resolve: Callable[[], dict[str, object]] = self._aligned if self.kind == "aligned" else self._boxed
        for name, value in resolve().items():
            object.__setattr__(self, name, value)

    def cut(self, picture: Pixels, faces: Faces) -> Crops:
        """The crop of each face, in the order of `faces`.

        Args:
            picture: (h, w, 3) uint8, RGB; it is not changed.
            faces: in pixels of that picture; with landmarks where crops are aligned.

        Raises:
            ValueError: `picture` has another shape or dtype.
            SettingsError: the faces have no landmarks, and crops are aligned.
        """
        check_picture(picture)
        if isinstance(self.template, Template):
            matrices = alignments(faces, template=self.template)
            size = self.template.size
            return Crops(tuple(warp(picture, matrix, size=size, fill=self.fill) for matrix in matrices), matrices)
        windows = [
            window_around(face, size=self.size or DEFAULT_SIZE, margin=self.margin or 0, shape=self.shape)
            for face in faces
        ]
        matrices = np.array([window.matrix for window in windows]).reshape(-1, 2, 3)
        return Crops(tuple(cut_out(picture, window, fill=self.fill) for window in windows), matrices)

    def _boxed(self) -> dict[str, object]:
        if self.template is not None:
            raise SettingsError(f"expected a template for aligned crops alone, got {self.template!r} for crops by box")
        size = DEFAULT_SIZE if self.size is None else self.size
        margin = DEFAULT_MARGIN if self.margin is None else self.margin
        check_crop(size=size, margin=margin, shape=self.shape)
        return {"size": size, "margin": margin}

    def _aligned(self) -> dict[str, object]:
        if self.margin is not None:
            raise SettingsError(f"expected a margin for crops by box alone, got {self.margin!r}: {ONLY_BOX}")
        if self.shape != "square":
            raise SettingsError(f"expected a shape for crops by box alone, got {self.shape!r}: {ONLY_BOX}")
        template = get_template(DEFAULT_TEMPLATE if self.template is None else self.template)
        size = template.size if self.size is None else self.size
        check_size(size)
        return {"size": size, "template": template.scaled(size)}
