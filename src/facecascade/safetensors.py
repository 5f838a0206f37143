"""The safetensors file format: a length, a JSON table, and the numbers behind it.

    8 bytes      length of the table, little-endian
    JSON         {"__metadata__": {str: str}, name: {"dtype": "F32", "shape": [...], "data_offsets": [begin, end]}, ...}
    the rest     the arrays in C order, little-endian, with neither gap nor overlap

Nothing in such a file can run, but everything in it may lie, so each number is checked before it is used.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import WeightsError

DTYPES: Final[dict[str, np.dtype[Any]]] = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4"), "F64": np.dtype("<f8")}
"""The element types that a weights file may have, under the format's names."""

METADATA: Final = "__metadata__"
ALIGNMENT: Final = 8
"""The table is padded so that the numbers start at a multiple of this many bytes."""

Tensors = dict[str, NDArray[np.floating[Any]]]


def encode(tensors: Mapping[str, NDArray[np.floating[Any]]], *, metadata: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a file that holds these arrays in this order; the same input gives the same bytes."""
    table: dict[str, Any] = {METADATA: dict(metadata)} if metadata else {}
    blocks: list[bytes] = []
    begin = 0
    for name, tensor in tensors.items():
        code = _code(name, tensor.dtype)
        block = np.ascontiguousarray(tensor, DTYPES[code]).tobytes()
        end = begin + len(block)
        table[name] = {"dtype": code, "shape": list(tensor.shape), "data_offsets": [begin, end]}
        blocks.append(block)
        begin = end
    header = json.dumps(table, separators=(",", ":"), ensure_ascii=False).encode()
    header += b" " * (-len(header) % ALIGNMENT)
    return b"".join([len(header).to_bytes(8, "little"), header, *blocks])


def decode(data: bytes) -> tuple[Tensors, dict[str, str]]:
    """The arrays, in the order of the table and read-only, and the metadata.

    Raises:
        WeightsError: the bytes are no safetensors file of floating-point arrays; the message says where it breaks.
    """
    table, body = _split(data)
    metadata = _metadata(table.pop(METADATA, {}))
    spans = {name: _span(name, entry, len(body)) for name, entry in table.items()}
    _check_coverage(spans, len(body))
    return {name: _tensor(name, table[name], body[begin:end]) for name, (begin, end) in spans.items()}, metadata


def _code(name: str, dtype: np.dtype[Any]) -> str:
    for code, known in DTYPES.items():
        if dtype.newbyteorder("<") == known:
            return code
    raise WeightsError(f"expected {name} as float16, float32 or float64, got {dtype}")


def _split(data: bytes) -> tuple[dict[str, Any], memoryview]:
    if len(data) < 8:
        raise WeightsError(f"expected a safetensors file, got {len(data)} bytes: too short for any")
    length = int.from_bytes(data[:8], "little")
    if length > len(data) - 8:
        raise WeightsError(
            f"expected a safetensors table of at most {len(data) - 8} bytes, got a length of {length}: "
            "the file is cut short, or of another format"
        )
    try:
        table = json.loads(data[8 : 8 + length].decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"expected a safetensors table in JSON, got {error}") from error
    if not isinstance(table, dict):
        raise WeightsError(f"expected a safetensors table of names, got {type(table).__name__}")
    return table, memoryview(data)[8 + length :]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a name that stands there twice")
    return table


def _metadata(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise WeightsError(f"expected {METADATA} to map text to text, got {value!r:.100}")
    return value


def _span(name: str, entry: Any, size: int) -> tuple[int, int]:
    """(begin, end) of one array in bytes, checked against its shape and the size of the file."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise WeightsError(f"expected dtype, shape and data_offsets for {name!r:.100}, got {entry!r:.100}")
    if not isinstance(entry["dtype"], str) or entry["dtype"] not in DTYPES:
        raise WeightsError(f"expected {name!r:.100} as {', '.join(DTYPES)}, got {entry['dtype']!r:.100}")
    if not _naturals(entry["shape"]):
        raise WeightsError(f"expected a shape for {name!r:.100}, got {entry['shape']!r:.100}")
    if not _naturals(entry["data_offsets"]) or len(entry["data_offsets"]) != 2:
        raise WeightsError(f"expected two data_offsets for {name!r:.100}, got {entry['data_offsets']!r:.100}")
    begin, end = entry["data_offsets"]
    wanted = math.prod(entry["shape"]) * DTYPES[entry["dtype"]].itemsize
    if not begin <= end <= size or end - begin != wanted:
        raise WeightsError(
            f"expected {_short(wanted)} bytes for {name!r:.100} within the file's {size}, "
            f"got bytes {_short(begin)} to {_short(end)}"
        )
    return begin, end


def _naturals(value: Any) -> bool:
    return isinstance(value, list) and all(type(number) is int and number >= 0 for number in value)


def _short(number: int) -> str:
    # Python refuses to print numbers of thousands of digits, and nobody could read them.
    return str(number) if number.bit_length() <= 64 else "more than 2 ** 64"


def _check_coverage(spans: Mapping[str, tuple[int, int]], size: int) -> None:
    position = 0
    for begin, end in sorted(spans.values()):
        if begin != position:
            raise WeightsError(
                f"expected the next array at byte {position}, got one at byte {begin}: a gap or an overlap"
            )
        position = end
    if position != size:
        raise WeightsError(f"expected arrays of {size} bytes in all, as the file has, got {position}")


def _tensor(name: str, entry: dict[str, Any], block: memoryview) -> NDArray[np.floating[Any]]:
    flat = np.frombuffer(block, DTYPES[entry["dtype"]])
    try:
        tensor: NDArray[np.floating[Any]] = flat.reshape(entry["shape"])
    except (ValueError, OverflowError) as error:
        raise WeightsError(f"expected a shape that fits into memory for {name!r:.100}, got {error}") from error
    return tensor
