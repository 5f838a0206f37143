"""Parquet: one row a face, in typed columns."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import ImageError, MissingExtra
from facecascade.faces import Faces
from facecascade.write.columns import BOX_COLUMNS, POINT_COLUMNS, Column, Extras, check_extras, plain_values
from facecascade.write.errorlist import ErrorList
from facecascade.write.files import AtomicBytes
from facecascade.write.writer import BaseWriter, Entry, StrPath, as_utf8

GROUP_ROWS: Final = 1 << 17
"""Faces in a row group: large enough to compress and to skip by, 12 MB of numbers in memory."""
COUNTERS: Final = ("width", "height", "face")


class Group(NamedTuple):
    """Faces of some pictures, as columns.

    `sources`, `counts`, `widths` and `heights` have one value a picture; all else has one a face.
    """

    sources: Sequence[str]
    counts: NDArray[np.int64]
    widths: NDArray[np.int32]
    heights: NDArray[np.int32]
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    points: NDArray[np.float32]
    crops: Sequence[str | None]
    extras: Mapping[str, list[Sequence[Any]]]


class ParquetWriter(BaseWriter):
    """One row a face: source, width, height, face (its number), box, score, landmarks; [crop,] [further columns].

    Numbers are float32 and int32, unknown values null. A picture without faces has no row. One that could not be read
    is in the list beside the file, `<file>.errors.csv`. Faces are written `GROUP_ROWS` at a time, so memory does not
    grow with their number.

    Args:
        target: the file, which appears once all is written.
        crops: whether there is a column for the file that each face was cut out into.
        columns: see `BaseWriter`.
        metadata: texts kept in the file's schema, each under "facecascade." and its name.

    Raises:
        MissingExtra: pyarrow is not installed.
    """

    def __init__(
        self,
        target: StrPath,
        *,
        crops: bool = False,
        columns: Sequence[Column] = (),
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(columns=columns)
        self._arrow, parquet = _load("pyarrow"), _load("pyarrow.parquet")
        self._crops = crops
        self._schema = self._make_schema(metadata or {})
        self._waiting: list[Entry] = []
        self._rows = 0
        self._errors = ErrorList.beside(Path(target))
        self._file = AtomicBytes(Path(target))
        texts = [field.name for field in self._schema if field.type == self._arrow.string()]
        # A dictionary pays where values repeat: names do, coordinates do not.
        self._parquet = parquet.ParquetWriter(self._file.stream, self._schema, use_dictionary=texts)

    def write_many(
        self,
        sources: Sequence[StrPath],
        faces: Faces,
        *,
        counts: Sequence[int] | NDArray[np.integer[Any]],
        widths: Sequence[int] | NDArray[np.integer[Any]],
        heights: Sequence[int] | NDArray[np.integer[Any]],
        crops: Sequence[StrPath] | None = None,
        extras: Extras | None = None,
    ) -> None:
        """Adds the faces of many pictures at once: what `write` does for each, without its cost a picture.

        Args:
            sources: where each picture comes from.
            faces: of all pictures, in their order.
            counts: how many faces each picture has.
            widths: of each picture, in pixels.
            heights: of each picture, in pixels.
            crops: the file of each face.
            extras: values of the further columns, one a face.

        Raises:
            ValueError: the lengths do not fit together.
        """
        self._check_open()
        sizes = np.asarray(counts, np.int64)
        lengths = {len(sources), len(sizes), len(widths), len(heights)}
        if len(lengths) > 1 or sizes.sum() != len(faces) or (crops is not None and len(crops) != len(faces)):
            raise ValueError(
                f"expected one source, count, width and height a picture, and counts and crops of {len(faces)} faces, "
                f"got lengths {sorted(lengths)}, counts of {sizes.sum()}, {'no' if crops is None else len(crops)} crops"
            )
        extras = check_extras(self._columns, extras, count=len(faces))
        self._flush()
        ends = np.concatenate([[0], np.cumsum(sizes)])
        start = 0
        while start < len(sources):
            stop = max(start + 1, int(np.searchsorted(ends, ends[start] + GROUP_ROWS, side="right")) - 1)
            pictures, rows = slice(start, stop), slice(int(ends[start]), int(ends[stop]))
            self._write_group(
                Group(
                    [os.fspath(source) for source in sources[pictures]],
                    sizes[pictures],
                    np.asarray(widths[pictures], np.int32),
                    np.asarray(heights[pictures], np.int32),
                    faces.boxes[rows],
                    faces.scores[rows],
                    _points(faces[rows]),
                    [None] * (rows.stop - rows.start) if crops is None else [os.fspath(crop) for crop in crops[rows]],
                    {name: [values[rows]] for name, values in extras.items()},
                )
            )
            start = stop

    def _add(self, entry: Entry) -> None:
        if not len(entry.faces):
            return
        copies = {name: np.array(v) if isinstance(v, np.ndarray) else list(v) for name, v in entry.extras.items()}
        self._waiting.append(entry._replace(extras=copies) if copies else entry)
        self._rows += len(entry.faces)
        if self._rows >= GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        if not self._waiting:
            return
        waiting, self._waiting, self._rows = self._waiting, [], 0
        self._write_group(
            Group(
                [entry.source for entry in waiting],
                np.array([len(entry.faces) for entry in waiting], np.int64),
                np.array([entry.width for entry in waiting], np.int32),
                np.array([entry.height for entry in waiting], np.int32),
                np.concatenate([entry.faces.boxes for entry in waiting]),
                np.concatenate([entry.faces.scores for entry in waiting]),
                np.concatenate([_points(entry.faces) for entry in waiting]),
                list(chain.from_iterable(_crops(entry) for entry in waiting)),
                {column.name: [entry.extras[column.name] for entry in waiting] for column in self._columns},
            )
        )

    def _write_group(self, group: Group) -> None:
        arrow, counts = self._arrow, group.counts
        first = np.cumsum(counts) - counts
        owners = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        columns = [
            arrow.array([as_utf8(source) for source in group.sources], arrow.string()).take(arrow.array(owners)),
            arrow.array(group.widths[owners]),
            arrow.array(group.heights[owners]),
            arrow.array((np.arange(len(owners)) - np.repeat(first, counts)).astype(np.int32)),
            *(arrow.array(np.ascontiguousarray(values)) for values in group.boxes.T),
            arrow.array(group.scores),
            # NaN stands for a landmark that was not looked for, and becomes null.
            *(arrow.array(np.ascontiguousarray(values), from_pandas=True) for values in group.points.T),
        ]
        if self._crops:
            columns.append(arrow.array([crop and as_utf8(crop) for crop in group.crops], arrow.string()))
        columns.extend(self._extra(column, group.extras[column.name]) for column in self._columns)
        self._parquet.write_table(arrow.table(columns, schema=self._schema), row_group_size=GROUP_ROWS)

    def _extra(self, column: Column, parts: list[Sequence[Any]]) -> Any:
        arrow, kind = self._arrow, self._type(column)
        if not all(isinstance(part, np.ndarray) and part.dtype != object for part in parts) or column.kind == "text":
            plain = [value for part in parts for value in plain_values(column, part)]
            return arrow.array([as_utf8(value) if isinstance(value, str) else value for value in plain], kind)
        values = np.concatenate(parts).astype(column.kind, casting="same_kind", copy=False)
        if column.size == 1:
            return arrow.array(values, kind, from_pandas=True)
        if values.shape[1:] != (column.size,):
            raise ValueError(f"expected {column.name} of shape {('n', column.size)}, got {values.shape}")
        missing = np.isnan(values).any(axis=1) if values.dtype.kind == "f" else np.zeros(len(values), bool)
        flat = arrow.array(np.ascontiguousarray(values).reshape(-1))
        return arrow.FixedSizeListArray.from_arrays(flat, type=kind, mask=arrow.array(missing))

    def _make_schema(self, metadata: Mapping[str, str]) -> Any:
        arrow = self._arrow
        fields = [
            ("source", arrow.string()),
            *((name, arrow.int32()) for name in COUNTERS),
            *((name, arrow.float32()) for name in (*BOX_COLUMNS, *POINT_COLUMNS)),
            *([("crop", arrow.string())] if self._crops else []),
            *((column.name, self._type(column)) for column in self._columns),
        ]
        return arrow.schema(fields, metadata={f"facecascade.{name}": text for name, text in metadata.items()})

    def _type(self, column: Column) -> Any:
        arrow = self._arrow
        kind = {"text": "string", "bool": "bool_"}.get(column.kind, column.kind)
        value = getattr(arrow, kind)()
        return value if column.size == 1 else arrow.list_(value, column.size)

    def _add_error(self, source: str, error: ImageError) -> None:
        self._errors.add(source, error)

    def _finish(self) -> None:
        self._flush()
        self._parquet.close()
        self._file.commit()
        self._errors.commit()

    def _drop(self) -> None:
        with suppress(OSError, ValueError):  # what it still has to say goes into a file that is thrown away
            self._parquet.close()
        self._file.discard()
        self._errors.discard()


def _crops(entry: Entry) -> Sequence[str | None]:
    return [None] * len(entry.faces) if entry.crops is None else entry.crops


def _points(faces: Faces) -> NDArray[np.float32]:
    if faces.landmarks is None:
        return np.full((len(faces), len(POINT_COLUMNS)), np.nan, np.float32)
    return faces.landmarks.reshape(len(faces), len(POINT_COLUMNS))


def _load(module: str) -> Any:
    """The module; untyped, since the core is checked without it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        raise MissingExtra(feature="Parquet", extra="parquet") from None
