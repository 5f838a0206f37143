from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from facecascade.cli.inputs import Inputs
from facecascade.errors import SettingsError


def put(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(path)


def test_files_and_folders_in_order_each_once(tmp_path: Path) -> None:
    put(tmp_path / "in" / "b.png", tmp_path / "in" / "a.png", tmp_path / "z.png")
    inputs = Inputs([tmp_path / "z.png", tmp_path / "in", tmp_path / "in" / "a.png"])
    assert [path.name for path in inputs.sources] == ["z.png", "a.png", "b.png"]


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
    assert [path.name for path in Inputs([tmp_path], output=tmp_path / "faces").sources] == ["a.png"]
    assert len(Inputs([tmp_path]).sources) == 3
    assert len(Inputs([tmp_path / "faces"], output=tmp_path / "other").sources) == 2


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
    assert len(inputs.sources) == 1


@pytest.mark.parametrize("megapixels", [0, -1, float("nan"), float("inf")])
def test_limits_that_cannot_work(tmp_path: Path, megapixels: float) -> None:
    with pytest.raises(SettingsError, match="expected --max-megapixels above 0"):
        Inputs([tmp_path]).read(threads=1, max_megapixels=megapixels)


def test_a_limit_in_megapixels(tmp_path: Path) -> None:
    put(tmp_path / "a.png")
    for megapixels, readable in ((0.000064, True), (0.00006, False)):
        (read,) = Inputs([tmp_path]).read(threads=1, max_megapixels=megapixels)
        assert (read.error is None) == readable
