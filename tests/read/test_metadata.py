from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from facecascade.errors import ImageError
from facecascade.metadata import Metadata
from facecascade.read import metadata_of, read_metadata, read_picture
from facecascade.read.exif import Exif, Value, build_exif, parse_exif

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
TAKEN = {0x9003: "2024:05:31 18:20:01", 0x9011: "+02:00", 0x9291: "35"}


def exif_of(*, file: dict[int, Any] | None = None, photograph: dict[int, Any] | None = None, gps: bool = True) -> bytes:
    exif = Image.Exif()
    exif.update({0x010F: "Maker", 0x0112: 6, 0x0132: "2025:01:01 00:00:00", **(file or {})})
    inner = {0x829A: 0.01, 0x927C: b"maker's note", 0xA002: 4000, **(TAKEN if photograph is None else photograph)}
    exif.get_ifd(0x8769).update(inner)
    if gps:
        exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.25), 3: "E", 4: (13.0, 24.0, 18.5)})
    return exif.tobytes()


def encoded(kind: str = "JPEG", *, mode: str = "RGB", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (40, 30)).save(file, kind, **options)
    return file.getvalue()


def tags_of(block: bytes | None) -> tuple[dict[int, Any], dict[int, Any]]:
    """What Pillow reads out of a block: of the file, of the photograph."""
    assert block is not None
    exif = Image.Exif()
    exif.load(block)
    return {tag: value for tag, value in exif.items() if tag != 0x8769}, dict(exif.get_ifd(0x8769))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_profile_and_capture_time_are_kept_and_nothing_else(kind: str) -> None:
    metadata = read_metadata(encoded(kind, exif=exif_of(), icc_profile=SRGB))
    assert metadata.icc_profile == SRGB
    assert metadata.captured == "2024-05-31T18:20:01.35+02:00"
    assert tags_of(metadata.exif) == ({}, {**TAKEN, 0x9000: b"0232"})


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_more_of_the_exif_where_asked_but_never_the_position(kind: str) -> None:
    source = exif_of(file={0x8298: "© nobody", 0x013B: "An Author", 0xC4A5: b"unknown"})
    metadata = read_metadata(encoded(kind, exif=source), keep_exif=True)
    file, photograph = tags_of(metadata.exif)
    assert set(file) == {0x010F, 0x0132, 0x8298, 0x013B}
    assert file[0x013B] == "An Author"
    assert set(photograph) == {0x829A, 0x9000, *TAKEN}
    assert float(photograph[0x829A]) == pytest.approx(0.01)
    raw = metadata.exif or b""
    assert struct.pack("<H", 0x8825) not in raw[:200]
    assert struct.pack(">H", 0x8825) not in raw[:200]
    assert b"maker's note" not in raw


def test_nothing_is_nothing() -> None:
    assert read_metadata(encoded()) == Metadata()
    assert read_metadata(np.zeros((9, 9, 3), np.uint8)) == Metadata()
    assert read_metadata(encoded(exif=exif_of(photograph={}))).exif is None


@pytest.mark.parametrize("source", ["path", "bytes", "file", "image"])
def test_whatever_the_source(source: str, tmp_path: Path) -> None:
    data = encoded(exif=exif_of(), icc_profile=SRGB)
    (tmp_path / "a.jpg").write_bytes(data)
    image = Image.open(io.BytesIO(data))
    sources: dict[str, Any] = {"path": tmp_path / "a.jpg", "bytes": data, "file": io.BytesIO(data), "image": image}
    assert read_metadata(sources[source]) == metadata_of(image)
    assert metadata_of(image).captured == "2024-05-31T18:20:01.35+02:00"


@pytest.mark.parametrize(
    ("kind", "mode", "profile", "kept"),
    [
        ("JPEG", "RGB", SRGB, True),
        ("PNG", "RGBA", SRGB, True),
        ("PNG", "P", SRGB, True),
        ("PNG", "RGB", LAB, False),
        ("JPEG", "L", SRGB, False),
        ("JPEG", "CMYK", SRGB, False),
        ("TIFF", "CMYK", LAB, False),
        ("JPEG", "RGB", b"no profile", False),
    ],
)
def test_a_profile_must_belong_to_the_pixels(kind: str, mode: str, profile: bytes, kept: bool) -> None:
    metadata = read_metadata(encoded(kind, mode=mode, icc_profile=profile))
    assert metadata.icc_profile == (profile if kept else None)


@pytest.mark.parametrize(
    ("photograph", "captured"),
    [
        ({0x9003: "2024:05:31 18:20:01"}, "2024-05-31T18:20:01"),
        ({0x9003: "2024:05:31 18:20:01", 0x9011: "-07:30"}, "2024-05-31T18:20:01-07:30"),
        ({0x9003: "2024:05:31 18:20:01", 0x9011: "   :  "}, "2024-05-31T18:20:01"),
        ({0x9003: "    :  :     :  :  "}, None),
        ({0x9003: ""}, None),
        ({0x9003: "yesterday", 0x9011: "+02:00"}, None),
        ({0x9011: "+02:00"}, None),
        ({0x9003: 7}, None),
    ],
)
def test_times_that_are_known_in_part_or_not_at_all(photograph: dict[int, Any], captured: str | None) -> None:
    metadata = read_metadata(encoded(exif=exif_of(photograph=photograph, gps=False)))
    assert metadata.captured == captured
    assert (metadata.exif is None) == (captured is None)


def test_too_much_to_fit_into_a_jpeg_is_cut_to_the_capture_time() -> None:
    exif = exif_of(file={0x010E: "x" * 61_000})
    metadata = read_metadata(encoded("PNG", exif=exif), keep_exif=True)
    assert tags_of(metadata.exif) == ({}, {**TAKEN, 0x9000: b"0232"})


def test_missing_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"none\.jpg: expected a file that can be read"):
        read_metadata(tmp_path / "none.jpg")
    with pytest.raises(ImageError, match="expected a picture"):
        read_metadata(b"no picture at all")


@pytest.mark.parametrize("order", ["<", ">"])
def test_tags_come_back_as_they_were(order: str) -> None:
    file = {0x010F: Value(2, 6, b"Maker\0"), 0x0110: Value(2, 2, b"M\0"), 0x0128: Value(3, 1, b"\1\2")}
    photograph = {0x9003: Value(2, 20, b"2024:05:31 18:20:01\0"), 0x829A: Value(5, 1, bytes(range(8)))}
    for exif in (
        Exif(order, file, photograph),
        Exif(order, file, {}),
        Exif(order, {}, photograph),
        Exif(order, {}, {}),
    ):
        assert parse_exif(build_exif(exif)) == exif
        assert parse_exif(b"Exif\0\0" + build_exif(exif)) == exif


def test_exif_cut_off_anywhere_is_read_as_far_as_it_goes() -> None:
    whole = exif_of()
    longest = parse_exif(whole)
    assert longest is not None
    for length in range(len(whole)):
        part = parse_exif(whole[:length])
        if part is not None:
            assert set(part.photograph.items()) <= set(longest.photograph.items())
            assert set(part.file.items()) <= set(longest.file.items())
            build_exif(part)


def test_any_bytes_are_no_danger() -> None:
    random = np.random.default_rng(0)
    whole = bytearray(exif_of())
    for _ in range(2000):
        broken = bytearray(whole)
        for place in random.integers(6, len(whole), 5):
            broken[place] = random.integers(256)
        image = Image.new("RGB", (9, 9))
        image.info["exif"] = bytes(broken)
        for keep in (False, True):
            kept = metadata_of(image, keep_exif=keep).exif
            assert kept is None or parse_exif(kept) is not None


@pytest.mark.filterwarnings("ignore")  # Pillow's, about what is wrong with these files
def test_every_picture_that_can_be_read_has_metadata(shared_data: Path) -> None:
    told = 0
    for path in sorted(path for path in (shared_data / "edge").glob("*/*") if path.stat().st_size < 200_000):
        try:
            read_picture(path)
        except ImageError:
            continue
        kept = read_metadata(path, keep_exif=True)
        assert kept.exif is None or parse_exif(kept.exif) is not None
        told += 1
    assert told > 50
