"""Faces that are missed in single frames of a video, taken from the frames around: `held`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from facecascade.faces import Faces
from facecascade.overlap import iou, match_greedily

Item = TypeVar("Item")
Boxes = NDArray[np.float32]

SAME_FACE: Final = 0.2
"""IoU at which a box is taken for the face of an earlier one: low, since two boxes in place of one hide more."""


def held(found: Iterable[tuple[Item, Faces]], *, frames: int) -> Iterator[tuple[Item, Faces]]:
    """Each frame with its faces, and with those of up to so many frames before and after that it lacks.

    Between two frames that have a face, its box moves in a straight line; before the first and after the last it stays
    where it is. A face that moves so fast that it is not known again stays in both places.

    Args:
        found: frames in order, with what was found in each.
        frames: how far to look to either side; as many frames wait here. With 0 all comes as it is.

    Yields:
        The frames in order. Faces have no landmarks, unless `frames` is 0; the score of an added one is that of the
        nearest frame that has it.
    """
    if frames == 0:
        yield from found
        return
    waiting: deque[tuple[int, Item, Faces]] = deque()
    tracks = _Tracks(frames)
    for number, (item, faces) in enumerate(found):
        tracks.add(number, faces)
        waiting.append((number, item, faces))
        if len(waiting) > frames:
            yield _completed(waiting.popleft(), tracks)
    while waiting:
        yield _completed(waiting.popleft(), tracks)


def _completed(frame: tuple[int, Item, Faces], tracks: _Tracks) -> tuple[Item, Faces]:
    number, item, faces = frame
    added = tracks.missing(number)
    boxes = np.concatenate([faces.boxes, *(box[np.newaxis] for box, _ in added)])
    return item, Faces(boxes, np.concatenate([faces.scores, np.array([score for _, score in added], np.float32)]))


class _Track:
    """One face over time: its box and score in the frames where it was found."""

    def __init__(self) -> None:
        self.boxes: dict[int, Boxes] = {}
        self.scores: dict[int, float] = {}
        self.last = -1

    def add(self, number: int, box: Boxes, score: float) -> None:
        self.boxes[number], self.scores[number], self.last = box, score, number

    def forget(self, number: int) -> None:
        """What was found before a frame."""
        for other in [other for other in self.boxes if other < number]:
            del self.boxes[other], self.scores[other]

    def at(self, number: int, reach: int) -> tuple[Boxes, float] | None:
        """The face in a frame where it was not found; None where it was, or where it is too far."""
        if number in self.boxes:
            return None
        near = [other for other in self.boxes if abs(other - number) <= reach]
        if not near:
            return None
        before = max((other for other in near if other < number), default=None)
        after = min((other for other in near if other > number), default=None)
        nearest = min(near, key=lambda other: abs(other - number))
        if before is None or after is None:
            return self.boxes[nearest], self.scores[nearest]
        share = np.float32((number - before) / (after - before))
        return self.boxes[before] * (1 - share) + self.boxes[after] * share, self.scores[nearest]


class _Tracks:
    """The faces of the last frames, each known again from one frame to the next."""

    def __init__(self, reach: int) -> None:
        self._reach = reach
        self._tracks: list[_Track] = []

    def add(self, number: int, faces: Faces) -> None:
        # A frame is completed `reach` frames later, and looks as far back.
        self._tracks = [track for track in self._tracks if track.last >= number - 2 * self._reach - 1]
        last = np.array([track.boxes[track.last] for track in self._tracks]).reshape(-1, 4)
        pairs = match_greedily(iou(last, faces.boxes), least=SAME_FACE)
        known = {face: self._tracks[track] for track, face in pairs}
        for row, (box, score) in enumerate(zip(faces.boxes, faces.scores.tolist(), strict=True)):
            track = known.get(row)
            if track is None:
                track = _Track()
                self._tracks.append(track)
            track.add(number, box, score)
            track.forget(number - 2 * self._reach - 1)

    def missing(self, number: int) -> list[tuple[Boxes, float]]:
        return [held for track in self._tracks if (held := track.at(number, self._reach)) is not None]
