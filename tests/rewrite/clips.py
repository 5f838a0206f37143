"""Clips with sound that the tests make, a detector that sees their one face, and what a file holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from facecascade.faces import Faces

Pixels = NDArray[np.uint8]
STEADY = [40 * number for number in range(25)]
QUARTER = [0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30]
"""Display matrix of a telephone held upright: a quarter turn."""


def make_clip(
    path: Path,
    *,
    times: Sequence[int] = STEADY,
    size: tuple[int, int] = (96, 64),
    codec: str = "mpeg4",
    pixel_format: str = "yuv420p",
    sound: str | None = "aac",
    matrix: Sequence[int] | None = None,
    faceless: Collection[int] = (),
    corner: tuple[int, int] = (30, 20),
) -> Path:
    """A clip of a red square, 20 pixels wide, on grey noise, and a sine wave.

    Args:
        path: where; the suffix chooses the container.
        times: of the frames, in milliseconds.
        size: width and height as stored.
        codec: of the pictures.
        pixel_format: of the pictures.
        sound: its codec; None for silence.
        matrix: display matrix.
        faceless: numbers of frames without the square.
        corner: of the square, x and y.
    """
    av = pytest.importorskip("av", reason="PyAV is not installed: pip install 'facecascade[video]'")
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "who is in it"
        container.metadata["creation_time"] = "2024-05-31T18:20:01.000000Z"
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = *size, pixel_format
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
        stream.bit_rate = 4_000_000
        if matrix is not None:
            if not hasattr(stream, "set_display_matrix"):
                pytest.skip("this PyAV cannot write a display matrix")
            stream.set_display_matrix(list(matrix))
        audio = None
        if sound is not None:
            audio = container.add_stream(sound, rate=8000, layout="mono")
            audio.metadata["language"] = "deu"
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(_picture(number, size, None if number in faceless else corner), "rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if audio is not None:
            for frame in _sine(av, seconds=times[-1] / 1000 + 0.04):
                container.mux(audio.encode(frame))
            container.mux(audio.encode())
    return path


def _picture(number: int, size: tuple[int, int], corner: tuple[int, int] | None) -> Pixels:
    width, height = size
    picture = np.full((height, width, 3), 100 + number % 8, np.uint8)
    picture[::4] += 20
    if corner is not None:
        x, y = corner
        picture[y : y + 20, x : x + 20] = (250, 0, 0)
    return picture


def _sine(av: Any, *, seconds: float) -> list[Any]:
    samples = (np.sin(np.arange(int(8000 * seconds)) * 2 * np.pi * 440 / 8000) * 9000).astype(np.int16)
    frames = []
    for begin in range(0, len(samples), 1024):
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis, begin : begin + 1024], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 8000, begin, Fraction(1, 8000)
        frames.append(frame)
    return frames


class RedSquare:
    """Finds the one red square, as a detector."""

    def __init__(self) -> None:
        self.shapes: set[tuple[int, ...]] = set()

    def detect_batch(self, pictures: Sequence[Pixels], /) -> list[Faces]:
        return [self._faces(picture) for picture in pictures]

    def _faces(self, picture: Pixels) -> Faces:
        self.shapes.add(picture.shape)
        red = red_of(picture)
        if red.sum() < 100:
            return Faces.empty()
        rows, columns = np.nonzero(red)
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        return Faces(np.array([box], np.float32), np.ones(1, np.float32), np.zeros((1, 5, 2), np.float32))


def red_of(picture: Pixels) -> NDArray[np.bool_]:
    """Where a picture is as red as the square."""
    mask: NDArray[np.bool_] = (picture[..., 0] > 180) & (picture[..., 1] < 70) & (picture[..., 2] < 70)
    return mask


class Clip(NamedTuple):
    """What a file holds."""

    times: list[Fraction]
    pictures: list[Pixels]
    sound: list[tuple[bytes, Fraction, Fraction]]
    shape: Any
    pixel_format: str
    colours: tuple[int, int, int, int]
    metadata: dict[str, str]
    languages: list[str]
    kinds: list[str]


def contents(path: Path, *, each: int = 1) -> Clip:
    """One in `each` frames and the times of all, packets of sound with theirs, and the rest."""
    av = pytest.importorskip("av", reason="PyAV is not installed: pip install 'facecascade[video]'")
    with av.open(str(path)) as container:
        sound = [
            (bytes(packet), packet.pts * Fraction(packet.time_base), packet.duration * Fraction(packet.time_base))
            for packet in container.demux()
            if packet.stream.type == "audio" and packet.size
        ]
        languages = [stream.metadata.get("language", "") for stream in container.streams.audio]
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times, pictures = [], []
        for number, frame in enumerate(container.decode(stream)):
            times.append(frame.pts * Fraction(frame.time_base))
            if number % each == 0:
                pictures.append(frame.to_ndarray(format="rgb24"))
        context = stream.codec_context
        return Clip(
            times,
            pictures,
            sound,
            stream.sample_aspect_ratio,
            context.pix_fmt,
            (context.color_range, context.colorspace, context.color_primaries, context.color_trc),
            dict(container.metadata),
            languages,
            [one.type for one in container.streams],
        )
