from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facecascade.errors import SettingsError
from facecascade.extract import save_picture
from facecascade.metadata import Metadata


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def image(seed: int = 1) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (30, 40, 3), dtype=np.uint8))


def test_png_keeps_every_pixel(tmp_path: Path) -> None:
    save_picture(image(), tmp_path / "a" / "b" / "x.png")
    with Image.open(tmp_path / "a" / "b" / "x.png") as saved:
        assert saved.format == "PNG"
        assert np.array_equal(np.asarray(saved), np.asarray(image()))


@pytest.mark.parametrize("name", ["x.jpg", "x.JPG", "x.jpeg", "x.jpe", "x.jfif"])
def test_jpeg_by_any_of_its_names(tmp_path: Path, name: str) -> None:
    save_picture(image(), tmp_path / name)
    with Image.open(tmp_path / name) as saved:
        assert saved.format == "JPEG"
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_metadata_is_attached_and_nothing_else(tmp_path: Path, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    block = exif.tobytes().removeprefix(b"Exif\0\0")
    picture = image()
    picture.info.update(icc_profile=b"of the image", exif=b"of the image", comment="of the image")
    save_picture(picture, tmp_path / f"with.{suffix}", metadata=Metadata(icc_profile=b"profile", exif=block))
    save_picture(picture, tmp_path / f"without.{suffix}")
    with Image.open(tmp_path / f"with.{suffix}") as saved:
        assert saved.info["icc_profile"] == b"profile"
        assert dict(saved.getexif()) == {0x010F: "Maker"}
    with Image.open(tmp_path / f"without.{suffix}") as saved:
        assert not {"icc_profile", "exif"} & set(saved.info)
    assert b"of the image" not in (tmp_path / f"without.{suffix}").read_bytes()


def test_webp_keeps_the_picture(tmp_path: Path) -> None:
    smooth = Image.linear_gradient("L").convert("RGB")
    save_picture(smooth, tmp_path / "x.webp", quality=95)
    with Image.open(tmp_path / "x.webp") as saved:
        assert (saved.format, saved.size) == ("WEBP", (256, 256))
        assert np.abs(np.asarray(saved.convert("RGB")).astype(int) - np.asarray(smooth)).max() <= 4


def test_a_pillow_without_webp_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.features.check", lambda name: False)
    with pytest.raises(SettingsError, match="a Pillow that knows WebP"):
        save_picture(image(), tmp_path / "x.webp")
    assert list(tmp_path.iterdir()) == []


def test_quality_is_a_matter_of_bytes(tmp_path: Path) -> None:
    for quality in (10, 95):
        save_picture(image(), tmp_path / f"{quality}.jpg", quality=quality)
    assert (tmp_path / "95.jpg").stat().st_size > 2 * (tmp_path / "10.jpg").stat().st_size


def test_permissions_are_those_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    save_picture(image(), tmp_path / "x.png")
    assert (tmp_path / "x.png").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("name", ["x.gif", "x", "x.png.txt"])
def test_other_suffixes(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=r"ending in \.png, \.jpg or \.webp"):
        save_picture(image(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("quality", [0, 101, -5, True, 9.5])
def test_qualities_that_do_not_exist(tmp_path: Path, quality: int) -> None:
    with pytest.raises(SettingsError, match="expected a quality of 1 to 100"):
        save_picture(image(), tmp_path / "x.jpg", quality=quality)


def test_a_failure_leaves_the_older_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.png"
    save_picture(image(1), path)
    before = path.read_bytes()

    def full(self: Path, data: object) -> int:
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        save_picture(image(2), path)
    assert path.read_bytes() == before
    assert names_in(tmp_path) == ["x.png"]


def test_a_folder_in_its_place_is_an_error_that_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.png").mkdir()
    with pytest.raises(OSError):  # noqa: PT011  # which one is the system's choice
        save_picture(image(), tmp_path / "x.png")
    assert names_in(tmp_path) == ["x.png"]
