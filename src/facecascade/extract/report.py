"""What a run came to, as one page that opens without a server or a network: `write_report`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from facecascade.extract.detections import Unreadable
from facecascade.extract.figures import figures
from facecascade.extract.labels import StrPath
from facecascade.extract.markup import Html, counted, href, joined, named, number, table, tag
from facecascade.extract.sheets import SheetPage
from facecascade.extract.tally import MOST_FOLDERS, ErrorKind, FolderCount, Tally
from facecascade.files import Replacement

if TYPE_CHECKING:
    from facecascade.extract.extracted import Extracted

REPORT_NAME: Final = "report.html"
THUMBNAILS: Final = 12
"""Sheets that are shown; further ones are links."""
SHEET_LINKS: Final = 1000
FOLDERS: Final = 20
ERRORS: Final = 300
"""Rows at most, so that the page opens quickly whatever the run was."""
LONGEST_VALUE: Final = 300
BAD: Final = "unreadable"
POLICY: Final = "default-src 'none'; img-src 'self' file: data:; style-src 'unsafe-inline'"
"""Nothing but the page's own style and pictures beside it, even if a name found a way out of its text."""


def write_report(
    folder: StrPath,
    outcomes: Iterable[Extracted | Unreadable],
    *,
    settings: Mapping[str, object],
    software: str,
    weights_sha256: str,
    sheets: Sequence[SheetPage] = (),
    counts: Mapping[str, int] | None = None,
    files: Sequence[StrPath] = (),
    errors_file: StrPath | None = None,
) -> Path:
    """Writes `report.html`: counts, contact sheets, folders, distributions, unreadable pictures and settings.

    One file of plain HTML with its style inside: no scripts, and nothing from elsewhere but the contact sheets beside
    it. The same arguments make the same bytes. The pictures go by once; memory does not grow with their number.

    Args:
        folder: the output folder, made if it is missing; an older report is replaced in one step.
        outcomes: all pictures of the run.
        settings: what the run was asked for; mappings and dataclasses in it are opened up.
        software: what made it, with its version.
        weights_sha256: of the networks.
        sheets: the contact sheets, as `Sheets.finish` returns them.
        counts: further whole numbers to show beside those of pictures and faces, such as {"tracks": 12}.
        files: lists of the faces to link to, relative to the folder.
        errors_file: where all unreadable pictures are listed, relative to the folder.

    Returns:
        The file.

    Raises:
        OSError: the folder cannot be written to.
    """
    tally = Tally()
    for outcome in outcomes:
        tally.add(outcome)
    sections = [
        _Section("sheets", "Contact sheets", list(_sheets(sheets))),
        _Section("folders", "Folders", list(_folders(tally))),
        _Section("distributions", "Distributions", list(_distributions(tally))),
        _Section("crowded", "Most faces", list(_crowded(tally, sheets))),
        _Section("unreadable", "Unreadable pictures", list(_errors(tally, errors_file))),
        _Section("settings", "Settings", list(_settings(settings))),
    ]
    shown = [section for section in sections if section.parts]
    body = tag(
        "body",
        tag("header", tag("h1", "Faces taken out"), _nav(shown, files)),
        tag("main", _counts(tally, counts or {}), *(section.html() for section in shown)),
        tag("footer", tag("p", software), tag("p", "Weights, SHA-256: ", tag("code", weights_sha256))),
    )
    path = Path(folder) / REPORT_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    with Replacement(path) as aside:
        aside.path.write_text(f'<!DOCTYPE html>\n<html lang="en">{_head()}{body}</html>\n', encoding="utf-8")
    return path


class _Section:
    """A part of the page with a heading; without content it is left out."""

    def __init__(self, key: str, title: str, parts: list[Html]) -> None:
        self.key, self.title, self.parts = key, title, parts

    def html(self) -> Html:
        heading = tag("h2", self.title, id=self.key)
        return tag("section", heading, *self.parts, aria_labelledby=self.key)


def _head() -> Html:
    from importlib import resources

    style = (resources.files("facecascade") / "extract" / "report.css").read_text(encoding="utf-8")
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", "Faces taken out"),
        tag("style", Html(style)),
    )


def _nav(sections: Sequence[_Section], files: Sequence[StrPath]) -> Html:
    links = [tag("a", section.title, href=f"#{section.key}") for section in sections]
    lists = [_link(file) for file in files]
    return tag("nav", *links, *lists, aria_label="Parts of this page, and files beside it")


def _counts(tally: Tally, further: Mapping[str, int]) -> Html:
    total = tally.total
    rows = [
        ("pictures", total.pictures),
        ("with faces", total.with_faces),
        ("without faces", total.pictures - total.errors - total.with_faces),
        (BAD, total.errors),
        ("faces", total.faces),
        *further.items(),
    ]
    tiles = [
        tag(
            "div",
            tag("dt", name),
            tag("dd", number(count)),
            class_="bad" if name == BAD and count else "count",
        )
        for name, count in rows
    ]
    note = Html("") if total.pictures else tag("p", "There was no picture to look at.")
    return joined(tag("dl", *tiles, class_="counts"), note)


def _sheets(sheets: Sequence[SheetPage]) -> Iterator[Html]:
    if not sheets:
        return
    missing = sum(page.missing for page in sheets)
    if missing:
        yield tag("p", f"{counted(missing, 'crop')} could not be read back; the place on the sheet says so.")
    yield tag("div", *(_thumbnail(place, page) for place, page in enumerate(sheets[:THUMBNAILS], 1)), class_="sheets")
    if len(sheets) > THUMBNAILS:
        items = [tag("li", _link(page.file), " ", _from_to(page)) for page in sheets[:SHEET_LINKS]]
        left = len(sheets) - len(items)
        more = [tag("li", f"and {number(left)} more, beside this page")] if left else []
        summary = tag("summary", f"All {number(len(sheets))} sheets")
        yield tag("details", summary, tag("ol", *items, *more, class_="list"))


def _thumbnail(place: int, page: SheetPage) -> Html:
    said = f"Contact sheet {place}: {counted(page.faces, 'face')} of {counted(len(page.pictures), 'picture')}"
    picture = tag("img", src=href(page.file), alt=said, loading="lazy")
    caption = tag("figcaption", f"{place}: {counted(page.faces, 'face')}", tag("span", _from_to(page)))
    return tag("figure", tag("a", picture, href=href(page.file)), caption)


def _from_to(page: SheetPage) -> Html:
    first, last = page.pictures[0], page.pictures[-1]
    return named(first) if first == last else joined(named(first), " to ", named(last))


def _link(file: StrPath) -> Html:
    return tag("a", named(os.fsdecode(file)), href=href(file))


def _folders(tally: Tally) -> Iterator[Html]:
    if len(tally.folders) < 2:
        return
    ranked = sorted(tally.folders.items(), key=lambda item: (-item[1].pictures, item[0]))
    rows = [_folder_row(named(name) if name else "(no folder)", count) for name, count in ranked[:FOLDERS]]
    rest = sum((count for _, count in ranked[FOLDERS:]), tally.later_folders)
    if rest.pictures:
        more = "more than" if tally.later_folders.pictures else "the other"
        others = MOST_FOLDERS - FOLDERS if tally.later_folders.pictures else len(ranked) - FOLDERS
        rows.append(_folder_row(f"{more} {number(others)}", rest))
    heads = ("folder", "pictures", "with faces", "unreadable", "faces", "faces per picture")
    caption = "Where the pictures come from, those with the most pictures first; archives and videos are folders too."
    yield table(caption, heads=heads, rows=rows)


def _folder_row(name: str, count: FolderCount) -> tuple[str, ...]:
    read = count.pictures - count.errors
    mean = f"{count.faces / read:.2f}" if read else "none read"
    return name, number(count.pictures), number(count.with_faces), number(count.errors), number(count.faces), mean


def _distributions(tally: Tally) -> Iterator[Html]:
    shown = list(figures(tally))
    if shown:
        yield tag("div", *shown, class_="charts")


def _crowded(tally: Tally, sheets: Sequence[SheetPage]) -> Iterator[Html]:
    if len(tally.crowded) < 2:
        return
    wanted = {name for name, _ in tally.crowded}
    pages: dict[str, Html] = {}
    for page in reversed(sheets):
        pages |= {name: _link(page.file) for name in wanted.intersection(page.pictures)}
    rows = [(named(name), number(faces), *([pages.get(name, "")] if sheets else [])) for name, faces in tally.crowded]
    heads = ("picture", "faces", *(["begins on"] if sheets else []))
    yield table("The pictures with the most faces.", heads=heads, rows=rows)


def _errors(tally: Tally, errors_file: StrPath | None) -> Iterator[Html]:
    if not tally.errors:
        return
    kinds = sorted(tally.errors.items(), key=lambda item: -item[1].count)
    where = joined(" All are listed in ", _link(errors_file), ".") if errors_file else ""
    yield tag("p", f"{counted(tally.total.errors, 'picture')} could not be read.", where)
    shown = _shares([len(kind.examples) for _, kind in kinds], room=ERRORS)
    for (reason, kind), at_most in zip(kinds, shown, strict=True):
        yield _reason(reason, kind, at_most=at_most)


def _shares(wanted: Sequence[int], *, room: int) -> list[int]:
    """Parts of the room, the same for all, but that what one does not need goes to the others."""
    given = [0] * len(wanted)
    for left, place in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        given[place] = min(wanted[place], room // (len(wanted) - left))
        room -= given[place]
    return given


def _reason(reason: str, kind: ErrorKind, *, at_most: int) -> Html:
    items = [tag("li", named(name), tag("span", f": {own}") if own else "") for name, own in kind.examples[:at_most]]
    left = kind.count - len(items)
    more = [tag("li", tag("span", f"and {number(left)} more"))] if left else []
    summary = tag("summary", tag("b", number(kind.count)), f" {reason}")
    return tag("details", summary, tag("ul", *items, *more, class_="list"), class_="reason", open="open")


def _settings(settings: Mapping[str, object]) -> Iterator[Html]:
    rows = [(name, tag("span", _value(value))) for name, value in _flat(settings)]
    if rows:
        yield tag("div", table("What the run was asked for.", heads=("setting", "value"), rows=rows), class_="texts")


def _flat(settings: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in settings.items():
        if is_dataclass(value) and not isinstance(value, type):
            value = {field.name: getattr(value, field.name) for field in fields(value)}
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _value(value: object) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
