from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from facecascade.errors import SettingsError
from facecascade.extract.inputs import Inputs


def put(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(path)


def test_files_and_folders_in_order_each_once(tmp_path: Path) -> None:
    put(tmp_path / "in" / "b.png", tmp_path / "in" / "a.png", tmp_path / "z.png")
    inputs = Inputs([tmp_path / "z.png", tmp_path / "in", tmp_path / "in" / "a.png"])
    assert [Path(entry).name for entry in inputs] == ["z.png", "a.png", "b.png"]
    assert inputs.total == 3


def test_what_does_not_exist_is_for_the_reader_to_say(tmp_path: Path) -> None:
    put(tmp_path / "a.png")
    inputs = Inputs([tmp_path / "none.jpg", tmp_path / "a.png"])
    read = list(inputs.read(threads=2, max_megapixels=None))
    assert read[0].pixels is None
    assert "none.jpg" in str(read[0].error)
    assert read[1].pixels is not None
    assert read[1].pixels.shape == (8, 8, 3)


def test_results_of_an_earlier_run_are_no_pictures_to_search(tmp_path: Path) -> None:
    put(tmp_path / "a.png", tmp_path / "faces" / "a_00.png", tmp_path / "faces" / "sub" / "b_00.png")
    inputs = Inputs([tmp_path], output=tmp_path / "faces")
    assert [Path(entry).name for entry in inputs] == ["a.png"]
    assert inputs.total == 1
    assert Inputs([tmp_path]).total == 3
    assert Inputs([tmp_path / "faces"], output=tmp_path / "other").total == 2


@pytest.mark.parametrize("output", ["in", "in/../in", "link", "in/sub/.."])
def test_results_among_the_pictures_are_refused(tmp_path: Path, output: str) -> None:
    put(tmp_path / "in" / "a.png", tmp_path / "in" / "sub" / "b.png")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    with pytest.raises(SettingsError, match="expected an output folder apart from the pictures"):
        Inputs([tmp_path / "in"], output=tmp_path / output)
    with pytest.raises(SettingsError, match="expected an output folder apart from the pictures"):
        Inputs([tmp_path / "in" / "a.png"], output=tmp_path / output)


def test_results_that_would_replace_links_to_pictures_are_refused(tmp_path: Path) -> None:
    put(tmp_path / "real" / "a.png")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "a.png").symlink_to(tmp_path / "real" / "a.png")
    for output in ("links", "real"):
        with pytest.raises(SettingsError, match="apart from the pictures"):
            Inputs([tmp_path / "links"], output=tmp_path / output)


def test_a_mirrored_folder_may_not_fall_on_the_pictures_either(tmp_path: Path) -> None:
    put(tmp_path / "in" / "a.png", tmp_path / "in" / "in" / "b.png")
    with pytest.raises(SettingsError, match="apart from the pictures"):
        Inputs([tmp_path / "in"], output=tmp_path)


def test_the_folder_above_is_no_danger(tmp_path: Path) -> None:
    put(tmp_path / "photos" / "2020" / "a.png")
    inputs = Inputs([tmp_path / "photos" / "2020"], output=tmp_path / "photos")
    assert inputs.total == 1


@pytest.mark.parametrize("megapixels", [0, -1, float("nan"), float("inf")])
def test_limits_that_cannot_work(tmp_path: Path, megapixels: float) -> None:
    with pytest.raises(SettingsError, match="expected --max-megapixels above 0"):
        Inputs([tmp_path]).read(threads=1, max_megapixels=megapixels)


def test_a_limit_in_megapixels(tmp_path: Path) -> None:
    put(tmp_path / "a.png")
    for megapixels, readable in ((0.000064, True), (0.00006, False)):
        (read,) = Inputs([tmp_path]).read(threads=1, max_megapixels=megapixels)
        assert (read.error is None) == readable


def zipped(path: Path, *names: str) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, picture.getvalue())


def test_archives_are_counted_by_reading_them(tmp_path: Path) -> None:
    zipped(tmp_path / "a.zip", "x/1.png", "2.png")
    put(tmp_path / "b.png")
    inputs = Inputs([tmp_path / "a.zip", tmp_path / "b.png"])
    assert inputs.total is None
    read = list(inputs.read(threads=2, max_megapixels=None))
    assert [inputs.names.name(one.source).as_posix() for one in read] == ["a.zip/x/1", "a.zip/2", "b"]
    assert [one.source.id for one in read] == [
        *(f"{tmp_path}/a.zip/x/1.png", f"{tmp_path}/a.zip/2.png"),
        f"{tmp_path}/b.png",
    ]


def test_results_beside_an_archive_are_refused(tmp_path: Path) -> None:
    zipped(tmp_path / "a.zip", "1.png")
    with pytest.raises(SettingsError, match="apart from the pictures"):
        Inputs([tmp_path / "a.zip"], output=tmp_path)


def test_names_are_relative_to_the_fixed_part_of_a_pattern(tmp_path: Path) -> None:
    put(tmp_path / "in" / "x" / "a.png", tmp_path / "in" / "y" / "a.png")
    inputs = Inputs([tmp_path / "in" / "*" / "a.png"], output=tmp_path / "out")
    assert [inputs.names.name(entry).as_posix() for entry in inputs] == ["x/a", "y/a"]
    assert inputs.total == 2


def test_names_of_a_list_are_relative_to_what_is_in_it(tmp_path: Path) -> None:
    put(tmp_path / "in" / "x" / "a.png", tmp_path / "in" / "y" / "a.png")
    (tmp_path / "list").write_text("in/x\nin/y/a.png\n")
    inputs = Inputs([Path(f"@{tmp_path}/list")])
    assert [inputs.names.name(entry).as_posix() for entry in inputs] == ["x/a", "y/a"]


def test_standard_input_is_read_once_and_used_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "a.png", tmp_path / "b.png")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"b.png\0a.png\0")))
    inputs = Inputs([Path("-")])
    assert inputs.total == 2
    assert [one.source.id for one in inputs.read(threads=1, max_megapixels=None)] == ["b.png", "a.png"]
