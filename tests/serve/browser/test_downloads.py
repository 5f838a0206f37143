"""What is saved: crops as a zip, JSON and CSV, held to what the library and its writers give for the same pictures."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tests.serve.browser.visits import Open

from facecascade import MTCNN, Faces, aligned_crops, read_picture
from facecascade.errors import ImageError
from facecascade.write import get_writer


def _large(faces: Faces) -> Faces:
    keep: NDArray[np.bool_] = (faces.boxes[:, 2:] - faces.boxes[:, :2]).min(axis=1) >= 60
    return faces[keep]


def test_the_zip_holds_the_crops_that_are_shown(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["group"])
    opened.slide("#size", "60 px")
    opened.page.get_by_text("Aligned", exact=True).click()
    name, content = opened.download("#get-zip")
    assert name == "group-faces.zip"
    picture = read_picture(samples["group"])
    expected = aligned_crops(picture, _large(MTCNN().detect(picture)))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        crops = sorted(entry for entry in archive.namelist() if entry.endswith(".jpg"))
        assert len(crops) == len(expected) == opened.crops().count()
        assert {"faces.csv", "faces.json"} <= {*archive.namelist()}
        for entry, crop in zip(crops, expected, strict=True):
            with Image.open(io.BytesIO(archive.read(entry))) as saved:
                assert saved.size == (112, 112)
                assert np.abs(np.asarray(saved).astype(int) - crop).mean() < 4


def test_json_and_csv_are_what_the_commands_write(visit: Open, samples: dict[str, Path], tmp_path: Path) -> None:
    opened = visit()
    opened.give(samples["group"])
    opened.slide("#size", "60 px")
    picture = read_picture(samples["group"])
    faces = _large(MTCNN().detect(picture))
    for suffix in ("json", "csv"):
        name, content = opened.download(f"#get-{suffix}")
        assert name == f"group-faces.{suffix}"
        with get_writer(tmp_path / name) as writer:
            writer.write("group.png", faces, width=1400, height=900)
        written = (tmp_path / name).read_text()
        if suffix == "json":
            assert json.loads(content) == json.loads(written)
        else:
            assert next(iter(csv.reader(io.StringIO(content.decode())))) == next(iter(csv.reader(io.StringIO(written))))
            assert _numbers(content.decode()) == _numbers(written)


def _numbers(text: str) -> list[list[float]]:
    return [[float(cell) for cell in row[1:-1]] for row in [*csv.reader(io.StringIO(text))][1:]]


def test_all_pictures_are_saved_in_one_file_with_the_errors_among_them(
    visit: Open, samples: dict[str, Path], unreadable: Path, tmp_path: Path
) -> None:
    opened = visit()
    opened.give(samples["astronaut"], unreadable, samples["grace_hopper"])
    opened.page.get_by_text("All", exact=True).click()
    name, content = opened.download("#get-json")
    assert name == "faces.json"
    entries = json.loads(content)
    assert [entry["source"] for entry in entries] == ["astronaut.png", "broken.jpg", "grace_hopper.jpg"]
    assert [len(entry.get("faces", [])) for entry in entries] == [1, 0, 1]
    assert "expected a picture" in entries[1]["error"]

    _, table = opened.download("#get-csv")
    rows = [*csv.DictReader(io.StringIO(table.decode()))]
    assert [row["source"] for row in rows] == ["astronaut.png", "broken.jpg", "grace_hopper.jpg"]
    with get_writer(tmp_path / "faces.csv") as writer:
        writer.write_error("broken.jpg", ImageError(entries[1]["error"]))
    assert rows[1] == next(csv.DictReader(io.StringIO((tmp_path / "faces.csv").read_text())))

    name, crops = opened.download("#get-zip")
    assert name == "faces.zip"
    with zipfile.ZipFile(io.BytesIO(crops)) as archive:
        assert len([entry for entry in archive.namelist() if entry.endswith(".jpg")]) == 2


def test_names_that_would_break_a_row_are_quoted(visit: Open, samples: dict[str, Path], tmp_path: Path) -> None:
    odd = tmp_path / 'a "b", c.png'
    odd.write_bytes(samples["astronaut"].read_bytes())
    opened = visit()
    opened.give(odd)
    _, table = opened.download("#get-csv")
    assert next(csv.DictReader(io.StringIO(table.decode())))["source"] == odd.name


def test_numbers_are_written_as_short_as_the_library_writes_them(visit: Open) -> None:
    values = np.random.default_rng(7).uniform(0, 4000, 300).astype(np.float32)
    short = visit().page.evaluate(
        "async (values) => { const tables = await import('/page/tables.js'); return values.map(tables.short); }",
        [float(value) for value in values],
    )
    assert [float(value) for value in short] == [float(str(value)) for value in values]


def test_pictures_are_grouped_as_the_limits_allow(visit: Open) -> None:
    groups = visit().page.evaluate(
        """async () => {
            const {grouped} = await import('/page/groups.js');
            const options = {pictures: 3, bytes: 11_000, size: (item) => item};
            return grouped([4000, 4000, 100, 100, 20_000, 5, 5, 5, 5], options);
        }"""
    )
    assert groups == [[4000, 4000], [100, 100], [20_000], [5, 5, 5], [5]]
