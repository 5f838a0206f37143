"""Pictures that outputs call by an id, and whose files are named after a path."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facecascade.errors import ImageError, SettingsError
from facecascade.faces import Faces
from facecascade.read import Entry, stored_orientation
from facecascade.write import Run, named_writer

MakeFaces = Callable[..., Faces]

FRAME = Entry(
    "clip.mp4/00:00:12.345",
    "clip.mp4/00-00-12-345",
    pixels=lambda _: np.zeros((480, 640, 3), np.uint8),
)


def written(order: str, some_faces: MakeFaces, folder: Path) -> dict[str, str]:
    with named_writer(order, run=Run(orientation=stored_orientation, names=Path)) as writer:
        writer.write(FRAME, some_faces(1), width=640, height=480)
        writer.write_error(Entry("bad\\x0a.jpg", "bad\n.jpg"), ImageError("broken"))
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}


def test_the_id_is_what_an_output_calls_them(
    tmp_path: Path, some_faces: MakeFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [json.loads(line) for line in written("jsonl:out", some_faces, tmp_path)["out"].splitlines()]
    assert [line["source"] for line in lines] == ["clip.mp4/00:00:12.345", "bad\\x0a.jpg"]
    (image,) = json.loads(written("coco:coco", some_faces, tmp_path)["coco"])["images"]
    assert image["file_name"] == "clip.mp4/00:00:12.345"


@pytest.mark.parametrize(
    ("order", "file"),
    [
        ("yolo:out", "out/labels/clip.mp4/00-00-12-345.txt"),
        ("wider:out", "out/clip.mp4/00-00-12-345.txt"),
        ("xmp:out", "out/clip.mp4/00-00-12-345.xmp"),
    ],
)
def test_the_path_is_what_files_are_named_after(
    order: str, file: str, tmp_path: Path, some_faces: MakeFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files = written(order, some_faces, tmp_path)
    assert file in files
    assert files["out/errors.csv"].splitlines()[1] == "bad\\x0a.jpg,broken"
    if order.startswith("wider"):
        assert files[file].splitlines()[0] == "00-00-12-345"


def test_sidecars_beside_what_is_no_file_are_refused_before_any_work() -> None:
    with pytest.raises(SettingsError, match="got archives, videos or frames: name a folder"):
        named_writer("xmp", run=Run(files=False))
