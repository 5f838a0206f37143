"""Videos that tests make."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest


def make_video(
    path: Path,
    times: Sequence[int],
    *,
    codec: str = "mpeg4",
    size: tuple[int, int] = (64, 48),
    matrix: Sequence[int] | None = None,
    movflags: str = "faststart",
    group: int = 12,
) -> Path:
    """Writes a video whose frames are grey levels 0, 6, 12... with a red top left quarter.

    Args:
        path: where; the suffix chooses the container.
        times: of the frames, in milliseconds.
        codec: FFmpeg's name.
        size: width and height in pixels.
        matrix: the display matrix, nine fixed-point numbers; tests are skipped where PyAV cannot write one.
        movflags: options of MP4.
        group: frames from one key frame to the next.
    """
    av = pytest.importorskip("av", reason="PyAV is not installed: pip install 'facecascade[video]'")
    with av.open(str(path), "w", options={"movflags": movflags} if path.suffix == ".mp4" else {}) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.gop_size = group
        stream.bit_rate = 8_000_000
        if matrix is not None:
            _rotate(stream, matrix)
        for number, time in enumerate(times):
            container.mux(stream.encode(_frame(av, number, time, size)))
        container.mux(stream.encode())
    return path


def _rotate(stream: Any, matrix: Sequence[int]) -> None:
    if not hasattr(stream, "set_display_matrix"):
        pytest.skip("this PyAV cannot write a display matrix")
    stream.set_display_matrix(list(matrix))


def _frame(av: Any, number: int, time: int, size: tuple[int, int]) -> Any:
    width, height = size
    pixels = np.full((height, width, 3), 6 * number % 256, np.uint8)
    pixels[: height // 2, : width // 2] = (255, 0, 0)
    frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
    frame.pts, frame.time_base = time, Fraction(1, 1000)
    return frame


def steady(frames: int, *, distance: int = 40) -> list[int]:
    """Times of frames at a steady rate, in milliseconds."""
    return [distance * number for number in range(frames)]
