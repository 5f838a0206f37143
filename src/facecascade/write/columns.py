"""Columns beside box, score and landmarks: what they are called, and what is in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import SettingsError
from facecascade.faces import LANDMARK_NAMES

Kind = Literal["float32", "float64", "int32", "int64", "uint64", "bool", "text"]
Values = Sequence[Any] | NDArray[Any]
Extras = Mapping[str, Values]
"""Values by column, one a face; a list or an array. None, and NaN in columns of floats, is no value."""

BOX_COLUMNS: Final = ("x1", "y1", "x2", "y2", "score")
POINT_COLUMNS: Final = tuple(f"{name}_{axis}" for name in LANDMARK_NAMES for axis in "xy")
TAKEN: Final = frozenset(
    {"source", "width", "height", "face", "box", "landmarks", "crop", "error", *BOX_COLUMNS, *POINT_COLUMNS}
    | {"id", "image_id", "category_id", "bbox", "area", "iscrowd", "keypoints", "num_keypoints"}
)
"""Names that the formats use themselves."""


@dataclass(frozen=True)
class Column:
    """A further column of the faces.

    Attributes:
        name: its name; in CSV, a column of several numbers is name_0, name_1 and so on.
        kind: what its values are.
        size: numbers a face; more than 1 for lists of this length, such as the 6 of a matrix.

    Raises:
        SettingsError: the name is taken or empty, there is no such kind, or the size cannot work.
    """

    name: str
    kind: Kind
    size: int = 1

    def __post_init__(self) -> None:
        if not self.name or self.name in TAKEN:
            raise SettingsError(f"expected a column name that is not taken, got {self.name!r}")
        if self.kind not in get_args(Kind):
            raise SettingsError(f"expected a column of {', '.join(get_args(Kind))}, got {self.kind!r}")
        if self.size < 1 or (self.size > 1 and self.kind == "text"):
            raise SettingsError(f"expected a column of 1 value or of several numbers, got {self.size} of {self.kind}")

    @property
    def flat_names(self) -> tuple[str, ...]:
        """Its names where a cell holds one value."""
        return (self.name,) if self.size == 1 else tuple(f"{self.name}_{place}" for place in range(self.size))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one face's value."""
        return () if self.size == 1 else (self.size,)


def check_columns(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns; a `SettingsError` if two of them share a name."""
    names = [name for column in columns for name in column.flat_names]
    if len(set(names)) < len(names):
        raise SettingsError(f"expected columns of different names, got {', '.join(names)}")
    return tuple(columns)


def check_extras(names: Set[str], extras: Extras | None, *, count: int) -> Extras:
    """The values; a `ValueError` unless they are those of the columns of these names, one a face."""
    extras = extras or {}
    if extras.keys() != names:
        wanted = ", ".join(sorted(names)) or "none"
        raise ValueError(f"expected values for the columns {wanted}, got {', '.join(extras) or 'none'}")
    for name, values in extras.items():
        if len(values) != count:
            raise ValueError(f"expected {count} values of {name} for {count} faces, got {len(values)}")
    return extras


def as_numbers(column: Column, values: Values) -> tuple[NDArray[Any], NDArray[np.bool_] | bool]:
    """The values as an array of the column's kind, and which of them are none, or whether any is.

    NaN in an array stays: whoever takes it must take it for no value.

    Raises:
        ValueError: a value has another length than the column.
        TypeError: an array of another kind of numbers.
    """
    if isinstance(values, np.ndarray) and values.dtype != object:
        if values.shape[1:] != column.shape:
            raise ValueError(f"expected {column.name} of shape {('n', *column.shape)}, got {values.shape}")
        same = values.dtype == column.kind
        return values if same else values.astype(column.kind, casting="same_kind"), False
    plain = plain_values(column, values)
    filler = 0 if column.size == 1 else [0] * column.size
    numbers = np.array([filler if value is None else value for value in plain], column.kind)
    return numbers.reshape(len(plain), *column.shape), np.array([value is None for value in plain], np.bool_)


def plain_values(column: Column, values: Values) -> list[Any]:
    """The values as JSON has them: text, numbers, lists of numbers, None where there is none."""
    plain = _PLAIN[column.kind]
    if column.size == 1:
        return [None if value is None else plain(value) for value in values]
    return [_plain_list(column, value, plain) for value in values]


def flat_values(column: Column, value: Any) -> list[Any]:
    """One plain value as the cells of `Column.flat_names`; "" where there is none."""
    cells = [value] if column.size == 1 else value or [None] * column.size
    return ["" if cell is None else cell for cell in cells]


def float32_number(value: Any) -> float | None:
    """The shortest decimal that gives this float32 again; None for NaN."""
    return None if value != value else float(str(np.float32(value)))  # NaN alone differs from itself


def _plain_list(column: Column, value: Any, plain: Callable[[Any], Any]) -> list[Any] | None:
    if value is None:
        return None
    items = [plain(item) for item in np.ravel(value)]
    if len(items) != column.size:
        raise ValueError(f"expected {column.size} numbers of {column.name} a face, got {len(items)}")
    return None if None in items else items


_PLAIN: Final[dict[str, Callable[[Any], Any]]] = {
    "float32": float32_number,
    "float64": lambda value: None if value != value else float(value),
    "int32": int,
    "int64": int,
    "uint64": int,
    "bool": bool,
    "text": os.fspath,
}
