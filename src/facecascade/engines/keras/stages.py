"""Boxes between two stages, on the device, and how the next stage takes them: `Stage`, `Crops`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecascade.backend import keras
from facecascade.engines.keras.boxes import in_picture
from facecascade.engines.keras.buckets import bucket_count
from facecascade.faces import Faces

ops = keras.ops

Numbers = NDArray[np.int32]


@dataclass(frozen=True)
class Stage:
    """Boxes on the device, of which each picture has `counts`, first ones first.

    Attributes:
        arrays: boxes (b, n, 6), logits (b, n), and landmarks (b, n, 5, 2) after O-Net.
        counts: (b,) int32.
    """

    arrays: tuple[Any, ...]
    counts: Numbers

    @classmethod
    def of(cls, arrays: tuple[Any, ...]) -> Stage:
        """What a stage gives out, counts last; this waits for the device."""
        *columns, counts = arrays
        return cls(tuple(columns), host(counts))

    def faces(self) -> list[Faces]:
        """Those of each picture."""
        boxes, logits, *landmarks = (host(array) for array in self.arrays)
        with np.errstate(over="ignore"):
            scores = (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)
        columns = (in_picture(boxes), scores, *landmarks)
        return [Faces(*(np.array(column[k, :count]) for column in columns)) for k, count in enumerate(self.counts)]


def rows(keep: NDArray[np.bool_], *, least: int) -> tuple[Numbers, NDArray[np.bool_]]:
    """Positions of what stays, in order: (b, n) bool -> (b, m) int32, and which of them are there, (b, m).

    m is a bucket of at least `least`.
    """
    counts = keep.sum(axis=1)
    present = np.arange(bucket_count(int(counts.max()), least=least)) < counts[:, None]
    at = np.zeros(present.shape, np.int32)
    at[present] = np.nonzero(keep)[1]
    return at, present


class Crops:
    """What a network looks at: all boxes of a stage, of all pictures, in one row.

    Args:
        stage: the boxes.
        most: how many crops the network takes at a time.
    """

    def __init__(self, stage: Stage, *, most: int) -> None:
        self._stage = stage
        self._most = most
        self._total = int(stage.counts.sum())

    def looked_at(self, look: Callable[..., Any], sums: Any, sizes: Any) -> list[Any]:
        """What the network says of all of them, group by group."""
        boxes = self._stage.arrays[0]
        room = int(boxes.shape[1])
        counts = self._stage.counts
        owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        at = owner * room + np.concatenate([np.arange(count, dtype=np.int32) for count in counts])
        length = bucket_count(self._total, least=16)
        length = length if length <= self._most else -(-self._total // self._most) * self._most
        missing = (0, length - self._total)
        flat = ops.reshape(boxes, (-1, 6))
        groups = [
            look(sums, sizes, ops.convert_to_tensor(owners), ops.take(flat, ops.convert_to_tensor(places), axis=0))
            for owners, places in zip(
                *(np.split(np.pad(each, missing), max(length // self._most, 1)) for each in (owner, at)), strict=True
            )
        ]
        return (
            groups[0] if len(groups) == 1 else [ops.concatenate(parts, axis=0) for parts in zip(*groups, strict=True)]
        )

    def places(self) -> tuple[Any, Any]:
        """Where the crops of each picture are among all, (b, r) int32, and which of them are there, (b, r) bool."""
        counts = self._stage.counts
        first = np.cumsum(counts) - counts
        columns = np.arange(bucket_count(int(counts.max()), least=16), dtype=np.int32)
        present = columns < counts[:, None]
        at = np.where(present, first[:, None] + columns, 0).astype(np.int32)
        return ops.convert_to_tensor(at), ops.convert_to_tensor(present)


def host(array: Any) -> NDArray[Any]:
    """A device's array as NumPy's."""
    values: NDArray[Any] = ops.convert_to_numpy(array)
    return values
