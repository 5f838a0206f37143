"""HTML in which nothing is left unescaped by oversight: `tag`, `Html`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from facecascade.extract.labels import StrPath, visible

VOID: Final = frozenset({"meta", "img", "rect", "line", "path", "br"})
"""Elements without content: those of HTML have no end tag, those of SVG end at once."""
MEANT: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
"""Characters that HTML would take for its own."""


class Html(str):
    """A text that is HTML already; any other is escaped where it becomes a part of some."""

    __slots__ = ()


def escaped(part: str) -> Html:
    """A text as HTML; what cannot be seen, such as marks that turn the direction of writing, as an escape."""
    return part if isinstance(part, Html) else Html(visible(part).translate(MEANT))


def joined(*parts: str) -> Html:
    """Texts and HTML one after the other."""
    return Html("".join(map(escaped, parts)))


def tag(name: str, /, *parts: str, **attributes: str | float) -> Html:
    """An element.

    Args:
        name: of the element.
        parts: its content.
        attributes: `class_` stands for class, and `stroke_width` for stroke-width.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(str(value))}"' for key, value in attributes.items()
    )
    return Html(f"<{name}{written}/>") if name in VOID else Html(f"<{name}{written}>{joined(*parts)}</{name}>")


def named(name: str) -> Html:
    """The name of a file: its writing direction moves nothing around it."""
    return tag("bdi", name)


def href(file: StrPath) -> str:
    """A relative path as a link, whatever bytes it is made of."""
    from urllib.parse import quote

    return quote(os.fsencode(PurePath(file).as_posix()))


def table(caption: str, *, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], wide: bool = True) -> Html:
    """A table whose first column names the rows, and whose others are numbers.

    Args:
        caption: what it says.
        heads: of the columns.
        rows: as many cells as heads each.
        wide: whether it takes the whole width.
    """
    head = tag("tr", *(tag("th", one, scope="col") for one in heads))
    body = [tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:])) for row in rows]
    content = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
    return tag("div", content, class_="scroll" if wide else "scroll narrow")


def number(value: int) -> str:
    """A whole number with its thousands apart."""
    return f"{value:,}"


def counted(count: int, noun: str) -> str:
    """A number and what it counts."""
    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"
