"""What manifests tell of faces that were measured, in columns of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from facecascade.write import Column

if TYPE_CHECKING:
    from facecascade.extract import Extracted
    from facecascade.write.columns import Extras

COLUMNS: Final = (
    Column("matrix", "float64", size=6),
    Column("sharpness", "float32"),
    Column("roll", "float32"),
    Column("yaw", "float32"),
    Column("hash", "uint64"),
    Column("captured", "text"),
)
"""The rows of the matrix from the picture to the crop, the fields of `Measures`, and when the picture was taken."""


def extras_of(extracted: Extracted) -> Extras | None:
    """The values of `COLUMNS`, one a face; None if the faces were not measured."""
    measures = extracted.measures
    if measures is None:
        return None
    return {
        "matrix": extracted.matrices.reshape(-1, 6),
        "sharpness": np.array([one.sharpness for one in measures], np.float32),
        "roll": np.array([one.roll for one in measures], np.float32),
        "yaw": np.array([one.yaw for one in measures], np.float32),
        "hash": np.array([one.hash for one in measures], np.uint64),
        "captured": [extracted.captured] * len(measures),
    }
