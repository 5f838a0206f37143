"""Formats by name, and several at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from facecascade.errors import ImageError, SettingsError
from facecascade.faces import Faces
from facecascade.write import FORMATS, CsvWriter, JsonLinesWriter, Together, named_writer

MakeFaces = Callable[..., Faces]


@pytest.mark.parametrize(
    ("order", "files"),
    [
        ("csv:a.txt", ["a.txt"]),
        ("json:a:b", ["a:b"]),
        ("jsonl:new/a", ["new/a"]),
        ("parquet:p", ["p"]),
        ("coco+clip:c.json", ["c.json"]),
        ("yolo+pose:y", ["y/classes.txt", "y/data.yaml", "y/labels/in/a.txt"]),
        ("wider:w.TXT", ["w.TXT"]),
        ("wider:w", ["w/in/a.txt"]),
        ("xmp", ["in/a.jpg.xmp"]),
        ("xmp+merge+stem", ["in/a.xmp"]),
        ("xmp:side", ["side/a.jpg.xmp"]),
    ],
)
def test_orders(
    order: str, files: list[str], tmp_path: Path, some_faces: MakeFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    if order.startswith("parquet"):
        pytest.importorskip("pyarrow")
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    with named_writer(order) as writer:
        writer.write("in/a.jpg", some_faces(1), width=640, height=480)
    assert sorted(path.as_posix() for path in Path().rglob("*") if path.is_file()) == files


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ("", "expected a format out of jsonl, json, csv, parquet, coco, yolo, wider, xmp, got ''"),
        ("voc:a", "got 'voc'"),
        ("COCO:a", "got 'COCO'"),
        ("coco", "expected a place to write coco to, as in coco:PLACE, got 'coco'"),
        ("coco:", "expected a place"),
        ("coco+pose:a", r"expected coco with \+clip, got \+pose"),
        ("csv+:a", r"expected csv with no options, got \+"),
        ("xmp+keep", r"expected xmp with \+merge or \+stem, got \+keep"),
    ],
)
def test_orders_that_cannot_be(order: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        named_writer(order)


def test_every_format_can_be_ordered(tmp_path: Path) -> None:
    for name in FORMATS:
        if name == "parquet":
            pytest.importorskip("pyarrow")
        with named_writer(f"{name}:{tmp_path / name}"):
            pass


def test_together_all_get_all(tmp_path: Path, some_faces: MakeFaces) -> None:
    with Together([CsvWriter(tmp_path / "f.csv"), JsonLinesWriter(tmp_path / "f.jsonl")]) as writer:
        writer.write("a.jpg", some_faces(2), width=640, height=480)
        writer.write_error("b.jpg", ImageError("b.jpg: broken"))
    assert len((tmp_path / "f.csv").read_text().splitlines()) == 4
    assert len((tmp_path / "f.jsonl").read_text().splitlines()) == 2


def test_together_all_drop_what_they_have_when_the_block_fails(tmp_path: Path, some_faces: MakeFaces) -> None:
    writers = [CsvWriter(tmp_path / "f.csv"), JsonLinesWriter(tmp_path / "f.jsonl")]
    with pytest.raises(RuntimeError), Together(writers) as writer:  # noqa: PT012
        writer.write("a.jpg", some_faces(2), width=640, height=480)
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stop", [OSError, KeyboardInterrupt])
def test_one_that_cannot_be_completed_costs_the_others_nothing_unless_somebody_stops_them(
    stop: type[BaseException], tmp_path: Path, some_faces: MakeFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = JsonLinesWriter(tmp_path / "f.jsonl")

    def fail() -> str:
        raise stop

    monkeypatch.setattr(broken, "_end", fail)
    together = Together([broken, CsvWriter(tmp_path / "f.csv")])
    together.write("a.jpg", some_faces(2), width=640, height=480)
    with pytest.raises(stop):
        together.close()
    assert [path.name for path in tmp_path.iterdir()] == (["f.csv"] if stop is OSError else [])
