"""A video written again with its frames changed and all else as it was: `rewrite_video`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO, Any, Final

from facecascade.errors import ImageError, SettingsError
from facecascade.extract.detections import Detected, detect_each
from facecascade.faces import Faces
from facecascade.files import Replacement
from facecascade.read.arrays import Pixels
from facecascade.read.decoding import MAX_PIXELS
from facecascade.read.entries import Entry, file_entry, reason
from facecascade.read.videos import OPTIONS, Matrix, VideoReader, display_matrix, is_sideways, load_av
from facecascade.rewrite.change import Change
from facecascade.rewrite.hold import held
from facecascade.rewrite.planes import kept_format, paste, rgb_of, upright_frame

CONTAINERS: Final = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".qt": "mov", ".mkv": "matroska"}
"""Kinds of file that are kept, in FFmpeg's words. They hold H.264 and whatever sound came in them."""
OTHERWISE: Final = ".mkv"
"""What any other kind becomes: Matroska holds H.264 beside nearly every kind of sound."""
ENCODER: Final = "libx264"
DEFAULT_CRF: Final = 20
"""x264's constant rate factor: a little better than its own 23, since the frames have been compressed before."""
MOST_CRF: Final = 51
KEPT_STREAMS: Final = ("audio", "subtitle")
KEPT_WORDS: Final = ("language",)
"""What is kept of what a stream says of itself; a title may name who is in the picture."""
KEPT_TAGS: Final = ("creation_time",)
GUESSED_RATE: Final = Fraction(25)


@dataclass(frozen=True, kw_only=True)
class RewrittenVideo:
    """What came of a video.

    Attributes:
        counts: faces of each frame that was written, before those of the frames around were added.
        problem: what is wrong with the video, where a part of it alone could be read; None for a whole one.
    """

    counts: tuple[int, ...]
    problem: str | None


class Stopped(Exception):  # noqa: N818 - no error: somebody asked
    """Somebody asked to stop in the middle of a video; nothing of it was written."""


@dataclass(frozen=True, kw_only=True)
class VideoOptions:
    """How a video is encoded.

    Attributes:
        crf: x264's constant rate factor, 0 (no loss) to 51; 6 more take about half the bytes.

    Raises:
        SettingsError: there is no such factor.
    """

    crf: int = DEFAULT_CRF

    def __post_init__(self) -> None:
        if isinstance(self.crf, bool) or not isinstance(self.crf, int) or not 0 <= self.crf <= MOST_CRF:
            raise SettingsError(f"expected a crf of 0 to {MOST_CRF}, got {self.crf!r}")


DEFAULT: Final = VideoOptions()


def video_suffix(suffix: str) -> str:
    """The suffix of a video that is written from one with this suffix."""
    return suffix if suffix.lower() in CONTAINERS else OTHERWISE


def rewrite_video(
    source: Entry | Path | str,
    target: Path,
    *,
    change: Change,
    options: VideoOptions = DEFAULT,
    max_pixels: int | None = MAX_PIXELS,
    watch: Callable[[int], None] | None = None,
) -> RewrittenVideo:
    """Writes a video again: every frame changed, sound and subtitles copied packet by packet, all at their times.

    Frames are upright in the new video, which needs no turning any more; shape of pixels, range and kind of colours
    are kept, and where the format allows it the pixels' format too. Of the words around it the creation time and the
    languages stay; position, titles, chapters, cover pictures, fonts, data streams and further videos do not. The new
    file takes its place when it is whole. Frames that are damaged, and what follows a place where the file breaks off,
    are left out.

    Args:
        source: the video.
        target: ends in .mp4, .m4v, .mov, .qt or .mkv; see `video_suffix`.
        change: what is done to the frames.
        options: how they are encoded.
        max_pixels: as in `read_picture`, for a frame.
        watch: is called for each frame that is done, with the number of its faces; may raise `Stopped`.

    Raises:
        ImageError: nothing of the video can be read.
        SettingsError: `target` has another suffix, or this FFmpeg has no H.264.
        MissingExtra: PyAV is not installed.
        OSError: the file cannot be written.
    """
    av = load_av()
    video = source if isinstance(source, Entry) else file_entry(str(source), kind="video")
    kind = CONTAINERS.get(target.suffix.lower())
    if kind is None:
        raise SettingsError(f"expected a video that ends in {', '.join(CONTAINERS)}, got {target.name!r}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with Replacement(target) as aside:
        try:
            with (
                video.open() as file,
                _opened(video, file) as container,
                aside.path.open("wb") as new,
                av.open(new, "w", format=kind) as output,
            ):
                return _Work(video, container, output, change, options, max_pixels, watch).done()
        except (av.FFmpegError, ValueError) as error:
            raise ImageError(f"{video.id}: expected a video that can be written again, got: {reason(error)}") from error


def _opened(video: Entry, file: IO[bytes]) -> Any:
    """PyAV's container, for reading."""
    try:
        return load_av().open(file, options=dict(OPTIONS))
    except (OSError, ValueError) as error:  # what PyAV makes of an empty file among them
        raise ImageError(f"{video.id}: expected a video, got a file that cannot be read: {reason(error)}") from error


class _Work:
    """One video on its way."""

    def __init__(
        self,
        video: Entry,
        container: Any,
        output: Any,
        change: Change,
        options: VideoOptions,
        max_pixels: int | None,
        watch: Callable[[int], None] | None,
    ) -> None:
        self._video = video
        self._output = output
        self._change = change
        self._watch = watch
        self._reader = VideoReader(video, container, max_pixels=max_pixels, others=self._copy)
        self._stream, self._copies = _streams(container, output, self._reader.stream, options)
        self._encoder: _Encoder | None = None
        self._matrix: Matrix | None = None
        self._early: list[Any] = []
        self._counts: list[int] = []
        output.metadata.update({tag: container.metadata[tag] for tag in KEPT_TAGS if tag in container.metadata})

    def done(self) -> RewrittenVideo:
        """All of it."""
        for frame, faces in held(self._found(), frames=self._change.hold):
            self._write(frame, faces)
        if self._encoder is None:
            raise ImageError(
                f"{self._video.id}: {self._reader.problem() or 'expected a video, got one without frames'}"
            )
        self._encoder.finish()
        return RewrittenVideo(counts=tuple(self._counts), problem=self._reader.problem())

    def _found(self) -> Iterator[tuple[Any, Faces]]:
        """Each frame with the faces in it."""
        for outcome in detect_each(self._shown(), detector=self._change.detector):
            if isinstance(outcome, Detected):
                faces = self._change.faces(outcome.faces, outcome.pixels)
                self._counts.append(len(faces))
                if self._watch is not None:
                    self._watch(len(faces))
                yield outcome.source, faces

    def _shown(self) -> Iterator[_Shown]:
        for frame, _, _ in self._reader.frames():
            if frame.is_corrupt:
                continue
            if self._encoder is None:
                self._begin(frame)
            yield _Shown(frame, rgb_of(frame, self._matrix))

    def _begin(self, frame: Any) -> None:
        self._matrix = display_matrix(frame)
        self._encoder = _Encoder(self._video.id, self._output, self._stream, self._reader.stream, frame)
        for packet in self._early:
            self._output.mux(packet)
        self._early.clear()

    def _write(self, frame: Any, faces: Faces) -> None:
        assert self._encoder is not None, "a frame comes after the encoder was made for it"
        upright = self._encoder.upright(frame)
        if len(faces):
            before = rgb_of(frame, self._matrix)
            paste(upright, before, self._change.paint(before, faces))
        self._encoder.encode(upright)

    def _copy(self, packet: Any) -> None:
        """A packet of sound or text, unless it is the empty one that ends a stream."""
        stream = self._copies.get(packet.stream.index)
        if stream is None or not packet.size:
            return
        packet.stream = stream
        if self._encoder is None:  # no stream may be added once a packet was written
            self._early.append(packet)
        else:
            self._output.mux(packet)


@dataclass(frozen=True, eq=False)
class _Shown:
    """A frame as `detect_each` takes it."""

    source: Any
    pixels: Pixels
    error: ImageError | None = None


class _Encoder:
    """H.264, for frames like the first one."""

    def __init__(self, name: str, output: Any, encoded: Any, stream: Any, first: Any) -> None:
        self._name = name
        self._output = output
        self._stream = encoded
        self._matrix = display_matrix(first)
        self._format = kept_format(first.format.name, self._matrix)
        self._size = (first.width, first.height)
        self._distance = round(1 / ((stream.average_rate or GUESSED_RATE) * stream.time_base)) or 1
        self._latest: int | None = None
        like = self.upright(first)
        self._stream.width, self._stream.height, self._stream.pix_fmt = like.width, like.height, self._format
        self._describe(stream, first)

    def _describe(self, stream: Any, first: Any) -> None:
        """Times, shape of pixels and colours, as the source has them."""
        context, source = self._stream.codec_context, stream.codec_context
        context.time_base = stream.time_base
        self._stream.time_base = stream.time_base
        ratio = stream.sample_aspect_ratio
        if ratio:
            sideways = self._matrix is not None and is_sideways(self._matrix)
            context.sample_aspect_ratio = 1 / ratio if sideways else ratio
        context.color_range = first.color_range or source.color_range
        context.colorspace, context.color_primaries = source.colorspace, source.color_primaries
        context.color_trc = source.color_trc

    def upright(self, frame: Any) -> Any:
        """A frame as it is shown, in the size of the first one."""
        if (frame.width, frame.height) != self._size:
            raise ImageError(
                f"{self._name}: expected frames of one size, {self._size[0]} x {self._size[1]}, got one of "
                f"{frame.width} x {frame.height}; cut the video there"
            )
        upright = upright_frame(frame, self._format, self._matrix)
        if upright.pts is None or (self._latest is not None and upright.pts <= self._latest):
            upright.pts = 0 if self._latest is None else self._latest + self._distance
        return upright

    def encode(self, upright: Any) -> None:
        """The next frame."""
        self._latest = upright.pts
        self._output.mux(self._stream.encode(upright))

    def finish(self) -> None:
        """What the encoder still holds."""
        self._output.mux(self._stream.encode(None))


def _streams(container: Any, output: Any, video: Any, options: VideoOptions) -> tuple[Any, dict[int, Any]]:
    """The stream of the new pictures, and for each of sound or text, by its number, the one that it is copied to.

    They are in the order of the source.
    """
    if ENCODER not in load_av().codecs_available:
        raise SettingsError(f"expected a PyAV with the encoder {ENCODER}, got one without: install the wheel of PyAV")
    encoded, copies = None, {}
    for stream in container.streams:
        if stream.index == video.index:
            new = encoded = output.add_stream(
                ENCODER, rate=video.average_rate or GUESSED_RATE, options={"crf": str(options.crf)}
            )
        elif stream.type in KEPT_STREAMS:
            new = copies[stream.index] = output.add_stream_from_template(stream)
        else:
            continue
        new.metadata.clear()
        new.metadata.update({word: stream.metadata[word] for word in KEPT_WORDS if word in stream.metadata})
    return encoded, copies
