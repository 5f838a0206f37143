"""Frames of videos, upright and with their times: `video_entries`, and `VideoReader` below it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import ImageError
from facecascade.extras import load
from facecascade.read.arrays import Pixels
from facecascade.read.clock import Clock
from facecascade.read.decoding import check_size, decoder_errors
from facecascade.read.entries import Entry, Skip, error_entry, reason
from facecascade.read.sampling import Sampling

Matrix = NDArray[np.int32]

OPTIONS: Final = {"protocol_whitelist": "data"}
"""A file may be a playlist in disguise: it must not make FFmpeg open other files, or addresses."""
MICROSECONDS: Final = 1_000_000
"""In a second: the unit of a container's own times."""

KNOWN_ENDS: Final = ("matroska", "mov,")
"""Containers that write down how long they are; for others FFmpeg guesses."""
CUT_SECONDS: Final = 1.0
CUT_SHARE: Final = 0.02
"""A file that ends earlier than it says by more than this, and by more than this share of its length, is cut short."""


def load_av() -> Any:
    """PyAV, which reads videos.

    Raises:
        MissingExtra: it is not installed.
    """
    return load("av", feature="reading videos", extra="video")


def video_entries(video: Entry, *, sampling: Sampling, skip: Skip, max_pixels: int | None) -> Iterator[Entry]:
    """Frames of a video file, decoded in order by whoever asks for the next; they become RGB when they are read.

    The frame at 12.345 seconds of clip.mp4 is clip.mp4/00:00:12.345; see `Clock`. It is turned and mirrored as the file
    asks for. Broken frames are left out. If there were any, or the file breaks off, the last entry is the video itself,
    whose reading says so.

    Args:
        video: the file.
        sampling: which frames.
        skip: frames to pass over, by id.
        max_pixels: as in `read_picture`, for a frame.

    Raises:
        MissingExtra: PyAV is not installed.
    """
    av = load_av()

    stage = "its beginning"
    try:
        with video.open() as file, av.open(file, options=dict(OPTIONS)) as container:
            reader = VideoReader(video, container, max_pixels=max_pixels)
            for entry in reader.entries(sampling, skip):
                yield entry
                stage = entry.id.rpartition("/")[2]
            problem = reader.problem()
        cause: BaseException | None = None
    except ImageError as error:
        problem, cause = str(error).removeprefix(f"{video.id}: "), error.__cause__
    except (av.FFmpegError, OSError, ValueError) as error:  # the last two: what PyAV makes of a file of Python's
        problem, cause = f"expected a whole video, got one that cannot be read after {stage}: {reason(error)}", error
    if problem is not None:
        yield error_entry(video.path, problem, cause=cause)


class VideoReader:
    """One pass over an open video.

    Args:
        video: the file.
        container: PyAV's, open for reading.
        max_pixels: as in `read_picture`, for a frame.
        others: gets the packets of all other streams, such as sound, as they come.

    Attributes:
        stream: the one that is decoded.

    Raises:
        ImageError: there are no moving pictures, or too large ones.
    """

    def __init__(
        self, video: Entry, container: Any, *, max_pixels: int | None, others: Callable[[Any], None] | None = None
    ) -> None:
        self.stream = container.streams.best("video")
        if self.stream is None:
            raise ImageError(f"{video.id}: expected a video, got a file without moving pictures")
        check_size(self.stream.width, self.stream.height, name=video.id, max_pixels=max_pixels)
        self._video = video
        self._container = container
        self._others = others
        self._start = Fraction(container.start_time or 0, MICROSECONDS)
        self._clock = Clock(start=self._start, rate=self.stream.average_rate)
        self._end = Fraction(0)
        self._complete = False
        self._broken = 0
        self._first_broken = ""

    def entries(self, sampling: Sampling, skip: Skip) -> Iterator[Entry]:
        """The frames that are wanted."""
        chosen = sampling.chooser()
        for frame, name, time in self.frames(sampling.start, sampling.end):
            if chosen(time) and not frame.is_corrupt and not skip(f"{self._video.id}/{name}"):
                yield self._entry(frame, name, time)

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[tuple[Any, str, float]]:
        """All frames as PyAV has them, also some before `start` and damaged ones, each with its name and time."""
        for frame in self._decoded(start):
            name = self._clock.tick(frame)
            time = float(self._clock.now or 0)
            if end is not None and time >= end:
                self._complete = True
                return
            if frame.is_corrupt and time >= start:
                self._note(f"the frame at {name} is damaged")
            yield frame, name, time

    def problem(self) -> str | None:
        """What is wrong with the video, once all frames have come; None if nothing is."""
        if self._broken:
            return f"expected a whole video, got one with {self._broken} broken places: {self._first_broken}"
        if self._complete or self._container.duration is None or not self._says_its_end():
            return None
        length = self._container.duration / MICROSECONDS
        if float(self._end) >= length - max(CUT_SECONDS, CUT_SHARE * length):
            return None
        return f"expected {length:.3f} seconds of video, got {float(self._end):.3f}: the file is cut short"

    def _says_its_end(self) -> bool:
        return str(self._container.format.name).startswith(KNOWN_ENDS)

    def _entry(self, frame: Any, name: str, time: float) -> Entry:
        identity = f"{self._video.id}/{name}"
        # No colons and dots: file systems of cameras know no colon, and what follows a dot would be taken for a suffix.
        path = f"{self._video.path}/{name.replace(':', '-').replace('.', '-')}"
        return Entry(identity, path, container=self._video.id, time=time, pixels=partial(_upright, frame, identity))

    def _decoded(self, start: float) -> Iterator[Any]:
        av = load_av()
        for packet in self._packets(start):
            try:
                yield from packet.decode()
            except av.FFmpegError as error:
                self._note(f"after {self._clock}, {reason(error)}")

    def _packets(self, start: float) -> Iterator[Any]:
        """The packets of the video that frames from `start` on depend on."""
        waiting: list[Any] | None = []
        for packet in self._container.demux():
            self._see_end(packet)
            if packet.stream.index != self.stream.index:
                if self._others is not None:
                    self._others(packet)
                continue
            if waiting is None:
                yield packet
            elif packet.pts is None or packet.pts * packet.time_base - self._start >= start:
                yield from waiting
                yield packet
                waiting = None
            else:
                # What came before a key frame is of no use to the frames after it that are before `start`.
                waiting = [packet] if packet.is_keyframe else [*waiting, packet]

    def _see_end(self, packet: Any) -> None:
        time = packet.dts if packet.pts is None else packet.pts
        if time is not None:
            self._end = max(self._end, (time + (packet.duration or 0)) * Fraction(packet.time_base) - self._start)

    def _note(self, problem: str) -> None:
        self._broken += 1
        self._first_broken = self._first_broken or problem


def _upright(frame: Any, name: str, max_pixels: int | None) -> Pixels:
    check_size(frame.width, frame.height, name=name, max_pixels=max_pixels)
    with decoder_errors(name):
        rgb: Pixels = frame.to_ndarray(format="rgb24")
        matrix = display_matrix(frame)
    return rgb if matrix is None else turned(rgb, matrix)


def display_matrix(frame: Any) -> Matrix | None:
    """How a frame wants to be turned, for `turned`; None if it stands upright."""
    matrix = frame.side_data.get(load_av().sidedata.sidedata.Type.DISPLAYMATRIX)
    return None if matrix is None else np.frombuffer(bytes(matrix), np.int32)


def turned(rgb: Pixels, matrix: Matrix) -> Pixels:
    """A frame as its display matrix says, to the nearest quarter turn.

    Args:
        rgb: (h, w, 3) uint8.
        matrix: (9,) int32: the point (x, y) of the frame is shown at (m0 x + m3 y, m1 x + m4 y), up to a shift.

    Returns:
        (h, w, 3) or (w, h, 3) uint8, C-contiguous.
    """
    across, down = int(matrix[0]), int(matrix[4])
    if is_sideways(matrix):
        rgb, across, down = rgb.swapaxes(0, 1), int(matrix[3]), int(matrix[1])
    if across < 0:
        rgb = rgb[:, ::-1]
    if down < 0:
        rgb = rgb[::-1]
    return np.ascontiguousarray(rgb)


def is_sideways(matrix: Matrix) -> bool:
    """Whether rows of the frame are columns of what is shown."""
    return abs(int(matrix[1])) > abs(int(matrix[0]))
