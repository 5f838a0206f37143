from __future__ import annotations

import zipfile
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageSequence
from tests.rewrite.clips import RedSquare, contents, make_clip, red_of

from facecascade.errors import SettingsError
from facecascade.extract import Names, Selection, Unreadable
from facecascade.faces import Faces
from facecascade.read import find_entries, read_metadata, read_picture
from facecascade.redact import Redaction, redact_faces
from facecascade.rewrite import Change, Observer, RewriteOptions, Rewritten, rewrite_each

Pixels = NDArray[np.uint8]
ORIENTATION, MAKER, TAKEN, GPS = 0x0112, 0x010F, 0x9003, 0x8825


def cover(picture: Pixels, faces: Faces) -> Pixels:
    return redact_faces(picture, faces, redaction=Redaction(style="cover", shape="box"))


def painted(*, face: bool = True, height: int = 60, width: int = 90) -> Pixels:
    picture = np.full((height, width, 3), 100, np.uint8)
    picture[::4] += 20
    if face:
        picture[20:40, 30:50] = (250, 0, 0)
    return picture


def save(path: Path, picture: Pixels, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path, **options)
    return path


def rewrite(*inputs: Path, to: Path, **more: Any) -> list[Rewritten | Unreadable]:
    change = more.pop("change", Change(RedSquare(), cover))
    return list(rewrite_each(find_entries(inputs), change=change, folder=to, names=Names(inputs), **more))


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_every_picture_comes_again_in_its_folder_and_format(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    for name in ("a.jpg", "B.JPEG", "c.png", "d.webp", "e.tif", "f.bmp", "sub/g.gif", "sub/h.ppm"):
        save(photos / name, painted())
    save(photos / "i.jp2", painted())
    save(photos / "none.png", painted(face=False))
    done = rewrite(photos, to=tmp_path / "new")
    assert all(isinstance(one, Rewritten) for one in done)
    assert files(tmp_path / "new") == sorted(
        ["a.jpg", "B.JPEG", "c.png", "d.webp", "e.tif", "f.bmp", "sub/g.gif", "sub/h.ppm", "i.png", "none.png"]
    )
    for name in files(tmp_path / "new"):
        new = read_picture(tmp_path / "new" / name)
        assert not red_of(new).any()
        assert new.shape == (60, 90, 3)
        assert name == "none.png" or (new[22:38, 32:48] < 30).all()
    with Image.open(tmp_path / "new" / "e.tif") as tiff, Image.open(tmp_path / "new" / "d.webp") as webp:
        assert (tiff.format, webp.format) == ("TIFF", "WEBP")


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp", "ppm", "tga"])
def test_without_loss_only_the_face_changes(tmp_path: Path, suffix: str) -> None:
    picture = save(tmp_path / "old" / f"a.{suffix}", painted())
    (one,) = rewrite(picture, to=tmp_path / "new")
    assert isinstance(one, Rewritten)
    changed = (read_picture(one.path) != painted()).any(axis=2)
    assert changed[16:44, 26:54].all()
    assert changed.sum() == 28 * 28


def photograph(path: Path) -> Path:
    """A JPEG on its side, with everything beside the pixels that may tell of a face or of a place."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "Maker"
    exif.get_ifd(0x8769)[TAKEN] = "2024:05:31 18:20:01"
    exif.get_ifd(GPS)[1] = "N"
    small = Image.fromarray(painted()[::2, ::2].copy())
    small.save(path.with_suffix(".thumbnail"), "JPEG")
    thumbnail = path.with_suffix(".thumbnail").read_bytes()
    block = with_thumbnail(exif.tobytes().removeprefix(b"Exif\0\0"), thumbnail)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    sideways = np.rot90(painted())  # orientation 6 turns it back
    save(path, np.ascontiguousarray(sideways), exif=b"Exif\0\0" + block, icc_profile=profile, quality=95, subsampling=0)
    assert thumbnail in path.read_bytes()
    path.with_suffix(".thumbnail").unlink()
    return path


def with_thumbnail(tiff: bytes, thumbnail: bytes) -> bytes:
    """The TIFF structure with a second directory that holds a JPEG, as cameras write it."""
    import struct

    order = "<" if tiff[:2] == b"II" else ">"
    (first,) = struct.unpack_from(f"{order}L", tiff, 4)
    (entries,) = struct.unpack_from(f"{order}H", tiff, first)
    link = first + 2 + 12 * entries
    begin = len(tiff)
    second = struct.pack(f"{order}H", 3)
    second += struct.pack(f"{order}HHLHH", 0x0103, 3, 1, 6, 0)
    second += struct.pack(f"{order}HHLL", 0x0201, 4, 1, begin + 2 + 36 + 4)
    second += struct.pack(f"{order}HHLL", 0x0202, 4, 1, len(thumbnail)) + bytes(4)
    return tiff[:link] + struct.pack(f"{order}L", begin) + tiff[link + 4 :] + second + thumbnail


@pytest.mark.parametrize("keep_exif", [False, True])
def test_of_a_photograph_profile_and_time_stay_and_the_thumbnail_and_the_place_go(
    tmp_path: Path, keep_exif: bool
) -> None:
    old = photograph(tmp_path / "a.jpg")
    (one,) = rewrite(old, to=tmp_path / "new", metadata=partial(read_metadata, keep_exif=keep_exif))
    assert isinstance(one, Rewritten)
    with Image.open(one.path) as new, Image.open(old) as before:
        assert new.size == (90, 60)
        exif = new.getexif()
        assert exif.get(ORIENTATION, 1) == 1
        assert exif.get(MAKER) == ("Maker" if keep_exif else None)
        assert exif.get_ifd(0x8769)[TAKEN] == "2024:05:31 18:20:01"
        assert not exif.get_ifd(GPS)
        assert new.info["icc_profile"] == before.info["icc_profile"]
    assert one.path.read_bytes().count(b"\xff\xd8\xff") == 1  # no second JPEG inside
    assert old.read_bytes().count(b"\xff\xd8\xff") == 2


@pytest.mark.parametrize("suffix", ["gif", "png", "webp"])
def test_animated_pictures(tmp_path: Path, suffix: str) -> None:
    frames = [Image.fromarray(np.roll(painted(), shift, axis=1)) for shift in (0, 5, 10)]
    old = tmp_path / f"a.{suffix}"
    frames[0].save(old, save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0, lossless=True)
    (still,) = rewrite(old, to=tmp_path / "still")
    (all_of_it,) = rewrite(old, to=tmp_path / "moving", options=RewriteOptions(frames="all"))
    assert isinstance(still, Rewritten)
    assert isinstance(all_of_it, Rewritten)
    assert (still.counts, all_of_it.counts) == ((1,), (1, 1, 1))
    with Image.open(still.path) as image:
        assert getattr(image, "n_frames", 1) == 1
    with Image.open(all_of_it.path) as image:
        assert image.n_frames == 3  # type: ignore[attr-defined]
        assert image.info["loop"] == 0
        durations = []
        for number, frame in enumerate(ImageSequence.Iterator(image)):
            pixels = np.asarray(frame.convert("RGB"))
            durations.append(frame.info["duration"])
            assert not red_of(pixels).any()
            left = 30 + 5 * number
            assert (pixels[22:38, left + 2 : left + 18] < 30).all()
    assert durations == [100, 200, 300]


def test_pictures_videos_and_archives_in_their_order(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    save(folder / "a.png", painted())
    make_clip(folder / "b.mp4")
    save(folder / "c.png", painted(face=False))
    with zipfile.ZipFile(folder / "d.zip", "w") as archive:
        archive.write(folder / "a.png", "day/x.png")
    inputs = [folder / name for name in ("a.png", "b.mp4", "c.png", "d.zip")]
    seen: list[int] = []
    done = rewrite(*inputs, to=tmp_path / "new", observer=Observer(watch=seen.append))
    assert files(tmp_path / "new") == ["a.png", "b.mp4", "c.png", "d.zip/day/x.png"]
    assert [(one.counts, one.video) for one in done if isinstance(one, Rewritten)] == [
        ((1,), False),
        ((1,) * 25, True),
        ((0,), False),
        ((1,), False),
    ]
    assert seen == [1] * 25
    assert not any(red_of(picture).any() for picture in contents(tmp_path / "new" / "b.mp4").pictures)


def test_other_kinds_of_videos_become_matroska(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.avi", sound="pcm_s16le")
    (one,) = rewrite(clip, to=tmp_path / "new")
    assert isinstance(one, Rewritten)
    assert one.path.name == "a.mkv"
    old, new = contents(clip), contents(one.path)
    assert [data for data, _, _ in new.sound] == [data for data, _, _ in old.sound]
    distance = max(abs(a - b) for a, b in zip(old.times, new.times, strict=True))
    assert distance <= Fraction(1, 1000)


def test_what_cannot_be_read_is_told_and_never_copied(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    whole = save(folder / "a.jpg", painted()).read_bytes()
    (folder / "b.jpg").write_bytes(whole[:-200])
    (folder / "c.png").write_bytes(b"no picture")
    (folder / "d.mp4").write_bytes(b"no video")
    done = rewrite(folder, folder / "d.mp4", tmp_path / "none.jpg", to=tmp_path / "new")
    assert [isinstance(one, Unreadable) for one in done] == [False, True, True, True, True]
    assert files(tmp_path / "new") == ["in/a.jpg"]


def test_the_selection_says_which(tmp_path: Path) -> None:
    picture = save(tmp_path / "a.png", painted())
    change = Change(RedSquare(), cover, selection=Selection(min_size=21))
    (one,) = rewrite(picture, to=tmp_path / "new", change=change)
    assert isinstance(one, Rewritten)
    assert one.counts == (0,)
    assert np.array_equal(read_picture(one.path), painted())


def test_no_source_is_written_over(tmp_path: Path) -> None:
    picture = save(tmp_path / "a.png", painted())
    before = picture.read_bytes()
    with pytest.raises(SettingsError, match="an output folder apart from the sources"):
        rewrite(picture, to=tmp_path)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "a.png").symlink_to(picture)
    with pytest.raises(SettingsError, match="got a link"):
        rewrite(picture, to=tmp_path / "new")
    assert picture.read_bytes() == before
    assert files(tmp_path) == ["a.png", "new/a.png"]


def test_stopping_leaves_whole_files_alone(tmp_path: Path) -> None:
    save(tmp_path / "a.png", painted())
    make_clip(tmp_path / "b.mp4")
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 8

    done = rewrite(tmp_path / "a.png", tmp_path / "b.mp4", to=tmp_path / "new", observer=Observer(stop=stop))
    assert len(done) == 1
    assert files(tmp_path / "new") == ["a.png"]


@pytest.mark.parametrize("wrong", [{"quality": 0}, {"crf": 99}, {"frames": "some"}])
def test_options_that_cannot_work(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="expected"):
        RewriteOptions(**wrong)
