"""JPEGs by simplejpeg: Pillow's pixels to the bit, and Pillow's judgement of what is broken."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facecascade.errors import ImageError
from facecascade.read import jpeg, read_picture

Decoder = Callable[..., Any]

needs_simplejpeg = pytest.mark.skipif(find_spec("simplejpeg") is None, reason='the extra "jpeg" is not installed')
FORMS: dict[str, dict[str, Any]] = {
    "444": {"subsampling": 0},
    "422": {"subsampling": 1},
    "420": {"subsampling": 2},
    "progressive": {"subsampling": 2, "progressive": True},
    "optimised": {"subsampling": 1, "optimize": True},
    "rough": {"subsampling": 2, "quality": 5},
    "restarts": {"subsampling": 2, "restart_marker_blocks": 3},
    "rgb": {"subsampling": 0, "keep_rgb": True},
}


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """What was found out about the decoder is forgotten before and after each test."""
    jpeg._decoder.cache_clear()
    yield
    jpeg._decoder.cache_clear()


def encoded(height: int, width: int, **options: Any) -> bytes:
    y, x = np.mgrid[:height, :width]
    noise = np.random.default_rng(height * width).integers(0, 40, (height, width))
    pixels = np.stack([40 + x, 30 + 2 * y, 90 + x - y + noise], axis=2).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **options)
    return file.getvalue()


def by_pillow(data: bytes, monkeypatch: pytest.MonkeyPatch) -> NDArray[np.uint8] | str:
    with monkeypatch.context() as patch:
        patch.setattr(jpeg, "_decoder", lambda: None)
        return outcome(data)


def outcome(data: bytes) -> NDArray[np.uint8] | str:
    """The picture, or what is wrong with it."""
    try:
        return read_picture(data)
    except ImageError as error:
        return str(error)


def use(decode: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jpeg, "import_module", lambda _: SimpleNamespace(decode_jpeg=decode))


@needs_simplejpeg
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [(1, 1), (7, 9), (48, 64), (101, 33), (350, 1021)])
def test_the_pixels_are_those_of_pillow(form: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(*size, **FORMS[form])
    used: list[tuple[int, ...]] = []
    decode = jpeg._decoder()
    assert decode is not None

    def watched(*args: Any) -> Any:
        pixels = decode(*args)
        used.append(pixels.shape)
        return pixels

    monkeypatch.setattr(jpeg, "_decoder", lambda: watched)
    assert np.array_equal(read_picture(data), by_pillow(data, monkeypatch))
    assert used == [(*size, 3)]


@needs_simplejpeg
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientations_are_those_of_pillow(orientation: int, monkeypatch: pytest.MonkeyPatch) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(300, 1030, exif=exif, subsampling=2)
    picture = read_picture(data)
    assert picture.shape == ((1030, 300, 3) if orientation > 4 else (300, 1030, 3))
    assert picture.flags.c_contiguous
    assert np.array_equal(picture, by_pillow(data, monkeypatch))


@needs_simplejpeg
def test_broken_bytes_are_judged_by_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes changed at random: the same pixels, or the same error."""
    whole = encoded(80, 120, subsampling=2)
    dice = random.Random(3)
    outcomes = set()
    for _ in range(200):
        data = bytearray(whole[: dice.choice((len(whole), len(whole) // 2))])
        for _ in range(dice.randint(1, 4)):
            data[dice.randrange(2, len(data))] = dice.randrange(256)
        expected, found = by_pillow(bytes(data), monkeypatch), outcome(bytes(data))
        assert np.array_equal(found, expected) if isinstance(expected, np.ndarray) else found == expected
        outcomes.add(type(expected))
    assert outcomes == {np.ndarray, str}


def test_a_decoder_that_refuses_leaves_it_to_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise ValueError("not mine")

    data = encoded(20, 30)
    expected = by_pillow(data, monkeypatch)
    use(refuse, monkeypatch)
    assert np.array_equal(read_picture(data), expected)


def test_a_decoder_of_another_size_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    use(lambda *_: np.zeros((3, 3, 3), np.uint8), monkeypatch)
    assert read_picture(encoded(20, 30)).shape == (20, 30, 3)


def test_it_gets_the_whole_file_and_only_after_the_limit_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bytes] = []

    def note(data: bytes, colors: str) -> Any:
        given.append(data)
        assert colors == "RGB"
        return np.full((20, 30, 3), 7, np.uint8)

    use(note, monkeypatch)
    data = encoded(20, 30)
    with pytest.raises(ImageError, match="expected at most 599 pixels"):
        read_picture(data, max_pixels=599)
    assert given == []
    assert (read_picture(io.BytesIO(data)) == 7).all()
    assert given == [data]


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_print_colours_are_left_to_pillow(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use(lambda *_: pytest.fail("expected not to be asked"), monkeypatch)
    file = io.BytesIO()
    Image.new(mode, (9, 5)).save(file, "JPEG")
    assert read_picture(file.getvalue()).shape == (5, 9, 3)


def test_without_it_pillow_decodes(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(jpeg, "import_module", missing)
    assert read_picture(encoded(20, 30)).shape == (20, 30, 3)
