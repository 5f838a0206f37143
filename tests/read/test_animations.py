"""Frames of animated pictures."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from facecascade.errors import ImageError, SettingsError
from facecascade.read import Entry, expand, find_entries, read_ahead, read_picture

FORMATS = [
    "gif",
    "png",
    "apng",
    "webp",
    pytest.param("avif", marks=pytest.mark.skipif(not features.check("avif"), reason="this Pillow reads no AVIF")),
]


def animate(path: Path, levels: list[int]) -> Path:
    first, *rest = [Image.new("RGB", (64, 48), (level,) * 3) for level in levels]
    kind = "PNG" if path.suffix == ".apng" else None
    first.save(path, kind, save_all=True, append_images=rest, duration=100, loop=0)
    return path


def entries(path: Path, **options: object) -> list[Entry]:
    return list(expand(find_entries(path), **({"frames": "all"} | options)))  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", FORMATS)
def test_all_frames_in_order_with_their_times(tmp_path: Path, suffix: str) -> None:
    path = animate(tmp_path / f"a.{suffix}", [0, 80, 160, 240])
    found = entries(path)
    assert [entry.id for entry in found] == [f"{path}/#{number}" for number in range(4)]
    assert [entry.path for entry in found] == [f"{path}/{number}" for number in range(4)]
    assert [entry.container for entry in found] == [str(path)] * 4
    assert [entry.time for entry in found] == pytest.approx([0, 0.1, 0.2, 0.3])
    pixels = [entry.read() for entry in found]
    assert [array.shape for array in pixels] == [(48, 64, 3)] * 4
    assert (
        np.abs([int(array[20, 30, 0]) - level for array, level in zip(pixels, [0, 80, 160, 240], strict=True)]).max()
        <= 2
    )


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_first_frame_alone_by_default(tmp_path: Path, suffix: str) -> None:
    path = animate(tmp_path / f"a.{suffix}", [0, 80, 160])
    (entry,) = entries(path, frames="first")
    assert entry.id == str(path)
    assert np.array_equal(entry.read(), read_picture(path))
    assert np.array_equal(entry.read(), entries(path)[0].read())


@pytest.mark.parametrize("suffix", ["gif", "png", "jpg"])
def test_a_picture_that_does_not_move_keeps_its_id(tmp_path: Path, suffix: str) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / f"a.{suffix}")
    assert [entry.id for entry in entries(tmp_path / f"a.{suffix}")] == [f"{tmp_path}/a.{suffix}"]


def test_frames_in_archives_and_of_copies(tmp_path: Path) -> None:
    gif = animate(tmp_path / "a.gif", [0, 80]).read_bytes()
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("a.gif", gif)
        archive.writestr("../a.gif", gif)
    assert [entry.id.removeprefix(f"{tmp_path}/") for entry in entries(tmp_path / "z.zip")] == [
        *("z.zip/a.gif/#0", "z.zip/a.gif/#1"),
        *("z.zip/a.gif/~2/#0", "z.zip/a.gif/~2/#1"),
    ]


def test_frames_are_skipped_by_id_and_animations_whole(tmp_path: Path) -> None:
    path = animate(tmp_path / "a.gif", [0, 80, 160])
    assert [entry.read()[0, 0, 0] for entry in entries(path, skip=f"{path}/#1".__eq__)] == [0, 160]
    assert entries(path, skip=str(path).__eq__) == []


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"no picture"])
def test_what_is_broken_says_so_when_it_is_read(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.gif").write_bytes(data)
    (entry,) = entries(tmp_path / "a.gif")
    with pytest.raises(ImageError, match=r"a\.gif: expected"):
        entry.read()


def test_an_animation_that_breaks_off_gives_the_frames_before(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    frames = [Image.fromarray(rng.integers(0, 255, (64, 64, 3), np.uint8)) for _ in range(6)]
    file = io.BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    data = bytearray(file.getvalue())
    middle = [place for place in range(len(data)) if data.startswith(b"VP8L", place)][3] + 40
    data[middle : middle + 2000] = b"\xff" * 2000
    (tmp_path / "a.webp").write_bytes(data)
    read = list(read_ahead(entries(tmp_path / "a.webp"), threads=2, depth=4))
    assert [result.error is None for result in read] == [True, True, True, False]
    assert str(read[-1].error).startswith(f"{tmp_path}/a.webp/#3: expected")


def test_large_animations_are_refused(tmp_path: Path) -> None:
    first, *_ = entries(animate(tmp_path / "a.gif", [0, 80]), max_pixels=64 * 48 - 1)
    with pytest.raises(ImageError, match="expected at most 3071 pixels, got 64 x 48"):
        first.read()


def test_wrong_settings_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match='expected frames="first" or "all", got \'some\''):
        expand([], frames="some")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="expected max_member_bytes of at least 1, got 0"):
        expand([], max_member_bytes=0)
