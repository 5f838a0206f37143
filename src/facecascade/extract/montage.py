"""Faces side by side in one picture: contact sheets."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.extract.labels import Lettering

if TYPE_CHECKING:
    from PIL import Image

Pixels = NDArray[np.uint8]

FACES_A_PAGE: Final = 100
"""Faces on one contact sheet: about as many as one looks at before scrolling."""
MAX_CELL: Final = 256
"""Longest side in pixels of a face on a sheet, unless told otherwise; larger crops are shrunk, smaller ones kept."""
BACKGROUND: Final = (26, 28, 31)
"""Dark and neutral, so that it changes no skin tone, and yet not the black of a crop that leaves the picture."""
CAPTION_COLOUR: Final = (205, 208, 212)
CAPTION_WIDTH: Final = 0.92
"""Of the face above it, so that neighbouring captions stay apart."""
GAP: Final = 0.05
"""Distance of neighbouring faces, and the border, as a share of a face's side."""
WIDEST: Final = 1.6
"""Columns of a sheet at most, as a multiple of those of a square one: about the shape of a screen."""


def contact_sheet(
    crops: Pixels | Sequence[Pixels],
    *,
    columns: int | None = None,
    labels: Sequence[str] | None = None,
    cell: int | None = None,
) -> Image.Image:
    """All faces in one picture, row by row, in the given order.

    Args:
        crops: (n, side, side, 3) uint8, or that many arrays of one shape (side, side, 3), as `crop_faces` returns them.
        columns: faces in one row; by default near a square, or a little wider where that leaves fewer empty places.
        labels: a short line below each face, such as a name or a score; too long ones lose their middle.
        cell: side of a face on the sheet in pixels; by default that of the crops, but at most 256.

    Returns:
        An RGB picture; for no faces a small one that says so.

    Raises:
        ValueError: the crops differ in shape, are no squares, or are not as many as the labels.
    """
    from PIL import Image

    side = _side_of(crops)
    if labels is not None and len(labels) != len(crops):
        raise ValueError(f"expected as many labels as crops, got {len(labels)} labels and {len(crops)} crops")
    cell = _positive("cell", min(side, MAX_CELL) if cell is None else cell)
    columns = best_columns(len(crops)) if columns is None else _positive("columns", columns)
    gap = max(2, round(cell * GAP))
    line = caption_height(cell) if labels is not None else 0
    rows = max(math.ceil(len(crops) / columns), 1)
    columns = min(columns, max(len(crops), 1))
    sheet = Image.new("RGB", (gap + columns * (cell + gap), gap + rows * (cell + line + gap)), BACKGROUND)
    for place, crop in enumerate(crops):
        row, column = divmod(place, columns)
        corner = (gap + column * (cell + gap), gap + row * (cell + line + gap))
        sheet.paste(_fit(crop, cell), corner)
        if labels is not None:
            _caption(sheet, labels[place], corner=(corner[0], corner[1] + cell), cell=cell)
    if not len(crops):
        _caption(sheet, "no faces", corner=(gap, gap + (cell - caption_height(cell)) // 2), cell=cell)
    return sheet


def contact_sheets(
    crops: Iterable[Pixels],
    *,
    labels: Iterable[str] | None = None,
    per_page: int = FACES_A_PAGE,
    columns: int | None = None,
    cell: int | None = None,
) -> Iterator[Image.Image]:
    """Contact sheets of at most `per_page` faces, made as the crops come; for no faces, none.

    Every page has the columns of a full one, so that pages look alike; see `contact_sheet` for the arguments.

    Raises:
        ValueError: as for `contact_sheet`.
    """
    per_page = _positive("per_page", per_page)
    faces = iter(crops)
    captions = None if labels is None else iter(labels)
    first = True
    while page := list(itertools.islice(faces, per_page)):
        if columns is None and (not first or len(page) == per_page):
            columns = best_columns(per_page)
        first = False
        captioned = None if captions is None else list(itertools.islice(captions, len(page)))
        yield contact_sheet(page, columns=columns, labels=captioned, cell=cell)


def best_columns(count: int) -> int:
    """The number of columns from a square to a screen's shape that leaves fewest places empty."""
    square = math.sqrt(max(count, 1))
    choices = range(math.ceil(square), max(math.ceil(square), round(square * WIDEST)) + 1)
    return min(choices, key=lambda columns: (-count % columns, columns))


def caption_height(cell: int) -> int:
    """Height in pixels of the line below a face of this side."""
    return round(_font_size(cell) * 1.5)


def _font_size(cell: int) -> float:
    return max(9.0, cell * 0.08)


def _caption(sheet: Image.Image, text: str, *, corner: tuple[int, int], cell: int) -> None:
    from PIL import ImageDraw

    lettering = Lettering(size=_font_size(cell))
    draw = ImageDraw.Draw(sheet)
    shown = lettering.shortened(text, width=cell * CAPTION_WIDTH)
    middle = (corner[0] + cell / 2, corner[1] + caption_height(cell) / 2)
    draw.text(middle, shown, fill=CAPTION_COLOUR, font=lettering.font, anchor="mm")


def _fit(crop: Pixels, cell: int) -> Image.Image:
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(crop))
    return image if len(crop) == cell else image.resize((cell, cell), Image.Resampling.LANCZOS)


def _side_of(crops: Pixels | Sequence[Pixels]) -> int:
    shapes = sorted({np.shape(crop) for crop in crops}) or [np.shape(crops)[1:] or (MAX_CELL, MAX_CELL, 3)]
    if len(shapes) > 1 or len(shapes[0]) != 3 or shapes[0][0] != shapes[0][1] or shapes[0][2] != 3:
        raise ValueError(f"expected crops of one shape (side, side, 3), got {', '.join(map(str, shapes))}")
    if any(crop.dtype != np.uint8 for crop in crops):
        raise ValueError("expected crops of dtype uint8")
    return int(shapes[0][0])


def _positive(name: str, value: int) -> int:
    if value < 1:
        raise ValueError(f"expected {name} of at least 1, got {value}")
    return value
