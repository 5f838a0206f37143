"""Which faces of a video are one face that moves, and the best of each: `link_faces`, `Tracker`, `best_of_tracks`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facecascade.errors import SettingsError
from facecascade.overlap import iou, match_greedily

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

FRONTAL: Final = 20.0
"""Degrees: less than this, and a face is as frontal as any; then bands as wide follow."""
SUREST: Final = 0.25
"""Of the most frontal faces of a track, those with the highest scores among which the sharpest is chosen: what stands
before a face has sharp edges too, and costs score."""


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """When a face is the one of an earlier frame; docs/extraction.md says what the defaults were measured on.

    Attributes:
        max_gap: seconds from one sight of a face to the next, at most; more than lie between two frames.
        min_overlap: least intersection over union of the box and where it was expected, both enlarged; above 0, to 1.
        reach: how much boxes are enlarged on every side for that, as a share of their width and height; at least 0.
        max_growth: how many times as long the longer side of the box may become, or as short, from one sight to the
            next; at least 1.
        memory: seconds in which a speed fades to a third, both where it is measured and where it is relied upon;
            0 expects faces where they were.

    Raises:
        SettingsError: a value cannot work.
    """

    max_gap: float = 1.5
    min_overlap: float = 0.2
    reach: float = 0.5
    max_growth: float = 1.5
    memory: float = 0.3

    def __post_init__(self) -> None:
        if not 0 < self.min_overlap <= 1:
            raise SettingsError(f"expected min_overlap above 0, to 1, got {self.min_overlap!r}")
        for name, least in (("max_gap", 0), ("reach", 0), ("max_growth", 1), ("memory", 0)):
            if not least <= getattr(self, name) < math.inf:
                raise SettingsError(f"expected {name} of at least {least}, got {getattr(self, name)!r}")


@dataclass
class _Seen:
    """The faces that may come again, a row each: their track, when and where they were last, pixels a second."""

    tracks: Indices = field(default_factory=lambda: np.zeros(0, np.int64))
    times: Floats = field(default_factory=lambda: np.zeros(0))
    boxes: Floats = field(default_factory=lambda: np.zeros((0, 4)))
    speeds: Floats = field(default_factory=lambda: np.zeros((0, 2)))

    def since(self, time: float) -> _Seen:
        """Those seen at this time or later."""
        rows = np.flatnonzero(self.times >= time)
        return _Seen(self.tracks[rows], self.times[rows], self.boxes[rows], self.speeds[rows])

    def add(self, tracks: Indices, time: float, boxes: Floats) -> None:
        """New tracks, whose speed nobody knows."""
        self.tracks = np.concatenate([self.tracks, tracks])
        self.times = np.concatenate([self.times, np.full(len(tracks), time)])
        self.boxes = np.concatenate([self.boxes, boxes])
        self.speeds = np.concatenate([self.speeds, np.zeros((len(tracks), 2))])


class Tracker:
    """Links the faces of a video, frame by frame as they come.

    A face is expected where it was last, moved by its speed, which fades. The face of the next frame whose box
    overlaps most goes on with its track, then the next most, one to one; a face that is left over begins a track. It
    knows boxes and times alone: a cut ends tracks unless somebody stands where another stood.

    Args:
        tracking: when faces are linked.
    """

    def __init__(self, tracking: Tracking | None = None) -> None:
        self._options = Tracking() if tracking is None else tracking
        self._seen = _Seen()
        self._time = -math.inf
        self._count = 0

    def update(self, time: float, *, boxes: ArrayLike) -> Indices:
        """The tracks of the faces of the next frame.

        Args:
            time: seconds; any zero, but never less than before.
            boxes: (k, 4) x1 y1 x2 y2, in pixels of the picture. One that is not finite has a track of its own.

        Returns:
            (k,) tracks, each once; those that begin here are numbered on in the order of the faces.

        Raises:
            ValueError: boxes of another shape, or a time that is none or went back.
        """
        found = np.asarray(boxes, np.float64)
        if found.ndim != 2 or found.shape[1] != 4:
            raise ValueError(f"expected boxes of shape (k, 4), got {found.shape}: no faces are np.zeros((0, 4))")
        if not self._time <= time < math.inf:
            raise ValueError(f"expected frames in the order of their times, got {time} after {self._time}")
        self._time = time
        self._seen = self._seen.since(time - self._options.max_gap)
        finite = np.asarray(np.isfinite(found).all(axis=1), np.bool_)
        tracks = np.full(len(found), -1)
        tracks[finite] = self._continue(found[finite])
        new = np.flatnonzero(tracks < 0)
        tracks[new] = self._count + np.arange(len(new))
        self._count += len(new)
        lasting = new[finite[new]]
        if len(lasting):
            self._seen.add(tracks[lasting], time, found[lasting])
        return tracks

    def _continue(self, boxes: Floats) -> Indices:
        """The tracks that these go on with, or -1."""
        tracks = np.full(len(boxes), -1)
        if len(boxes) and len(self._seen.tracks):
            pairs = match_greedily(self._overlap(boxes), least=self._options.min_overlap)
            rows, faces = np.array(pairs, np.intp).reshape(-1, 2).T
            tracks[faces] = self._seen.tracks[rows]
            self._move(rows, boxes[faces])
        return tracks

    def _overlap(self, boxes: Floats) -> Floats:
        """(tracks, faces): how well each face fits each track, 0 if not at all."""
        fades = _fading(self._time - self._seen.times, self._options.memory)
        ahead = self._seen.speeds * (self._options.memory * fades)[:, np.newaxis]
        expected = self._seen.boxes + np.concatenate([ahead, ahead], axis=1)
        overlap = iou(_enlarged(expected, self._options.reach), _enlarged(boxes, self._options.reach))
        was, now = _longer_side(expected)[:, np.newaxis], _longer_side(boxes)
        alike = (now <= was * self._options.max_growth) & (was <= now * self._options.max_growth)
        return np.where(alike, overlap, 0)

    def _move(self, rows: NDArray[np.intp], boxes: Floats) -> None:
        seen = self._seen
        passed = self._time - seen.times[rows]
        moved = (boxes[:, :2] + boxes[:, 2:] - seen.boxes[rows, :2] - seen.boxes[rows, 2:]) / 2
        # Detectors tremble: a speed from one frame to the next counts the less, the sooner that next frame comes.
        learnt = _fading(passed, self._options.memory)
        speeds = np.divide(moved, passed[:, np.newaxis], out=np.zeros_like(moved), where=passed[:, np.newaxis] > 0)
        seen.speeds[rows] += learnt[:, np.newaxis] * (speeds - seen.speeds[rows])
        seen.times[rows], seen.boxes[rows] = self._time, boxes


def link_faces(times: ArrayLike, *, boxes: Sequence[ArrayLike], tracking: Tracking | None = None) -> list[Indices]:
    """Numbers the faces of one video by track: those with one number are one face that moves.

    Args:
        times: (n,) seconds, never falling: of the frames looked at, which may be every frame or some.
        boxes: (k, 4) for each frame, x1 y1 x2 y2 in pixels of the picture.
        tracking: when faces are linked.

    Returns:
        (k,) for each frame: the track of each face, from 0 in the order of their first appearance; no number twice in a
        frame. See `Tracker`, which does the same frame by frame.

    Raises:
        ValueError: not as many times as frames, times that fall, or boxes of another shape.
    """
    clock = np.asarray(times, np.float64)
    if clock.shape != (len(boxes),):
        raise ValueError(f"expected a time for each of {len(boxes)} frames, got times of shape {clock.shape}")
    tracker = Tracker(tracking)
    return [tracker.update(time, boxes=found) for time, found in zip(clock.tolist(), boxes, strict=True)]


def best_of_tracks(
    tracks: ArrayLike,
    *,
    sharpness: ArrayLike,
    yaw: ArrayLike,
    roll: ArrayLike,
    score: ArrayLike,
    size: ArrayLike,
    frontal: float = FRONTAL,
) -> NDArray[np.bool_]:
    """Which faces are the best of their track: frontal first, then sure, then sharp.

    The larger of yaw and roll, to either side, puts a face into a band: below `frontal` degrees, below twice as many,
    and so on. Of the first band that has faces, the quarter with the highest scores is looked at, at least one face; of
    these the sharpest is the best, of equally sharp ones the one of the highest score, then the largest, then the
    earliest. NaN is worse than any number.

    Args:
        tracks: (n,) whole numbers; faces with one number are one track.
        sharpness: (n,), as in `Measures`, and so are yaw and roll.
        yaw: (n,) degrees.
        roll: (n,) degrees.
        score: (n,) of the detector.
        size: (n,) pixels.
        frontal: width of a band, in degrees.

    Returns:
        (n,): True once in each track.

    Raises:
        ValueError: columns of different lengths, or tracks that are no whole numbers.
        SettingsError: `frontal` is not above 0.
    """
    if not 0 < frontal < math.inf:
        raise SettingsError(f"expected frontal above 0 degrees, got {frontal!r}")
    numbers = np.asarray(tracks)
    if numbers.ndim != 1 or (numbers.size and numbers.dtype.kind not in "ui"):
        raise ValueError(f"expected tracks as (n,) whole numbers, got {numbers.dtype} of shape {numbers.shape}")
    columns = [np.asarray(column, np.float64) for column in (sharpness, yaw, roll, score, size)]
    if any(column.shape != numbers.shape for column in columns):
        raise ValueError(f"expected {numbers.shape} of every measure, got {[column.shape for column in columns]}")
    sharp, turned, tilted, sure, large = columns
    band = np.floor(np.maximum(np.abs(turned), np.abs(tilted)) / frontal)
    some = _surest(numbers, np.nan_to_num(band, nan=np.inf, posinf=np.inf), sure)
    # NaN sorts last, and what is equal stays in its order.
    order = some[np.lexsort((-large[some], -sure[some], -sharp[some], numbers[some]))]
    best = np.zeros(len(numbers), np.bool_)
    best[order[_begins(numbers[order])]] = True
    return best


def _surest(tracks: NDArray[np.integer], band: Floats, score: Floats) -> NDArray[np.intp]:
    """Positions, rising, of the surest faces in the first band of each track."""
    order = np.lexsort((-score, band, tracks))
    places = np.arange(len(order))
    new_track = _begins(tracks[order])
    new_band = new_track | _begins(band[order])
    starts = np.flatnonzero(new_band)
    sizes = np.diff(starts, append=len(order))
    looked_at = np.where(new_track[starts], np.ceil(sizes * SUREST), 0)
    return np.sort(order[places - np.repeat(starts, sizes) < np.repeat(looked_at, sizes)])


def _begins(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Where another value begins."""
    return np.concatenate([np.ones(min(len(values), 1), np.bool_), values[1:] != values[:-1]])


def _fading(seconds: Floats, memory: float) -> Floats:
    """The share of a speed that is forgotten after so long."""
    faded: Floats = -np.expm1(-seconds / memory) if memory else np.ones_like(seconds)
    return faded


def _enlarged(boxes: Floats, share: float) -> Floats:
    more = share * (boxes[:, 2:] - boxes[:, :2])
    return np.concatenate([boxes[:, :2] - more, boxes[:, 2:] + more], axis=1)


def _longer_side(boxes: Floats) -> Floats:
    side: Floats = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    return side
