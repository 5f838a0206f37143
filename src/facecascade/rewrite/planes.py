"""Frames of a video, plane by plane: turned upright, and changed where a picture of them was changed.

A frame that went to RGB and back as a whole would lose a little everywhere. So only the pixels that were changed come
back from RGB; all others keep the bits that were decoded.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.read.arrays import Pixels
from facecascade.read.videos import Matrix, is_sideways, load_av, turned

Plane = NDArray[Any]

SAME_IN_BOTH_WAYS: Final = frozenset({"yuv420p", "yuvj420p", "yuv444p", "yuvj444p", "yuv420p10le", "yuv444p10le"})
"""Formats of one plane for each of Y, U and V that can be turned, and that H.264 has."""
SAME_IN_ROWS: Final = frozenset({"yuv422p", "yuvj422p", "yuv422p10le"})
"""Likewise, but as they stand: turned, the colours would be coarser along the other side."""
USUAL: Final = "yuv420p"
COLOURS: Final = {1: "ITU709", 4: "FCC", 5: "ITU601", 7: "SMPTE240M", 9: "BT2020"}
"""PyAV's names of the kinds of colours, by FFmpeg's numbers."""
USUAL_COLOURS: Final = "ITU601"
"""What FFmpeg's converter takes a video for that says nothing about its colours."""
FULL_RANGE: Final = 2
"""FFmpeg's number for black at 0 and white at 255."""


def kept_format(name: str, matrix: Matrix | None) -> str:
    """The pixel format that a video is written in: its own where H.264 has it, else that of most videos."""
    sideways = matrix is not None and is_sideways(matrix)
    if name in SAME_IN_BOTH_WAYS or (name in SAME_IN_ROWS and not sideways):
        return name
    return USUAL


def upright_frame(frame: Any, pixel_format: str, matrix: Matrix | None) -> Any:
    """A frame of this format as it is shown, with an even number of rows and columns.

    H.264 has even sizes alone: an odd one gets a copy of its last row or column.
    """
    source = frame if frame.format.name == pixel_format else frame.reformat(format=pixel_format)
    shown = [plane if matrix is None else turned(plane, matrix) for plane in planes(source)]
    height, width = shown[0].shape
    upright = load_av().VideoFrame(width + width % 2, height + height % 2, pixel_format)
    for target, plane in zip(planes(upright), shown, strict=True):
        down, across = target.shape[0] - plane.shape[0], target.shape[1] - plane.shape[1]
        target[...] = np.pad(plane, ((0, down), (0, across)), mode="edge") if down or across else plane
    upright.pts, upright.time_base = frame.pts, frame.time_base
    upright.colorspace, upright.color_range = frame.colorspace, frame.color_range
    return upright


def paste(upright: Any, before: Pixels, after: Pixels) -> None:
    """Changes a frame where two RGB pictures of it differ, to what the second shows.

    Args:
        upright: of `upright_frame`.
        before: (h, w, 3) uint8, the frame as it is.
        after: (h, w, 3) uint8, as it shall be.
    """
    different = before != after
    changed = different[..., 0] | different[..., 1] | different[..., 2]  # ten times as fast as any(axis=2)
    if not changed.any():
        return
    rest = (upright.height - changed.shape[0], upright.width - changed.shape[1])
    edges = ((0, rest[0]), (0, rest[1]))
    picture = load_av().VideoFrame.from_ndarray(np.pad(after, (*edges, (0, 0)), mode="edge"), format="rgb24")
    space, reach = _colours(upright)
    new = picture.reformat(format=upright.format.name, dst_colorspace=space, dst_color_range=reach)
    mask = np.pad(changed, edges, mode="edge")
    for target, source in zip(planes(upright), planes(new), strict=True):
        np.copyto(target, source, where=_coarse(mask, target.shape))


def rgb_of(frame: Any, matrix: Matrix | None) -> Pixels:
    """A frame as it was decoded, to upright RGB, (h, w, 3) uint8."""
    space, reach = _colours(frame)
    rgb: Pixels = frame.reformat(format="rgb24", src_colorspace=space, src_color_range=reach).to_ndarray()
    return rgb if matrix is None else turned(rgb, matrix)


def planes(frame: Any) -> list[Plane]:
    """Views of Y, U and V, each (rows, columns), uint8 or uint16."""
    kind = np.uint8 if frame.format.components[0].bits == 8 else np.dtype("<u2")
    views = []
    for plane in frame.planes:
        rows = np.frombuffer(plane, kind).reshape(plane.height, -1)
        views.append(rows[:, : plane.width])
    return views


def _colours(frame: Any) -> tuple[str, str]:
    """Kind and range of a frame's colours, in PyAV's words; both ways must agree on them."""
    name = COLOURS.get(frame.colorspace, USUAL_COLOURS)
    known = name in load_av().video.reformatter.Colorspace.__members__  # BT.2020 is not, in PyAV 14
    full = frame.color_range == FULL_RANGE or frame.format.name.startswith("yuvj")
    return name if known else USUAL_COLOURS, "JPEG" if full else "MPEG"


def _coarse(mask: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Whether anything is set of what each sample of a plane of this shape covers."""
    for axis in (0, 1):
        if mask.shape[axis] != shape[axis]:
            first, second = (mask[begin::2] if axis == 0 else mask[:, begin::2] for begin in (0, 1))
            mask = first | second
    return mask
