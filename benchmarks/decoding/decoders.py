"""Decoders of one JPEG, side by side: `report`."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from unittest import mock

import numpy as np
from PIL import Image

from benchmarks.data import Picture
from benchmarks.limit.bench import disturbance
from benchmarks.limit.turns import measure, timed
from benchmarks.report import table
from facecascade.read import jpeg, read_picture

OWN: Final = "read_picture, Pillow"
FAST: Final = "read_picture, simplejpeg"
HEADER: Final = ("decoder", "pixels", "ms", "of the first", "greatest difference")

Decoder = Callable[[bytes], Picture]


def report(paths: list[Path], *, rounds: int) -> str:
    """A table of decoders on the first picture, with one thread."""
    data = paths[0].read_bytes()
    usable = decoders()
    timings = measure([timed(name, lambda d=decode: d(data)) for name, decode in usable.items()], rounds=rounds)  # type: ignore[misc]
    whole = usable[OWN](data)
    rows = []
    for name, decode in usable.items():
        pixels = decode(data)
        same = f"{np.abs(pixels.astype(np.int16) - whole).max()}" if pixels.shape == whole.shape else "another size"
        ratio = timings[name].ratio_of_medians(timings[OWN])
        size = f"{pixels.shape[1]} x {pixels.shape[0]}"
        rows.append((name, size, f"{timings[name].milliseconds[0]:.1f}", f"{ratio:.2f}", same))
    kind = f"one JPEG of {len(data) / 1e6:.1f} MB, one thread; median of {rounds} rounds"
    return "\n".join([kind, "", table(HEADER, rows), "", disturbance(list(timings.values()))])


def decoders() -> dict[str, Decoder]:
    """Those that can run here, by name."""
    found: dict[str, Decoder] = {OWN: _by_pillow, "Image.open and numpy.asarray": _plainly}
    found |= {f"Pillow's draft, 1/{part}": _drafted(part) for part in (2, 4, 8)}
    if find_spec("simplejpeg") is not None:
        found |= {FAST: read_picture, "simplejpeg, 1/2": _halved}
    return found


@contextmanager
def without_simplejpeg() -> Iterator[None]:
    """Meanwhile, the package reads JPEGs by Pillow even where simplejpeg is installed."""
    with mock.patch.object(jpeg, "_decoder", return_value=None):
        yield


def draft(data: bytes, part: int) -> Picture:
    """A JPEG decoded by Pillow at 1/2, 1/4 or 1/8 of its size, sides rounded up."""
    image = Image.open(io.BytesIO(data))
    image.draft("RGB", (image.width // part, image.height // part))  # it takes the part of which both sides hold these
    return np.asarray(image.convert("RGB"))


def _drafted(part: int) -> Decoder:
    return lambda data: draft(data, part)


def _by_pillow(data: bytes) -> Picture:
    with without_simplejpeg():
        return read_picture(data)


def _plainly(data: bytes) -> Picture:
    return np.asarray(Image.open(io.BytesIO(data)))


def _halved(data: bytes) -> Picture:
    simplejpeg = import_module("simplejpeg")
    height, width, *_ = simplejpeg.decode_jpeg_header(data)
    pixels: Picture = simplejpeg.decode_jpeg(data, min_height=-(-height // 2), min_width=-(-width // 2))
    return pixels
