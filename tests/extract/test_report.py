"""The page that a run ends with."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image

from facecascade.errors import ImageError
from facecascade.extract import (
    Cropping,
    Extracted,
    ExtractOptions,
    Measures,
    SheetPage,
    Unreadable,
    write_report,
    write_sheets,
)
from facecascade.extract.report import ERRORS, FOLDERS, SHEET_LINKS, THUMBNAILS, _shares
from facecascade.faces import Faces

VOID = {"meta", "img", "br"}
OUTSIDE = ("http:", "https:", "//", "javascript:", "data:")
HOSTILE = [
    "<script>alert(1)</script>.jpg",
    "\"'><img src=x onerror=alert(1)>.jpg",
    "a&lt;b&amp;.jpg",
    "photo\u202egpj.exe",
    "]]><!-- --></style>.jpg",
    "odd\udcff\x00\n.jpg",
    "名前 é سلام 😀.jpg",
    "javascript:alert(1)",
]


class Page(HTMLParser):
    """Reads a page strictly: what is opened is closed, in order."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: list[tuple[str, str]] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"{tag} has an attribute twice"
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert tag not in VOID
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append((self.open[-1] if self.open else "", data))

    def text(self, tag: str = "") -> str:
        return " ".join(data for name, data in self.words if not tag or name == tag)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.found if name == tag]

    def counts(self) -> dict[str, str]:
        names = [data for tag, data in self.words if tag == "dt"]
        return dict(zip(names, [data for tag, data in self.words if tag == "dd"], strict=True))


def extracted(name: str, count: int, *, measured: bool = True) -> Extracted:
    random = np.random.default_rng(count)
    corners = random.uniform(0, 100, (count, 2))
    boxes = np.hstack([corners, corners + random.uniform(20, 300, (count, 2))]).astype(np.float32)
    faces = Faces(boxes, random.uniform(0.7, 1, count).astype(np.float32))
    measures = tuple(Measures(10.0 * n, 3.0 * n, -2.0 * n if n else math.nan, n) for n in range(count))
    crops = tuple(Path(f"{n}.jpg") for n in range(count))
    return Extracted(name, 640, 480, faces, crops, np.zeros((count, 2, 3)), measures if measured else ())


def unreadable(name: str, problem: str = "expected a picture, got an empty file") -> Unreadable:
    return Unreadable(name, ImageError(f"{name}: {problem}"))


def report(folder: Path, outcomes: Sequence[Extracted | Unreadable], **options: Any) -> Page:
    given: dict[str, Any] = {"settings": {}, "software": "facecascade 1.2.3", "weights_sha256": "abc123", **options}
    path = write_report(folder, iter(outcomes), **given)
    assert path == folder / "report.html"
    page = Page(path)
    check(page)
    return page


def check(page: Page) -> None:
    """What holds for every report."""
    assert page.found[0] == ("html", {"lang": "en"})
    assert not page.all("script")
    assert not page.all("link")
    assert not any(name.startswith("on") for _, attributes in page.found for name in attributes)
    links = [value for _, one in page.found for name, value in one.items() if name in ("href", "src")]
    assert not any(link.startswith(OUTSIDE) for link in links)
    ids = [one["id"] for _, one in page.found if "id" in one]
    assert len(ids) == len(set(ids))
    targets = [link[1:] for link in links if link.startswith("#")]
    targets += [one["aria-labelledby"] for _, one in page.found if "aria-labelledby" in one]
    assert set(targets) <= set(ids)
    assert all(one["alt"] for one in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table"))
    levels = [int(name[1]) for name, _ in page.found if name in ("h1", "h2", "h3")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    style = page.text("style")
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style
    assert any(one.get("name") == "viewport" for one in page.all("meta"))


def test_counts(tmp_path: Path) -> None:
    outcomes: list[Extracted | Unreadable] = [
        extracted("a/1.jpg", 3),
        extracted("a/2.jpg", 0),
        extracted("b/3.jpg", 1200),
        unreadable("b/4.jpg"),
    ]
    page = report(tmp_path / "new", outcomes, counts={"tracks": 7})
    assert page.counts() == {
        "pictures": "4",
        "with faces": "2",
        "without faces": "1",
        "unreadable": "1",
        "faces": "1,203",
        "tracks": "7",
    }
    assert "facecascade 1.2.3" in page.text("p")
    assert page.text("code") == "abc123"
    headings = [data for tag, data in page.words if tag == "h2"]
    assert headings == ["Folders", "Distributions", "Most faces", "Unreadable pictures"]
    figures = [data for tag, data in page.words if tag == "h3"]
    assert figures == ["Faces per picture", "Face size", "Score", "Sharpness", "Yaw, roughly", "Roll"]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["report.html"], "nothing is left beside it"


def test_no_picture_at_all(tmp_path: Path) -> None:
    page = report(tmp_path, [])
    assert set(page.counts().values()) == {"0"}
    assert "no picture" in page.text("p")
    assert page.all("section") == []


def test_one_face_without_measures(tmp_path: Path) -> None:
    page = report(tmp_path, [extracted("a.jpg", 1, measured=False)])
    assert page.counts()["faces"] == "1"
    assert [data for tag, data in page.words if tag == "h3"] == ["Faces per picture", "Face size", "Score"]


def test_pictures_without_a_face_and_unreadable_ones_alone(tmp_path: Path) -> None:
    page = report(tmp_path, [extracted("a.jpg", 0)])
    assert [data for tag, data in page.words if tag == "h3"] == ["Faces per picture"]
    page = report(tmp_path, [unreadable("a.jpg")])
    assert [data for tag, data in page.words if tag == "h2"] == ["Unreadable pictures"]


def test_hostile_names_are_text_everywhere(tmp_path: Path) -> None:
    def pictures(name: str) -> list[Extracted | Unreadable]:
        return [extracted(f"{name}/{name}", 3), extracted(f"{name}/also {name}", 0), unreadable(f"x{name}", name)]

    def sheets_of(name: str) -> list[SheetPage]:
        pages = [SheetPage(f"{name}/{name}.jpg", pair, 3, 1) for pair in ((name,), (name, f"last {name}"))]
        return pages * THUMBNAILS

    sheets = [page for name in HOSTILE for page in sheets_of(name)]
    outcomes = [outcome for name in HOSTILE for outcome in pictures(name)]
    page = report(
        tmp_path,
        outcomes,
        sheets=sheets,
        settings={name: name for name in HOSTILE},
        software=HOSTILE[0],
        weights_sha256=HOSTILE[1],
        counts={HOSTILE[2]: 1},
        files=[HOSTILE[3]],
        errors_file=HOSTILE[1],
    )
    assert "\u202e" not in (tmp_path / "report.html").read_text(encoding="utf-8")
    plain = report(
        tmp_path, [*pictures("a"), *pictures("b")], sheets=sheets_of("c"), settings={"d": 1}, errors_file="e"
    )
    assert {name for name, _ in page.found} == {name for name, _ in plain.found}, "the elements of any other report"
    read = page.text()
    assert all(name in read for name in HOSTILE if name.isprintable())
    assert "photo\\u202egpj.exe" in read
    assert "odd\\xff\\x00\\x0a.jpg" in read


def test_long_lists_are_cut_and_say_so(tmp_path: Path) -> None:
    outcomes: list[Extracted | Unreadable] = [extracted(f"folder {n:03d}/a.jpg", 1) for n in range(FOLDERS + 31)]
    outcomes += [unreadable(f"folder 000/{n}.jpg") for n in range(ERRORS + 1234)]
    outcomes += [unreadable("folder 000/odd.jpg", "expected a picture, got music")]
    page = report(tmp_path, outcomes, errors_file="faces.csv.errors.csv")
    assert len(page.all("li")) == ERRORS + 1, "and the line that says how many more"
    assert "and 1,235 more" in page.text("span")
    assert "folder 000/odd.jpg" in page.text("bdi"), "a rare kind is not crowded out"
    assert "the other 31" in page.text("th")
    assert {"href": "faces.csv.errors.csv"} in page.all("a")


@pytest.mark.parametrize(
    ("wanted", "room", "given"),
    [
        ([], 10, []),
        ([3, 2], 10, [3, 2]),
        ([100, 2, 100], 12, [5, 2, 5]),
        ([9, 9], 5, [3, 2]),
        ([1, 1, 1], 2, [1, 1, 0]),
    ],
)
def test_room_is_shared(wanted: list[int], room: int, given: list[int]) -> None:
    shares = _shares(wanted, room=room)
    assert sorted(shares) == sorted(given)
    assert all(share <= want for share, want in zip(shares, wanted, strict=True))


def test_the_sheets_that_were_written(tmp_path: Path) -> None:
    outcomes = []
    for name, count in (("名 1.jpg", 5), ("b.jpg", 2), ("c.jpg", 4)):
        one = replace(extracted(name, count), crops=tuple(Path(f"{name}_{n:02d}.png") for n in range(count)))
        for crop in one.crops:
            Image.new("RGB", (20, 20)).save(tmp_path / crop)
        outcomes.append(one)
    (tmp_path / "b.jpg_00.png").unlink()
    page = report(tmp_path, outcomes, sheets=write_sheets(tmp_path, outcomes, per_page=6))
    pictures = page.all("img")
    assert [one["alt"] for one in pictures] == [
        "Contact sheet 1: 6 faces of 2 pictures",
        "Contact sheet 2: 5 faces of 2 pictures",
    ]
    assert all((tmp_path / unquote(one["src"])).is_file() for one in pictures)
    assert "1 crop could not be read back" in page.text("p")
    begins = [one["href"] for one in page.all("a") if one["href"].startswith("contact")][2:]
    assert begins == ["contact-sheet-001.jpg", "contact-sheet-002.jpg", "contact-sheet-001.jpg"]


def test_many_sheets_are_links(tmp_path: Path) -> None:
    sheets = [SheetPage(f"contact-sheet-{n:03d}.jpg", (f"{n}.jpg",), 100, 0) for n in range(SHEET_LINKS + 50)]
    page = report(tmp_path, [extracted("a.jpg", 1)], sheets=sheets)
    assert len(page.all("img")) == THUMBNAILS
    assert len(page.all("li")) == SHEET_LINKS + 1
    assert "and 50 more" in page.text("li")


def test_settings_are_opened_up(tmp_path: Path) -> None:
    options = ExtractOptions(cropping=Cropping(size=99, fill=(1, 2, 3)), keep_exif=True)
    page = report(
        tmp_path, [], settings={"detector": {"thresholds": (0.6, 0.7)}, "options": options, "long": "x" * 999}
    )
    names = [data for tag, data in page.words if tag == "th"][2:]
    rows = dict(zip(names, [data for tag, data in page.words if tag == "span"], strict=True))
    assert rows["detector.thresholds"] == "0.6, 0.7"
    assert rows["options.cropping.size"] == "99"
    assert rows["options.cropping.fill"] == "1, 2, 3"
    assert rows["options.selection.max_yaw"] == "not set"
    assert (rows["options.keep_exif"], rows["options.best_per_track"]) == ("yes", "no")
    assert rows["long"] == "x" * 300 + "..."


def test_the_same_run_is_the_same_page_in_place_of_an_older_one(tmp_path: Path) -> None:
    outcomes = [extracted(f"{n % 5}/{n}.jpg", n % 4) for n in range(50)]
    (tmp_path / "report.html").write_text("old")
    report(tmp_path, outcomes)
    first = (tmp_path / "report.html").read_bytes()
    report(tmp_path, outcomes)
    assert (tmp_path / "report.html").read_bytes() == first
    with pytest.raises(RuntimeError, match="journal"):
        write_report(tmp_path, _failing(), settings={}, software="", weights_sha256="")
    assert (tmp_path / "report.html").read_bytes() == first


def _failing() -> Iterator[Extracted]:
    yield extracted("a.jpg", 1)
    raise RuntimeError("the journal is gone")


def test_memory_does_not_grow_with_the_pictures(tmp_path: Path) -> None:
    some = extracted("", 3)

    def run(count: int) -> Iterator[Extracted | Unreadable]:
        for number in range(count):
            name = f"folder {number % 300}/a picture with a name of its own {number}.jpg"
            yield unreadable(name) if number % 4 == 0 else replace(some, source=name)

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            write_report(tmp_path, run(count), settings={}, software="", weights_sha256="")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)  # what is loaded once
    few, many = peak(10_000), peak(100_000)
    assert Page(tmp_path / "report.html").counts()["faces"] == "225,000"
    assert many < few + 500_000
    assert many < 5_000_000
