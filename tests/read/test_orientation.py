"""The eight orientations, in files, in Pillow images and in broken EXIF."""

import io
import itertools
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from facecascade.read import modes, read_picture
from facecascade.read.orientation import orientation_in

RNG = np.random.default_rng(13)


def drawn(height: int = 24, width: int = 34) -> NDArray[np.uint8]:
    """Upright RGB that no turning and no flipping leaves as it is: smooth colours and a white corner."""
    y, x = np.mgrid[:height, :width]
    picture = np.stack([40 + 5 * x, 30 + 7 * y, 120 + 2 * x - 3 * y], axis=2)
    picture[:5, :8] = 250
    return picture.astype(np.uint8)


UPRIGHT = drawn()
IMAGE = Image.fromarray(UPRIGHT)
GREY = UPRIGHT[:, :, 0]
FORMS: dict[str, NDArray[Any]] = {
    "RGB": UPRIGHT,
    "L": GREY,
    "LA": np.stack([GREY, np.full_like(GREY, 255)], axis=2),
    "I;16": GREY.astype(np.uint16) * 257,
}


def stored(upright: NDArray[Any], orientation: int) -> Image.Image:
    """How a camera stores the picture, from EXIF's table of where row 0 and column 0 lie in the upright picture."""
    turned = {
        1: lambda a: a,  # row 0 is the top, column 0 the left
        2: lambda a: a[:, ::-1],  # top, right
        3: lambda a: a[::-1, ::-1],  # bottom, right
        4: lambda a: a[::-1],  # bottom, left
        5: lambda a: a.swapaxes(0, 1),  # left, top
        6: lambda a: a[:, ::-1].swapaxes(0, 1),  # right, top
        7: lambda a: a[::-1, ::-1].swapaxes(0, 1),  # right, bottom
        8: lambda a: a[::-1].swapaxes(0, 1),  # left, bottom
    }[orientation](upright)
    return Image.fromarray(np.ascontiguousarray(turned))


def with_orientation(value: Any) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = value
    return exif


def encoded(image: Image.Image, format_name: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format_name, **options)
    return file.getvalue()


def can_save(format_name: str) -> bool:
    Image.init()
    return format_name in Image.SAVE


def largest_difference(pixels: NDArray[np.uint8], expected: NDArray[Any]) -> int:
    assert pixels.shape == expected.shape
    return int(np.abs(pixels.astype(int) - expected).max())


def exif_block(*entries: tuple[int, int, int, int, int], order: str = ">", start: int = 8) -> bytes:
    """An EXIF block of one directory; each entry is its 12 bytes as (tag, kind, count, value, 0)."""
    head = {">": b"MM\0*", "<": b"II*\0"}[order] + struct.pack(order + "L", start)
    table = b"".join(struct.pack(order + "HHLHH", *entry) for entry in entries)
    return b"Exif\0\0" + head + struct.pack(order + "H", len(entries)) + table + bytes(4)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("format_name", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("JPEG", {"quality": 98, "subsampling": 0}, 40),
        ("AVIF", {"quality": 98, "subsampling": "4:4:4"}, 40),
    ],
)
def test_files_of_every_orientation_read_upright(
    orientation: int, format_name: str, options: dict[str, Any], tolerance: int
) -> None:
    if not can_save(format_name):
        pytest.skip(f"this Pillow writes no {format_name}")
    data = encoded(stored(UPRIGHT, orientation), format_name, exif=with_orientation(orientation), **options)
    assert largest_difference(read_picture(data), UPRIGHT) <= tolerance


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("strip_pixels", [1, 24 * 7, 34 * 24])
@pytest.mark.parametrize("form", FORMS)
def test_images_of_every_orientation_are_turned_strip_by_strip(
    orientation: int, strip_pixels: int, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modes, "STRIP_PIXELS", strip_pixels)
    image = stored(FORMS[form], orientation)
    assert image.mode == form
    image.info["exif"] = with_orientation(orientation).tobytes()
    expected = UPRIGHT if form == "RGB" else np.stack([GREY] * 3, axis=2)
    assert largest_difference(read_picture(image), expected) == 0


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 9), (9, 1), (2, 3)])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_tiny_pictures_are_turned_too(height: int, width: int, orientation: int) -> None:
    upright = RNG.integers(0, 256, (height, width, 3), np.uint8)
    data = encoded(stored(upright, orientation), "PNG", exif=with_orientation(orientation))
    np.testing.assert_array_equal(read_picture(data), upright)


def test_the_orientation_of_an_mpo_is_that_of_its_first_picture() -> None:
    first, second = stored(UPRIGHT, 6), Image.new("RGB", (9, 9))
    options = {"save_all": True, "append_images": [second], "quality": 98, "subsampling": 0}
    data = encoded(first, "MPO", exif=with_orientation(6), **options)
    assert largest_difference(read_picture(data), UPRIGHT) <= 40


@pytest.mark.parametrize("value", [0, 9, 255, 65535])
def test_an_orientation_that_does_not_exist_leaves_the_picture_as_stored(value: Any) -> None:
    data = encoded(IMAGE, "PNG", exif=exif_block((0x0112, 3, 1, value, 0)))
    np.testing.assert_array_equal(read_picture(data), UPRIGHT)


@pytest.mark.parametrize("value", ["6", b"6", (6, 3), 6.5, None])
def test_an_orientation_of_an_odd_kind_leaves_the_picture_as_stored(
    value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = IMAGE.copy()
    monkeypatch.setattr(type(image), "getexif", lambda self: {0x0112: value})
    np.testing.assert_array_equal(read_picture(image), UPRIGHT)


@pytest.mark.filterwarnings("ignore:(Possibly c|C)orrupt EXIF data", "ignore:Truncated File Read")
@pytest.mark.parametrize(("format_name", "tolerance"), [("JPEG", 60), ("PNG", 0), ("WEBP", 0)])
@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0",
        b"Exif\0\0garbage that is no TIFF",
        b"Exif\0\0II",
        b"Exif\0\0II*\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01",
        exif_block((0x0112, 7, 1, 6, 0)),  # bytes of no meaning
        exif_block((0x0112, 3, 1, 6, 0), start=9),
        b"\0" * 40,
    ],
)
def test_broken_exif_leaves_the_picture_as_stored(format_name: str, tolerance: int, exif: bytes) -> None:
    data = encoded(IMAGE, format_name, exif=exif, **({"lossless": True} if format_name == "WEBP" else {}))
    assert largest_difference(read_picture(data), UPRIGHT) <= tolerance


@pytest.mark.parametrize("order", "<>")
def test_an_orientation_that_is_whole_counts_whatever_else_is_broken(order: str) -> None:
    maker = (0x010F, 2, 9, 60000, 0)  # text that lies behind the end of the block: Pillow gives up here
    data = encoded(stored(UPRIGHT, 6), "PNG", exif=exif_block(maker, (0x0112, 3, 1, 6, 0), order=order))
    np.testing.assert_array_equal(read_picture(data), UPRIGHT)


def test_the_first_directory_decides() -> None:
    block = exif_block((0x0112, 3, 1, 8, 0), order="<")
    assert orientation_in(block) == orientation_in(block.removeprefix(b"Exif\0\0")) == 8
    assert orientation_in(exif_block((0x010F, 2, 9, 40, 0))) is None
    assert orientation_in(exif_block()) is None


@given(st.binary(max_size=60), st.sampled_from([b"", b"Exif\0\0II*\0", b"Exif\0\0MM\0*", b"II*\0\x08\0\0\0"]))
@settings(max_examples=300, deadline=None)
def test_any_bytes_have_an_orientation_or_none(tail: bytes, head: bytes) -> None:
    value = orientation_in(head + tail)
    assert value is None or 0 <= value <= 65535


def test_exif_that_raises_leaves_a_pillow_image_as_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    image = IMAGE.copy()
    monkeypatch.setattr(type(image), "getexif", lambda self: 1 / 0)
    np.testing.assert_array_equal(read_picture(image), UPRIGHT)


def test_an_orientation_in_xmp_alone_counts() -> None:
    image = stored(UPRIGHT, 8)
    image.info["XML:com.adobe.xmp"] = '<rdf:Description tiff:Orientation="8"/>'
    np.testing.assert_array_equal(read_picture(image), UPRIGHT)


def test_what_pillow_has_turned_already_is_not_turned_again() -> None:
    file = io.BytesIO(encoded(stored(UPRIGHT, 6), "PNG", exif=with_orientation(6)))
    np.testing.assert_array_equal(read_picture(ImageOps.exif_transpose(Image.open(file))), UPRIGHT)


def test_the_eight_orientations_of_the_test_itself_differ() -> None:
    turned = [np.asarray(stored(UPRIGHT, orientation)).astype(int) for orientation in range(1, 9)]
    for a, b in itertools.combinations(turned, 2):
        assert a.shape != b.shape or np.abs(a - b).mean() > 10
