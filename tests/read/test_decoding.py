"""Encoded pictures: every format, broken bytes, and the limit on pixels."""

import io
import random
import struct
import sys
import threading
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import EpsImagePlugin, Image, ImageFile

from facecascade.errors import ImageError
from facecascade.read import MAX_PIXELS, modes, read_picture


def drawn(height: int, width: int) -> NDArray[np.uint8]:
    y, x = np.mgrid[:height, :width]
    return np.stack([40 + x, 30 + 2 * y, 90 + x - y], axis=2).astype(np.uint8)


UPRIGHT = drawn(48, 64)
IMAGE = Image.fromarray(UPRIGHT)
PALETTE = IMAGE.quantize(256)

# Image, format, options, largest difference from the drawing.
FORMATS: dict[str, tuple[Image.Image, str, dict[str, Any], int]] = {
    "jpeg": (IMAGE, "JPEG", {"quality": 95, "subsampling": 0}, 8),
    "jpeg-progressive": (IMAGE, "JPEG", {"quality": 95, "subsampling": 0, "progressive": True}, 8),
    "jpeg-cmyk": (IMAGE.convert("CMYK"), "JPEG", {"quality": 95}, 24),
    "mpo": (IMAGE, "MPO", {"quality": 95, "subsampling": 0, "save_all": True, "append_images": [IMAGE]}, 8),
    "png": (IMAGE, "PNG", {}, 0),
    "png-palette": (PALETTE, "PNG", {}, 24),
    "apng": (IMAGE, "PNG", {"save_all": True, "append_images": [IMAGE.rotate(180)]}, 0),
    "gif": (PALETTE, "GIF", {}, 24),
    "gif-animated": (PALETTE, "GIF", {"save_all": True, "append_images": [PALETTE.rotate(180)]}, 24),
    "webp": (IMAGE, "WEBP", {"quality": 95}, 40),
    "webp-lossless": (IMAGE, "WEBP", {"lossless": True}, 0),
    "webp-animated": (IMAGE, "WEBP", {"lossless": True, "save_all": True, "append_images": [IMAGE.rotate(180)]}, 0),
    "avif": (IMAGE, "AVIF", {"quality": 95, "subsampling": "4:4:4"}, 24),
    "tiff": (IMAGE, "TIFF", {}, 0),
    "tiff-lzw": (IMAGE, "TIFF", {"compression": "tiff_lzw"}, 0),
    "tiff-deflate": (IMAGE, "TIFF", {"compression": "tiff_adobe_deflate"}, 0),
    "tiff-jpeg": (IMAGE, "TIFF", {"compression": "jpeg", "quality": 95}, 40),
    "tiff-pages": (IMAGE, "TIFF", {"save_all": True, "append_images": [IMAGE.rotate(180)]}, 0),
    "jpeg2000": (IMAGE, "JPEG2000", {}, 1),
    "bmp": (IMAGE, "BMP", {}, 0),
    "dib": (IMAGE, "DIB", {}, 0),
    "ppm": (IMAGE, "PPM", {}, 0),
    "tga": (IMAGE, "TGA", {"compression": "tga_rle"}, 0),
    "sgi": (IMAGE, "SGI", {}, 0),
    "pcx": (IMAGE, "PCX", {}, 0),
    "dds": (IMAGE, "DDS", {}, 0),
    "ico": (IMAGE, "ICO", {"sizes": [(64, 48)]}, 0),
    "qoi": (IMAGE, "QOI", {}, 0),
}


def encoded(name: str, **more: Any) -> bytes:
    image, format_name, options, _ = FORMATS[name]
    Image.init()
    if format_name not in Image.SAVE:
        pytest.skip(f"this Pillow writes no {format_name}")
    file = io.BytesIO()
    image.save(file, format_name, **options, **more)
    return file.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that says how large it is, and ends."""
    header = b"IHDR" + struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">L", 13) + header + struct.pack(">L", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">L", 8) + b"IDAT" + bytes(4)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_first_picture(name: str) -> None:
    pixels = read_picture(encoded(name))
    assert pixels.shape == UPRIGHT.shape
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    assert np.abs(pixels.astype(int) - UPRIGHT).max() <= FORMATS[name][3]


def test_the_suffix_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "it is no jpeg.jpg"
    path.write_bytes(encoded("tiff"))
    np.testing.assert_array_equal(read_picture(path), UPRIGHT)


# --- The limit on pixels ----------------------------------------------------------------------------------------------


def test_the_default_limit_admits_what_cameras_take() -> None:
    assert MAX_PIXELS == 201_326_592
    assert MAX_PIXELS >= 16320 * 12240


@pytest.mark.parametrize(("width", "height"), [(16384, 12289), (100_000, 100_000), (2**31 - 1, 1)])
def test_a_bomb_is_refused_before_it_is_decoded(width: int, height: int) -> None:
    with pytest.raises(ImageError) as caught:
        read_picture(png_header(width, height))
    assert str(caught.value) == (
        f"bytes (45 bytes): expected at most 201326592 pixels, got {width} x {height} = {width * height}; "
        "raise max_pixels if you trust the file"
    )


@pytest.mark.parametrize("name", FORMATS)
def test_the_limit_holds_to_the_pixel_in_every_format(name: str) -> None:
    data = encoded(name)
    assert read_picture(data, max_pixels=48 * 64).shape == (48, 64, 3)
    with pytest.raises(ImageError, match="expected at most 3071 pixels, got 64 x 48 = 3072"):
        read_picture(data, max_pixels=48 * 64 - 1)


def test_the_limit_holds_for_pillow_images_too() -> None:
    with pytest.raises(ImageError, match=r"PIL image \(mode RGB, 64 x 48 px\): expected at most 3000 pixels"):
        read_picture(IMAGE, max_pixels=3000)
    with pytest.raises(ImageError, match="expected at most 3000 pixels"):
        read_picture(Image.open(io.BytesIO(encoded("png"))), max_pixels=3000)


def test_arrays_have_no_limit() -> None:
    np.testing.assert_array_equal(read_picture(UPRIGHT, max_pixels=1), UPRIGHT)


@pytest.mark.parametrize("limit", [3072 // 2 + 1, 3072 // 2, 1000, 1])
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("max_pixels", [MAX_PIXELS, None])
def test_pillows_global_limit_neither_warns_nor_refuses(
    limit: int, name: str, max_pixels: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encoded(name)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)  # 1537 and 1536 would warn, 1000 and 1 refuse
    monkeypatch.setattr(modes, "STRIP_PIXELS", 64 * 20)
    if name == "ico" or (name.startswith("webp") and 2 * limit < 3072):
        pytest.skip("Pillow's own limit stands here: see test_where_pillows_own_limit_stands")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_picture(data, max_pixels=max_pixels).shape == (48, 64, 3)
    assert limit == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("name", ["webp", "ico"])
def test_where_pillows_own_limit_stands_it_is_an_image_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(name)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    try:
        assert read_picture(data).shape == (48, 64, 3)  # older Pillows look at the size of a WebP in Image.open alone
    except ImageError as error:
        cause = error.__cause__
    else:
        return
    assert isinstance(cause, Image.DecompressionBombError)


def test_turned_tiffs_are_allocated_as_they_are_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in ("tiff", "tiff-lzw"):
        data = encoded(name, exif=exif)
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
        np.testing.assert_array_equal(read_picture(data), np.rot90(UPRIGHT, -1))
        monkeypatch.undo()


def test_limits_of_threads_do_not_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded("tiff")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    start = threading.Barrier(8)

    def refused(number: int) -> list[bool]:
        start.wait()
        return [_is_refused(data, 3072 - number % 2) for _ in range(40)]

    with ThreadPoolExecutor(8) as pool:
        for number, results in enumerate(pool.map(refused, range(8))):
            assert results == [bool(number % 2)] * 40


def _is_refused(data: bytes, max_pixels: int) -> bool:
    try:
        read_picture(data, max_pixels=max_pixels)
    except ImageError:
        return True
    return False


def test_an_icon_that_holds_more_than_it_says_is_measured_again() -> None:
    png = encoded("png")
    directory = struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHLL", 16, 16, 0, 0, 1, 32, len(png), 22)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Image was not the expected size")
        assert read_picture(directory + png).shape == (48, 64, 3)
        with pytest.raises(ImageError, match="expected at most 256 pixels, got 64 x 48"):
            read_picture(directory + png, max_pixels=256)


# --- What is no picture -----------------------------------------------------------------------------------------------


def test_an_empty_file_is_called_empty() -> None:
    with pytest.raises(ImageError, match=r"^bytes \(0 bytes\): expected a picture, got an empty file$"):
        read_picture(b"")


@pytest.mark.parametrize(
    "data", [b"abcd", b"plain text, and not a little of it " * 40, b"%PDF-1.7\n" * 20, bytes(5000)]
)
def test_other_files_are_no_pictures(data: bytes) -> None:
    with pytest.raises(ImageError, match=r"expected a picture, got a file that no reader recognises$"):
        read_picture(data)


def test_heif_without_the_extra_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    data = struct.pack(">L", 24) + b"ftypheic" + bytes(12) + b"mif1heic"
    with pytest.raises(ImageError, match=r'HEIF needs packages .*: pip install "facecascade\[heif\]"'):
        read_picture(data)


def heif(image: Image.Image, *, orientation: int = 1) -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif", reason="pip install 'facecascade[heif]'")
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x112] = orientation
    encoded = pillow_heif.from_pillow(image)
    encoded.info["exif"] = exif.tobytes()
    encoded.save(file, quality=95)
    return file.getvalue()


@pytest.mark.parametrize(("orientation", "corner"), [(1, (0, 0)), (3, (-1, -1)), (6, (0, -1)), (8, (-1, 0))])
def test_heif_is_read_upright(orientation: int, corner: tuple[int, int]) -> None:
    image = Image.new("RGB", (64, 48), (10, 200, 30))
    image.paste((250, 0, 0), (0, 0, 32, 24))
    pixels = read_picture(heif(image, orientation=orientation))
    assert pixels.shape == ((48, 64, 3) if orientation < 5 else (64, 48, 3))
    assert np.abs(pixels[corner].astype(int) - (250, 0, 0)).max() < 10
    assert "HEIF" not in Image.OPEN  # nothing was changed for the rest of the process


def test_broken_and_large_heif() -> None:
    data = heif(Image.new("RGB", (64, 48)))
    with pytest.raises(ImageError, match="expected"):
        read_picture(data[: len(data) // 2])
    with pytest.raises(ImageError, match="expected at most 100 pixels, got 64 x 48"):
        read_picture(data, max_pixels=100)


def test_postscript_is_never_run(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    IMAGE.save(file, "EPS")
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *args, **kwargs: pytest.fail("Ghostscript was started"))
    with pytest.raises(ImageError, match="expected a picture, got EPS, a program for Ghostscript"):
        read_picture(file.getvalue())


def test_a_reader_registered_by_a_plugin_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    class OneDot(ImageFile.ImageFile):
        format = "ONEDOT"

        def _open(self) -> None:
            self._mode, self._size = "RGB", (1, 1)
            self.tile = []
            self.im = Image.new("RGB", (1, 1), (1, 2, 3)).im

    monkeypatch.setattr(Image, "ID", [*Image.ID, "ONEDOT"])
    monkeypatch.setitem(Image.OPEN, "ONEDOT", (OneDot, lambda prefix: prefix.startswith(b"onedot")))
    assert read_picture(b"onedot").tolist() == [[[1, 2, 3]]]


def test_a_reader_that_says_why_not_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    def accepts(prefix: bytes) -> bool | str:
        return "no library for it here" if prefix.startswith(b"absent") else False

    monkeypatch.setattr(Image, "ID", [*Image.ID, "ABSENT"])
    monkeypatch.setitem(Image.OPEN, "ABSENT", (lambda file, name: pytest.fail("was asked to read"), accepts))
    with pytest.raises(ImageError, match="no library for it here"):
        read_picture(b"absent picture")


# --- Broken pictures --------------------------------------------------------------------------------------------------

CUT = ["jpeg", "png", "gif", "webp", "tiff-lzw", "bmp", "jpeg2000", "ppm", "tga", "qoi", "avif"]


@pytest.mark.parametrize("name", CUT)
def test_half_a_picture_is_broken(name: str) -> None:
    data = encoded(name)
    with pytest.raises(ImageError, match=r"^bytes \(\d+ bytes\): expected a "):
        read_picture(data[: len(data) // 2])


@pytest.mark.parametrize("name", CUT)
def test_a_picture_cut_anywhere_is_whole_or_an_image_error(name: str) -> None:
    data = encoded(name)
    lengths = sorted({*range(min(120, len(data))), *range(0, len(data), max(1, len(data) // 60))})
    assert any(_is_picture_or_refused(data[:length]) is False for length in lengths)


@pytest.mark.parametrize("name", FORMATS)
def test_flipped_bytes_are_a_picture_or_an_image_error(name: str) -> None:
    data = encoded(name)
    generator = random.Random(name)
    for _ in range(40):
        broken = bytearray(data)
        for _ in range(generator.randint(1, 5)):
            broken[generator.randrange(min(len(broken), generator.choice([60, len(broken)])))] = generator.randrange(
                256
            )
        _is_picture_or_refused(bytes(broken))


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_any_edit_of_bytes_is_a_picture_or_an_image_error(drawn_data: st.DataObject) -> None:
    name = drawn_data.draw(st.sampled_from(["jpeg", "png-palette", "gif-animated", "tiff", "bmp", "ppm", "pcx"]))
    data = encoded(name)
    start = drawn_data.draw(st.integers(0, len(data)))
    end = drawn_data.draw(st.integers(start, min(len(data), start + 12)))
    _is_picture_or_refused(data[:start] + drawn_data.draw(st.binary(max_size=12)) + data[end:])


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8\xff", b"GIF89a", b"BM", b"II*\0", b"P6 ", b"8BPS"]))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_picture_or_an_image_error(data: bytes, head: bytes) -> None:
    _is_picture_or_refused(head + data)


def _is_picture_or_refused(data: bytes) -> bool:
    """True for a picture, False for an `ImageError`; anything else fails the test. Warnings of Pillow's are allowed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pixels = read_picture(data, max_pixels=1_000_000)
        except ImageError:
            return False
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    assert pixels.shape[2] == 3
    return True


def test_the_original_error_is_the_cause() -> None:
    with pytest.raises(ImageError, match=r"cannot be read: .*truncated") as caught:
        read_picture(encoded("jpeg")[:-200])
    assert isinstance(caught.value.__cause__, OSError)


def test_a_warning_that_the_caller_makes_an_error_is_an_image_error() -> None:
    png = encoded("png")
    directory = struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHLL", 16, 16, 0, 0, 1, 32, len(png), 22)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ImageError, match="Image was not the expected size"):
            read_picture(directory + png)


@pytest.mark.parametrize("error", [RuntimeError("odd"), ZeroDivisionError(), KeyError(7), AssertionError("no")])
def test_whatever_a_reader_raises_is_an_image_error(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Image.Image) -> None:
        raise error

    image = Image.open(io.BytesIO(encoded("png")))
    monkeypatch.setattr(type(image), "load", fail)
    reason = str(error) or type(error).__name__
    for source in (encoded("png"), image):
        with pytest.raises(ImageError) as caught:
            read_picture(source)
        assert str(caught.value).endswith(f"expected a whole picture, got one that cannot be read: {reason}")
        assert caught.value.__cause__ is error


@pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt()])
def test_exhausted_memory_and_interrupts_stay_what_they_are(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Image.Image) -> None:
        raise error

    monkeypatch.setattr(type(Image.open(io.BytesIO(encoded("png")))), "load", fail)
    with pytest.raises(type(error)):
        read_picture(encoded("png"))
