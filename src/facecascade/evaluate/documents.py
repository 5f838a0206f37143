"""JSON documents, compressed or not, and what all readers of them ask."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import AnnotationError


def read_json(path: Path) -> Any:
    """What a .json, .jsonl or .json.gz file holds; of .jsonl a list.

    Raises:
        AnnotationError: the file is missing or broken; the message names it.
    """
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig")
        if ".jsonl" in path.suffixes:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        return json.loads(text)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise AnnotationError(f"{path}: expected a JSON file, got: {error}") from error


def numbers(values: Any, *, columns: int, where: str) -> NDArray[np.float64]:
    """A table of finite numbers, (n, columns) float64.

    Raises:
        AnnotationError: it is none; the message says `where`.
    """
    try:
        table = np.asarray(values, np.float64) if len(values) else np.zeros((0, columns))
    except (TypeError, ValueError) as error:
        raise AnnotationError(f"{where}: expected rows of {columns} numbers, got: {error}") from error
    if table.ndim != 2 or table.shape[1] != columns or not np.isfinite(table).all():
        raise AnnotationError(f"{where}: expected rows of {columns} finite numbers, got shape {table.shape}")
    return table
