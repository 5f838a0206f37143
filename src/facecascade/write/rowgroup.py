"""Faces of many pictures, column by column: `Group`, and `GroupBuffer`, which collects one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facecascade.faces import Faces
from facecascade.write.columns import BOX_COLUMNS, POINT_COLUMNS, Column, Values, as_numbers, plain_values
from facecascade.write.writer import Entry

NUMBERS = len(BOX_COLUMNS) + len(POINT_COLUMNS)


class Numbers(NamedTuple):
    """A column of numbers: (n,) or (n, size) of the column's kind, and (n,) bool where there is none."""

    values: NDArray[Any]
    missing: NDArray[np.bool_]


class Group(NamedTuple):
    """The columns of some pictures.

    Attributes:
        sources: one a picture, as all with `pictures` in its shape.
        sizes: (pictures, 2) int32, width and height.
        counts: (pictures,) int64, faces of each.
        numbers: (faces, 15) float32, box, score and landmarks; landmarks are NaN where there are none.
        crops: one a face.
        extras: the further columns, in their order: texts, or `Numbers`.
    """

    sources: Sequence[str]
    sizes: NDArray[np.int32]
    counts: NDArray[np.int64]
    numbers: NDArray[np.float32]
    crops: Sequence[str | None]
    extras: Sequence[list[str | None] | Numbers]


class GroupBuffer:
    """Collects pictures until there are faces enough for a group.

    Numbers go straight into arrays of the final size: thousands of small ones would cost more than all else.

    Args:
        rows: faces that it holds.
        columns: further columns.
    """

    def __init__(self, rows: int, columns: Sequence[Column]) -> None:
        self._capacity = rows
        self._columns = columns
        self._numbers = np.empty((rows, NUMBERS), np.float32)
        self._extras = [_empty(column, rows) for column in columns]
        self._clear()

    def _clear(self) -> None:
        self._rows = 0
        self._sources: list[str] = []
        self._sizes: list[tuple[int, int]] = []
        self._counts: list[int] = []
        self._crops: list[str | None] = []
        self._targets: list[tuple[Column, Numbers | None, list[str | None]]] = []
        for column, numbers in zip(self._columns, self._extras, strict=True):
            self._targets.append((column, numbers, []))
            if numbers is not None:
                numbers.missing[:] = False

    def has_room(self, count: int) -> bool:
        """Whether so many more faces fit."""
        return self._rows + count <= self._capacity

    def add(self, entry: Entry) -> None:
        """One more picture; what is in its arrays is copied."""
        start, end = self._rows, self._rows + entry.rows
        fill_numbers(self._numbers[start:end], entry.faces)
        for column, target, texts in self._targets:
            values = entry.extras[column.name]
            if target is None:
                texts.extend(plain_values(column, values))
            elif _fits(values, target.values):
                target.values[start:end] = values  # the common case, worth a way of its own
            else:
                target.values[start:end], target.missing[start:end] = as_numbers(column, values)
        self._sources.append(entry.source)
        self._sizes.append((entry.width, entry.height))
        self._counts.append(entry.rows)
        self._crops.extend([None] * entry.rows if entry.crops is None else entry.crops)
        self._rows = end

    def take(self) -> Group | None:
        """What was collected, good until the next picture is added; None where there is nothing."""
        if not self._rows:
            return None
        extras = [
            texts if numbers is None else Numbers(numbers.values[: self._rows], numbers.missing[: self._rows].copy())
            for _, numbers, texts in self._targets
        ]
        sizes, counts = np.array(self._sizes, np.int32), np.array(self._counts, np.int64)
        group = Group(self._sources, sizes, counts, self._numbers[: self._rows], self._crops, extras)
        self._clear()
        return group


def _fits(values: Values, target: NDArray[Any]) -> bool:
    return (
        type(values) is np.ndarray
        and values.dtype is target.dtype
        and (values.ndim == target.ndim == 1 or values.shape[1:] == target.shape[1:])
    )


def fill_numbers(target: NDArray[np.float32], faces: Faces) -> None:
    """Writes box, score and landmarks of each face into a row of `target`, (n, 15)."""
    target[:, :4] = faces.boxes
    target[:, 4] = faces.scores
    target[:, 5:] = np.nan if faces.landmarks is None else faces.landmarks.reshape(-1, len(POINT_COLUMNS))


def _empty(column: Column, rows: int) -> Numbers | None:
    if column.kind == "text":
        return None
    return Numbers(np.empty((rows, *column.shape), column.kind), np.empty(rows, np.bool_))
