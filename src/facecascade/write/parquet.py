"""Parquet: one row a face, in typed columns."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import ImageError
from facecascade.extras import load
from facecascade.faces import Faces
from facecascade.write.columns import (
    BOX_COLUMNS,
    POINT_COLUMNS,
    Column,
    Extras,
    Values,
    as_numbers,
    check_extras,
    plain_values,
)
from facecascade.write.errorlist import ErrorList
from facecascade.write.files import AtomicBytes
from facecascade.write.rowgroup import NUMBERS, Group, GroupBuffer, Numbers, fill_numbers
from facecascade.write.writer import BaseWriter, Entry, StrPath, as_utf8, source_id

GROUP_ROWS: Final = 1 << 17
"""Faces in a row group: large enough to compress and to skip by, 12 MB of numbers in memory."""
COUNTERS: Final = ("width", "height", "face")


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
        self._arrow = load("pyarrow", feature="Parquet", extra="parquet")
        parquet = load("pyarrow.parquet", feature="Parquet", extra="parquet")
        self._crops = crops
        self._schema = self._make_schema(metadata or {})
        self._buffer = GroupBuffer(GROUP_ROWS, self._columns)
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
        extras = check_extras(self._names, extras, count=len(faces))
        self._flush()
        ends = np.concatenate([[0], np.cumsum(sizes)])
        start = 0
        while start < len(sources):
            stop = max(start + 1, int(np.searchsorted(ends, ends[start] + GROUP_ROWS, side="right")) - 1)
            pictures, rows = slice(start, stop), slice(int(ends[start]), int(ends[stop]))
            self._write_group(
                Group(
                    [source_id(source) for source in sources[pictures]],
                    np.column_stack([widths[pictures], heights[pictures]]).astype(np.int32),
                    sizes[pictures],
                    _numbers(faces[rows]),
                    [None] * (rows.stop - rows.start) if crops is None else [os.fspath(crop) for crop in crops[rows]],
                    [_values(column, extras[column.name][rows]) for column in self._columns],
                )
            )
            start = stop

    def _add(self, entry: Entry) -> None:
        if not entry.rows:
            return
        if not self._buffer.has_room(entry.rows):
            self._flush()
        if self._buffer.has_room(entry.rows):
            self._buffer.add(entry)
        else:  # more faces in one picture than a group has
            alone = GroupBuffer(entry.rows, self._columns)
            alone.add(entry)
            self._write_group(alone.take())

    def _flush(self) -> None:
        self._write_group(self._buffer.take())

    def _write_group(self, group: Group | None) -> None:
        if group is None:
            return
        arrow, counts = self._arrow, group.counts
        first = np.cumsum(counts) - counts
        owners = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        columns = [
            self._text(group.sources).take(arrow.array(owners)),
            *(arrow.array(np.ascontiguousarray(size)) for size in group.sizes[owners].T),
            arrow.array((np.arange(len(owners)) - np.repeat(first, counts)).astype(np.int32)),
            # NaN stands for a landmark that was not looked for, and becomes null; boxes and scores have none.
            *(
                arrow.array(np.ascontiguousarray(values), from_pandas=place >= len(BOX_COLUMNS))
                for place, values in enumerate(group.numbers.T)
            ),
        ]
        if self._crops:
            columns.append(self._text(group.crops))
        for column, values in zip(self._columns, group.extras, strict=True):
            columns.append(self._further(column, values) if isinstance(values, Numbers) else self._text(values))
        self._parquet.write_table(arrow.table(columns, schema=self._schema), row_group_size=max(1, len(owners)))

    def _text(self, texts: Sequence[str | None]) -> Any:
        arrow = self._arrow
        try:
            return arrow.array(texts, arrow.string())
        except UnicodeEncodeError:  # rare, and dear to ask of each
            return arrow.array([text if text is None else as_utf8(text) for text in texts], arrow.string())

    def _further(self, column: Column, numbers: Numbers) -> Any:
        arrow, kind = self._arrow, self._type(column)
        missing = numbers.missing
        if numbers.values.dtype.kind == "f":
            unknown = np.isnan(numbers.values)
            missing = missing | (unknown if column.size == 1 else unknown.any(axis=1))
        if column.size == 1:
            return arrow.array(numbers.values, kind, mask=missing)
        flat = arrow.array(np.ascontiguousarray(numbers.values).reshape(-1))
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


def _numbers(faces: Faces) -> NDArray[np.float32]:
    numbers = np.empty((len(faces), NUMBERS), np.float32)
    fill_numbers(numbers, faces)
    return numbers


def _values(column: Column, values: Values) -> list[str | None] | Numbers:
    if column.kind == "text":
        return plain_values(column, values)
    numbers, missing = as_numbers(column, values)
    return Numbers(numbers, np.broadcast_to(np.asarray(missing), len(numbers)))
