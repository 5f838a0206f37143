"""Pillow images of every mode."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facecascade.errors import ImageError
from facecascade.read import modes, read_picture

RNG = np.random.default_rng(11)


def drawn(height: int = 24, width: int = 34) -> NDArray[np.uint8]:
    """Upright RGB that no turning and no flipping leaves as it is: smooth colours and a white corner."""
    y, x = np.mgrid[:height, :width]
    picture = np.stack([40 + 5 * x, 30 + 7 * y, 120 + 2 * x - 3 * y], axis=2)
    picture[:5, :8] = 250
    return picture.astype(np.uint8)


UPRIGHT = drawn()
IMAGE = Image.fromarray(UPRIGHT)
GREY = IMAGE.convert("L")
TURNED = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"  # EXIF orientation 6

# Largest difference that a mode may make on the way from RGB and back: none; the luma of grey; rounding of the colour
# spaces; a palette of 256.
MODES = {
    "RGB": (IMAGE, UPRIGHT, 0),
    "RGBX": (IMAGE.convert("RGBX"), UPRIGHT, 0),
    "RGBA": (IMAGE.convert("RGBA"), UPRIGHT, 0),
    "RGBa": (IMAGE.convert("RGBA").convert("RGBa"), UPRIGHT, 0),
    "CMYK": (IMAGE.convert("CMYK"), UPRIGHT, 0),
    "YCbCr": (IMAGE.convert("YCbCr"), UPRIGHT, 3),
    "HSV": (IMAGE.convert("HSV"), UPRIGHT, 8),
    "LAB": (IMAGE.convert("LAB"), UPRIGHT, 16),
    "P": (IMAGE.quantize(256), UPRIGHT, 24),
    "PA": (IMAGE.quantize(256).convert("PA"), UPRIGHT, 24),
    "L": (GREY, np.asarray(GREY)[:, :, np.newaxis], 0),
    "LA": (GREY.convert("LA"), np.asarray(GREY)[:, :, np.newaxis], 0),
    "La": (GREY.convert("LA").convert("La"), np.asarray(GREY)[:, :, np.newaxis], 0),
    "1": (GREY.convert("1"), 255 * np.asarray(GREY.convert("1"))[:, :, np.newaxis], 0),
    "I": (GREY.convert("I"), np.asarray(GREY)[:, :, np.newaxis], 0),
    "F": (GREY.convert("F"), np.asarray(GREY)[:, :, np.newaxis], 0),
    "I;16": (Image.fromarray(np.asarray(GREY).astype(np.uint16) * 257), np.asarray(GREY)[:, :, np.newaxis], 0),
}


def assert_close(pixels: NDArray[np.uint8], expected: NDArray[Any], tolerance: int) -> None:
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    assert pixels.shape == (*np.shape(expected)[:2], 3)
    assert np.abs(pixels.astype(int) - expected).max() <= tolerance


def seen_from_outside(image: Image.Image) -> tuple[Any, ...]:
    palette = image.getpalette("RGBA") if image.mode == "P" else None
    return image.mode, image.size, image.tobytes(), dict(image.info), palette


def encoded(image: Image.Image, format_name: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format_name, **options)
    return file.getvalue()


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_looks_like_the_drawing(mode: str) -> None:
    image, expected, tolerance = MODES[mode]
    assert image.mode == mode
    assert_close(read_picture(image), np.broadcast_to(expected, UPRIGHT.shape), tolerance)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("strip_pixels", [1, 34 * 5, 34 * 23, 34 * 24])
def test_strips_change_nothing(mode: str, strip_pixels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    image = MODES[mode][0]
    whole = read_picture(image)
    monkeypatch.setattr(modes, "STRIP_PIXELS", strip_pixels)
    np.testing.assert_array_equal(read_picture(image), whole)


@pytest.mark.parametrize("mode", MODES)
def test_a_pillow_image_is_left_as_it_was(mode: str) -> None:
    image = MODES[mode][0].copy()
    if mode in ("L", "RGB", "P"):
        image.info["transparency"] = {"L": 30, "RGB": (250, 250, 250), "P": bytes(range(256))}[mode]
    image.info["exif"] = TURNED
    before = seen_from_outside(image)
    first, second = read_picture(image), read_picture(image)
    assert seen_from_outside(image) == before
    np.testing.assert_array_equal(first, second)


# --- Transparency -----------------------------------------------------------------------------------------------------


def test_transparency_is_laid_on_black_in_every_form() -> None:
    colour = np.array([200, 100, 51], np.uint8)
    alpha = np.array([[0, 51, 255]], np.uint8)
    on_black = np.array([[[0, 0, 0], [40, 20, 10], [200, 100, 51]]])
    rgb = Image.new("RGB", (3, 1), tuple(colour.tolist()))
    rgba = rgb.copy()
    rgba.putalpha(Image.fromarray(alpha))
    palette = Image.fromarray(np.array([[0, 1, 2]], np.uint8), "L").convert("P")
    palette.putpalette(colour.tolist() * 3)
    listed = palette.copy()
    listed.info["transparency"] = alpha.tobytes()
    rgba_palette = palette.copy()
    rgba_palette.putpalette([*colour, 0, *colour, 51, *colour, 255], "RGBA")
    assert_close(read_picture(rgba), on_black, 0)
    assert_close(read_picture(rgba.convert("RGBa")), on_black, 1)
    assert_close(read_picture(listed), on_black, 0)
    assert_close(read_picture(rgba_palette), on_black, 0)
    assert_close(read_picture(encoded(rgba, "PNG")), on_black, 0)
    assert_close(read_picture(encoded(rgba, "TIFF")), on_black, 0)
    assert_close(read_picture(encoded(rgba, "WEBP", lossless=True, exact=True)), on_black, 0)
    assert_close(read_picture(encoded(listed, "PNG")), on_black, 0)


def test_grey_with_alpha_is_laid_on_black() -> None:
    grey = Image.new("L", (3, 1), 200)
    grey.putalpha(Image.fromarray(np.array([[0, 51, 255]], np.uint8)))
    np.testing.assert_array_equal(read_picture(grey)[0, :, 1], [0, 40, 200])
    np.testing.assert_allclose(read_picture(grey.convert("La"))[0, :, 1], [0, 40, 200], atol=1)
    np.testing.assert_array_equal(read_picture(encoded(grey, "PNG"))[0, :, 1], [0, 40, 200])


def test_pillow_images_and_arrays_lay_on_black_alike() -> None:
    rgba = RNG.integers(0, 256, (64, 64, 4), np.uint8)
    np.testing.assert_array_equal(read_picture(Image.fromarray(rgba)), read_picture(rgba))


@pytest.mark.parametrize(
    ("mode", "values", "key", "seen"),
    [
        ("RGB", [(9, 9, 9), (200, 100, 50)], (200, 100, 50), [(9, 9, 9), (0, 0, 0)]),
        ("L", [9, 200], 200, [(9, 9, 9), (0, 0, 0)]),
        ("1", [0, 255], 255, [(0, 0, 0), (0, 0, 0)]),
        ("I;16", [9 * 257, 200 * 257], 200 * 257, [(9, 9, 9), (0, 0, 0)]),
    ],
)
@pytest.mark.parametrize("in_file", [False, True])
def test_a_transparent_colour_is_laid_on_black(mode: str, values: Any, key: Any, seen: Any, in_file: bool) -> None:
    image = Image.new(mode, (2, 1))
    for x, value in enumerate(values):
        image.putpixel((x, 0), value)
    image.info["transparency"] = key
    source = encoded(image, "PNG", transparency=key) if in_file else image
    assert [tuple(colour) for colour in read_picture(source)[0].tolist()] == seen


def test_gif_with_a_transparent_index_is_laid_on_black() -> None:
    image = Image.fromarray(np.array([[0, 1], [1, 0]], np.uint8), "L").convert("P")
    image.putpalette([200, 10, 20, 30, 200, 40])
    pixels = read_picture(encoded(image, "GIF", transparency=0))
    assert sorted(map(tuple, pixels.reshape(-1, 3).tolist())) == [(0, 0, 0)] * 2 + [(30, 200, 40)] * 2


# --- Deep modes -------------------------------------------------------------------------------------------------------

ALL_16_BITS = np.arange(65536, dtype=np.uint16).reshape(256, 256)
DIVIDED = np.rint(ALL_16_BITS / 257)


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I;16L", "I;16N"])
def test_every_16_bit_value_is_divided_by_257(mode: str) -> None:
    dtype = ">u2" if mode == "I;16B" else "=u2" if mode == "I;16N" else "<u2"
    image = Image.frombytes(mode, (256, 256), ALL_16_BITS.astype(dtype).tobytes())
    np.testing.assert_array_equal(read_picture(image)[:, :, 0], DIVIDED)


@pytest.mark.parametrize(("format_name", "options"), [("PNG", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"})])
def test_16_bit_files_are_divided_by_257(format_name: str, options: dict[str, Any]) -> None:
    data = encoded(Image.fromarray(ALL_16_BITS), format_name, **options)
    np.testing.assert_array_equal(read_picture(data)[:, :, 0], DIVIDED)


def test_a_16_bit_pgm_is_divided_by_257() -> None:
    data = b"P5 256 256 65535\n" + ALL_16_BITS.astype(">u2").tobytes()
    np.testing.assert_array_equal(read_picture(data)[:, :, 0], DIVIDED)


def test_mode_i_is_16_bits_above_255_and_8_bits_below() -> None:
    assert read_picture(Image.fromarray(np.array([[0, 255]], np.int32)))[0, 1, 0] == 255
    assert read_picture(Image.fromarray(np.array([[0, 256]], np.int32)))[0, 1, 0] == 1
    assert read_picture(Image.fromarray(np.array([[0, 65535]], np.int32)))[0, 1, 0] == 255


@pytest.mark.parametrize("values", [[-1, 5], [0, 65536], [-(2**31), 2**31 - 1]])
def test_mode_i_out_of_range_says_what_was_expected(values: Any) -> None:
    with pytest.raises(ImageError, match=r"PIL image \(mode I, 2 x 1 px\): expected .* 0 to 255 or 0 to 65535, got"):
        read_picture(Image.fromarray(np.array([values], np.int32)))


@pytest.mark.parametrize("scale", [1, 255])
def test_float_images_of_either_range_give_back_every_level(scale: int) -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    image = Image.fromarray(levels / np.float32(255 / scale))
    np.testing.assert_array_equal(read_picture(image)[:, :, 0], levels)
    np.testing.assert_array_equal(read_picture(encoded(image, "TIFF"))[:, :, 0], levels)


@pytest.mark.parametrize("values", [[0, 1.5], [-3, 4], [0, 1000], [0, np.nan], [0, np.inf]])
def test_float_images_out_of_range_name_the_image(values: Any) -> None:
    with pytest.raises(ImageError, match=r"PIL image \(mode F, 2 x 1 px\): expected"):
        read_picture(Image.fromarray(np.array([values], np.float32)))


def test_16_bit_colour_keeps_its_high_bytes() -> None:
    """Pillow has no mode of 48 bits: it drops the low bytes, which is within one level of dividing by 257."""
    values = RNG.integers(0, 65536, (6, 5, 3), np.uint16)
    data = _tiff_of_16_bit_colour(values)
    assert_close(read_picture(data), values.astype(float) / 257, 1)


def _tiff_of_16_bit_colour(values: Any) -> bytes:
    height, width, _ = values.shape
    pixels: bytes = values.astype("<u2").tobytes()
    count = 8
    start = 8 + 2 + 12 * count + 4
    short, long = 3, 4
    entries = [
        (256, short, 1, width),
        (257, short, 1, height),
        (258, short, 3, start),
        (259, short, 1, 1),
        (262, short, 1, 2),
        (273, long, 1, start + 6),
        (277, short, 1, 3),
        (279, long, 1, len(pixels)),
    ]
    table = b"".join(struct.pack("<HHLL", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<LH", 8, count) + table + bytes(4) + struct.pack("<3H", 16, 16, 16) + pixels
