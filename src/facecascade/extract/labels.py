"""What pictures are called where a font has to draw it: `Lettering`."""

from __future__ import annotations

import os
import unicodedata
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from facecascade.errors import SettingsError

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

StrPath = str | os.PathLike[str]

ELLIPSIS: Final = "..."
NO_CHARACTER: Final = "\U0010ffff"
"""Never assigned, so that every font draws its sign for a missing glyph."""
JOINERS: Final = "\u200c\u200d"
"""Unprintable by Unicode's categories, and yet a part of Persian words and of emoji."""
SPELT: Final = dict(
    zip("æÆœŒøØłŁđĐðÐþÞßı", "ae AE oe OE o O l L d D d D th Th ss i".split(" "), strict=True)  # noqa: SIM905
)
"""Latin letters that Unicode does not take apart."""


def picture_id(source: StrPath) -> str:
    """What a picture is called: its `id` where it has one, else its path."""
    identity = getattr(source, "id", None)
    return identity if isinstance(identity, str) else os.fsdecode(source)


def visible(text: str) -> str:
    r"""The same text with each character that cannot be seen, or turns others around, as an escape such as \u202e."""
    if text.isprintable():
        return text
    return "".join(_escaped(one) if _hidden(one) else one for one in text)


class Lettering:
    r"""A font of one size, and how it writes any text without signs for missing glyphs.

    A letter that the font lacks is written as what Unicode takes it apart into where the font has that (é as e, ü as u,
    full-width forms as plain ones), a few Latin ones as they are spelt otherwise (ß as ss), anything else as an escape:
    the Chinese for "name" is \u540d\u5b57. Runs of white space become one space.

    Args:
        size: of the letters, in pixels.
        font: a TrueType or OpenType file; by default the font that comes with Pillow, which has ASCII and little more,
            and is the same on all machines.

    Raises:
        SettingsError: the font cannot be read.
    """

    def __init__(self, *, size: float, font: StrPath | None = None) -> None:
        self.font = _load(size, None if font is None else os.fspath(font))
        self._missing = self._drawn(NO_CHARACTER)
        self._pieces: dict[str, str] = {}

    def width(self, text: str) -> float:
        """Width in pixels of a text as it is drawn."""
        return self.font.getlength(text)

    def written(self, text: str) -> str:
        """The whole text as the font can draw it."""
        return "".join(self._written(text))

    def shortened(self, text: str, *, width: float) -> str:
        """The text as the font can draw it in at most `width` pixels: of a longer one the middle goes.

        Names that start alike end differently, and the other way round. An escape stays or goes as a whole.
        """
        pieces = self._written(text)
        whole = "".join(pieces)
        if self.width(whole) <= width:
            return whole
        fewest, most = 0, len(pieces) - 1  # pieces that stay
        while fewest < most:
            middle = (fewest + most + 1) // 2
            if self.width(_without_middle(pieces, middle)) <= width:
                fewest = middle
            else:
                most = middle - 1
        return _without_middle(pieces, fewest) if fewest else ""

    def shortened_id(self, text: str, *, width: float) -> str:
        """The id of a picture in at most `width` pixels: folders go first, the outermost before the others."""
        whole = self.written(text)
        inner = whole
        while self.width(inner if inner is whole else f"{ELLIPSIS}/{inner}") > width and "/" in inner:
            inner = inner.partition("/")[2]
        shown = inner if inner is whole else f"{ELLIPSIS}/{inner}"
        return shown if inner and self.width(shown) <= width else self.shortened(PurePosixPath(text).name, width=width)

    def _written(self, text: str) -> list[str]:
        return [self._piece(letter) for letter in " ".join(text.split())]

    def _piece(self, letter: str) -> str:
        if letter not in self._pieces:
            self._pieces[letter] = self._new_piece(letter)
        return self._pieces[letter]

    def _new_piece(self, letter: str) -> str:
        if not _hidden(letter) and self._has(letter):
            return letter
        base = "".join(one for one in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(one))
        for plain in (base, SPELT.get(letter, "")):
            if plain.isprintable() and plain and all(map(self._has, plain)):
                return plain
        alone = unicodedata.combining(letter) and not base  # an accent behind its letter, as macOS writes names
        return "" if alone else _escaped(letter)

    def _has(self, letter: str) -> bool:
        return letter == " " or self._drawn(letter) != self._missing

    def _drawn(self, letter: str) -> tuple[tuple[int, int], bytes, float]:
        mask = self.font.getmask(letter)
        return mask.size, bytes(mask), self.width(letter)


def _without_middle(pieces: list[str], kept: int) -> str:
    head = kept - kept // 2
    return "".join([*pieces[:head], ELLIPSIS, *pieces[len(pieces) - kept // 2 :]])


def _hidden(letter: str) -> bool:
    return not letter.isprintable() and letter not in JOINERS and unicodedata.category(letter) != "Zs"


def _escaped(letter: str) -> str:
    code = ord(letter)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8, as Python keeps it
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


@lru_cache(maxsize=16)
def _load(size: float, file: str | None) -> FreeTypeFont:
    from PIL import ImageFont

    # Raqm, where it is there, would shape words; letters are measured one by one here.
    if file is None:
        font = ImageFont.load_default(size)
        assert isinstance(font, ImageFont.FreeTypeFont)
        return font
    try:
        return ImageFont.truetype(file, size)
    except OSError as error:
        raise SettingsError(f"expected a TrueType or OpenType font, got {file!r}: {error}") from None
