"""Contact sheets of a folder of faces, grouped by picture: `Sheets`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from facecascade.errors import SettingsError
from facecascade.extract.detections import Unreadable
from facecascade.extract.labels import Lettering, StrPath, picture_id
from facecascade.extract.montage import FACES_A_PAGE, best_columns
from facecascade.extract.pictures import DEFAULT_QUALITY, check_picture_file, save_picture
from facecascade.extract.sheetpage import Group, PageDrawing

if TYPE_CHECKING:
    from facecascade.extract.extracted import Extracted

SHEET_NAME: Final = "contact-sheet-{:03d}"
"""Crops end in an underscore and a number, so none is ever called so."""
SHEET_FILE: Final = re.compile(r"contact-sheet-[0-9]{3,}\.(jpg|png|webp)")


@dataclass(frozen=True)
class SheetPage:
    """One contact sheet.

    Attributes:
        file: its name in the output folder.
        pictures: ids of the pictures whose faces it has, in their order; the first may begin on an earlier page.
        faces: how many faces it has, the missing ones among them.
        missing: crops whose files have gone or cannot be read; their places say so.
    """

    file: str
    pictures: tuple[str, ...]
    faces: int
    missing: int


class Sheets:
    """Collects the faces of many pictures, and writes a contact sheet whenever one is full.

    The faces of a picture stand side by side below its id, each above its number, the one that ends the name of its
    crop. Groups share a row where they fit; a long id loses its outer folders, then the middle of its name; a group
    that goes on on the next page says "(continued)" there. Crops are read back from their files, one page at a time,
    and keep their shape; those of more than 256 pixels are shrunk.

    Args:
        folder: the output folder, where the crops are and the pages go.
        format: of the pages: "jpg", "png" or "webp".
        quality: of JPEG and WebP, 1 to 100.
        per_page: faces on a page.
        font: a TrueType or OpenType file to write the ids in; by default Pillow's own, which has ASCII alone. See
            `labels.Lettering` for what becomes of letters that the font lacks.

    Raises:
        SettingsError: a value cannot work.
    """

    def __init__(
        self,
        folder: StrPath,
        *,
        format: str = "jpg",  # noqa: A002  # as ExtractOptions calls it
        quality: int = DEFAULT_QUALITY,
        per_page: int = FACES_A_PAGE,
        font: StrPath | None = None,
    ) -> None:
        self._folder = Path(folder)
        self._ending = f".{format}"
        self._quality = quality
        self._per_page = per_page
        self._font = font
        self._waiting: list[Group] = []
        self._pages: list[SheetPage] = []
        check_picture_file(Path(self._file(1)), quality=quality)
        if per_page < 1:
            raise SettingsError(f"expected at least 1 face on a page, got {per_page}")
        Lettering(size=10, font=font)  # a font that cannot be read is told before any work is done

    def add(self, outcome: Extracted | Unreadable) -> None:
        """The faces of one more picture; one that could not be read has none.

        Raises:
            OSError: a page cannot be written.
        """
        if isinstance(outcome, Unreadable) or not outcome.crops:
            return
        crops = tuple(self._folder / crop for crop in outcome.crops)
        self._waiting.append(Group(picture_id(outcome.source), crops))
        while sum(map(len, self._waiting)) >= self._per_page:
            self._write()

    def finish(self) -> tuple[SheetPage, ...]:
        """Writes the last page, and removes those of an earlier run beyond it.

        Returns:
            All pages, in order.

        Raises:
            OSError: a page cannot be written, or an old one not removed.
        """
        if self._waiting:
            self._write()
        current = {page.file for page in self._pages}
        for file in self._folder.glob("contact-sheet-*"):
            if SHEET_FILE.fullmatch(file.name) and file.name not in current:
                file.unlink()
        return tuple(self._pages)

    def _write(self) -> None:
        groups = self._take()
        faces = sum(map(len, groups))
        # All pages have the columns of a full one, so that they look alike, unless there is but one.
        columns = best_columns(self._per_page) if self._pages or faces == self._per_page else None
        drawing = PageDrawing(groups, columns=columns, font=self._font)
        name = self._file(len(self._pages) + 1)
        save_picture(drawing.image(), self._folder / name, quality=self._quality)
        self._pages.append(SheetPage(name, tuple(group.label for group in groups), faces, drawing.missing))

    def _take(self) -> list[Group]:
        """Takes the groups of one page off those that wait."""
        page: list[Group] = []
        room = self._per_page
        while room and self._waiting:
            now, later = self._waiting.pop(0).split(room)
            page.append(now)
            room -= len(now)
            if later:
                self._waiting.insert(0, later)
        return page

    def _file(self, number: int) -> str:
        return SHEET_NAME.format(number) + self._ending


def write_sheets(
    folder: StrPath,
    outcomes: Iterable[Extracted | Unreadable],
    *,
    format: str = "jpg",  # noqa: A002  # as ExtractOptions calls it
    quality: int = DEFAULT_QUALITY,
    per_page: int = FACES_A_PAGE,
    font: StrPath | None = None,
) -> tuple[SheetPage, ...]:
    """Writes the contact sheets of all these pictures; see `Sheets`.

    Returns:
        All pages, in order.
    """
    sheets = Sheets(folder, format=format, quality=quality, per_page=per_page, font=font)
    for outcome in outcomes:
        sheets.add(outcome)
    return sheets.finish()
