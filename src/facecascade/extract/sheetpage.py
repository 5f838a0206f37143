"""One page of faces, grouped by the picture they come from: where each goes, and how it is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from facecascade.extract.labels import Lettering, StrPath
from facecascade.extract.montage import BACKGROUND, CAPTION_COLOUR, MAX_CELL, best_columns

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

LEAST_CELL: Final = 96
"""Pixels that a face has at least, so that there is room for the name above it; smaller crops keep their size."""
LEAST_COLUMNS: Final = 4
"""So that a page of one face has room for its name."""
GAP_SHARE: Final = 0.05
LABEL_SHARE, LEAST_LABEL = 0.085, 11.0
NUMBER_SHARE, LEAST_NUMBER = 0.07, 10.0
"""Sizes as shares of a cell, and letters in pixels at least."""
LEADING: Final = 1.4
NUMBER_COLOUR: Final = (150, 154, 160)
RULE_COLOUR: Final = (92, 97, 104)
EMPTY_CELL: Final = (44, 47, 52)
CONTINUED: Final = " (continued)"


@dataclass(frozen=True)
class Group:
    """The faces of one picture, or of a part of it, on one page.

    Attributes:
        label: what the picture is called.
        crops: the files of the crops.
        first: number of the first of them among the faces of the picture, from 0.
    """

    label: str
    crops: tuple[Path, ...]
    first: int = 0

    def __len__(self) -> int:
        return len(self.crops)

    @property
    def continued(self) -> bool:
        """Whether it begins on an earlier page."""
        return self.first > 0

    def split(self, count: int) -> tuple[Group, Group]:
        """The first faces, and the others."""
        rest = replace(self, crops=self.crops[count:], first=self.first + count)
        return replace(self, crops=self.crops[:count]), rest


@dataclass(frozen=True)
class Strip:
    """Faces of one group in one row.

    Attributes:
        column: that of the first face.
        group: the faces.
        headed: whether the name stands above them: the group begins here.
        room: columns that the name may take.
    """

    column: int
    group: Group
    headed: bool
    room: int


def arrange(groups: Sequence[Group], *, columns: int) -> list[list[Strip]]:
    """Rows of strips: a group that does not fit into what is left of a row starts a new one.

    The name of the last group of a row may run on to the end of the row.
    """
    rows: list[list[Strip]] = []
    column = columns
    for group in groups:
        rest, headed = group, True
        if len(rest) > columns - column:
            column = columns
        while len(rest):
            if column == columns:
                rows.append([])
                column = 0
            strip, rest = rest.split(columns - column)
            rows[-1].append(Strip(column, strip, headed, len(strip)))
            column, headed = column + len(strip), False
    return [[*row[:-1], replace(row[-1], room=columns - row[-1].column)] for row in rows]


class PageDrawing:
    """Draws one page.

    Args:
        groups: in their order.
        columns: faces in a row; by default as many as make it about as high as wide.
        font: a TrueType or OpenType file; see `Lettering`.

    Attributes:
        missing: crops whose files could not be read; their cells say so.
    """

    def __init__(self, groups: Sequence[Group], *, columns: int | None = None, font: StrPath | None = None) -> None:
        faces = sum(map(len, groups))
        self._columns = columns or max(best_columns(faces), LEAST_COLUMNS)
        self._rows = arrange(groups, columns=self._columns)
        self._crops = [_read(file) for group in groups for file in group.crops]
        self.missing = sum(isinstance(crop, str) for crop in self._crops)
        sides = [max(crop.size) for crop in self._crops if not isinstance(crop, str)]
        self._cell = max(max(sides, default=LEAST_CELL), LEAST_CELL)
        self._gap = round(self._cell * GAP_SHARE)
        self._label = Lettering(size=max(LEAST_LABEL, self._cell * LABEL_SHARE), font=font)
        self._number = Lettering(size=max(LEAST_NUMBER, self._cell * NUMBER_SHARE), font=font)
        self._label_height = round(self._label.font.size * LEADING)
        self._number_height = round(self._number.font.size * LEADING)

    def image(self) -> Image:
        """The page, in RGB."""
        from PIL import Image, ImageDraw

        width = self._columns * (self._cell + self._gap) + self._gap
        heights = [self._row_height(row) for row in self._rows]
        page = Image.new("RGB", (width, sum(heights) + self._gap), BACKGROUND)
        draw = ImageDraw.Draw(page)
        crops, top = iter(self._crops), self._gap
        for row, height in zip(self._rows, heights, strict=True):
            for strip in row:
                self._draw_strip(page, draw, strip, crops=crops, top=top, faces_top=top + self._heading(row))
            top += height
        return page

    def _heading(self, row: list[Strip]) -> int:
        return self._label_height + self._gap // 2 if any(strip.headed for strip in row) else 0

    def _row_height(self, row: list[Strip]) -> int:
        return self._heading(row) + self._cell + self._number_height + self._gap

    def _draw_strip(
        self, page: Image, draw: ImageDraw, strip: Strip, *, crops: Iterator[Image | str], top: int, faces_top: int
    ) -> None:
        step = self._cell + self._gap
        left = self._gap + strip.column * step
        if strip.headed:
            self._draw_label(draw, strip, left=left, top=top)
        for place in range(len(strip.group)):
            corner = left + place * step, faces_top
            self._draw_face(page, draw, next(crops), corner=corner)
            middle = corner[0] + self._cell / 2, corner[1] + self._cell + self._number_height / 2
            number = f"{strip.group.first + place:02d}"
            draw.text(middle, number, fill=NUMBER_COLOUR, font=self._number.font, anchor="mm")

    def _draw_label(self, draw: ImageDraw, strip: Strip, *, left: int, top: int) -> None:
        step = self._cell + self._gap
        ending = CONTINUED if strip.group.continued else ""
        width = strip.room * step - self._gap - self._label.width(ending)
        text = self._label.shortened_id(strip.group.label, width=width) + ending
        draw.text((left, top + self._label_height / 2), text, fill=CAPTION_COLOUR, font=self._label.font, anchor="lm")
        across = left, left + len(strip.group) * step - self._gap - 1
        draw.line([(across[0], top + self._label_height), (across[1], top + self._label_height)], fill=RULE_COLOUR)

    def _draw_face(self, page: Image, draw: ImageDraw, crop: Image | str, *, corner: tuple[int, int]) -> None:
        left, top = corner
        if not isinstance(crop, str):
            page.paste(crop, (left + (self._cell - crop.width) // 2, top + (self._cell - crop.height) // 2))
            return
        draw.rectangle((left, top, left + self._cell - 1, top + self._cell - 1), fill=EMPTY_CELL)
        middle = left + self._cell / 2, top + self._cell / 2
        draw.text(middle, crop, fill=CAPTION_COLOUR, font=self._number.font, anchor="mm")


def _read(file: Path) -> Image | str:
    """The crop, no larger than a cell; where it cannot be read, what its place says instead."""
    from PIL import Image

    try:
        with Image.open(file) as opened:
            crop = opened.convert("RGB")
    except FileNotFoundError:
        return "file missing"
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):  # what decoders answer broken bytes with
        return "file unreadable"
    crop.thumbnail((MAX_CELL, MAX_CELL), Image.Resampling.LANCZOS)
    return crop
