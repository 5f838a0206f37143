"""The safetensors format, both ways against its own library, and tables that lie."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from facecascade.errors import WeightsError
from facecascade.safetensors import decode, encode

Tensors = dict[str, NDArray[np.floating[Any]]]


def examples() -> Tensors:
    random = np.random.default_rng(7)
    return {
        "weight": random.normal(size=(3, 3, 2, 5)).astype(np.float32),
        "half": random.normal(size=7).astype(np.float16),
        "double": random.normal(size=(2, 1)),
        "number": np.array(1.5, np.float32),
        "empty": np.zeros((0, 4), np.float32),
        "ärmel/日本": np.array([np.nan, -0.0, np.inf, 1e-45], np.float32),
    }


def raw(table: object, body: bytes = b"", *, length: int | None = None) -> bytes:
    header = table if isinstance(table, bytes) else json.dumps(table).encode()
    return (len(header) if length is None else length).to_bytes(8, "little") + header + body


def entry(**changes: Any) -> dict[str, Any]:
    return {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} | changes


def assert_same(ours: Tensors, theirs: Tensors) -> None:
    assert set(ours) == set(theirs)
    for name, tensor in ours.items():
        assert tensor.dtype == theirs[name].dtype
        assert tensor.shape == theirs[name].shape
        assert tensor.tobytes() == theirs[name].tobytes()


def test_its_library_reads_what_we_write() -> None:
    assert_same(examples(), safetensors.numpy.load(encode(examples(), metadata={"origin": "a test"})))


def test_we_read_what_its_library_writes() -> None:
    tensors, metadata = decode(safetensors.numpy.save(examples(), metadata={"origin": "a test", "ü": "é"}))
    assert_same(examples(), tensors)
    assert metadata == {"origin": "a test", "ü": "é"}


def test_order_metadata_and_bits_survive() -> None:
    data = encode(examples(), metadata={"b": "2", "a": "1"})
    tensors, metadata = decode(data)
    assert list(tensors) == list(examples())
    assert list(metadata.items()) == [("b", "2"), ("a", "1")]
    assert encode(tensors, metadata=metadata) == data


def test_numbers_start_at_a_multiple_of_eight_bytes() -> None:
    for length in range(1, 20):
        data = encode({"n" * length: np.zeros(1, np.float32)})
        assert int.from_bytes(data[:8], "little") % 8 == 0


def test_big_endian_and_columns_first_arrays_are_written_by_value() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert encode({"a": array.astype(">f4")}) == encode({"a": np.asfortranarray(array)}) == encode({"a": array})


def test_arrays_read_are_read_only() -> None:
    tensors, _ = decode(encode(examples()))
    assert not any(tensor.flags.writeable for tensor in tensors.values())


def test_other_types_are_not_written() -> None:
    with pytest.raises(WeightsError, match="mask as float16, float32 or float64, got bool"):
        encode({"mask": np.zeros(2, np.bool_)})


def test_an_empty_file_of_no_arrays_is_one() -> None:
    assert decode(encode({})) == ({}, {})


@pytest.mark.parametrize("data", [b"", b"1234567", bytes(8), raw({}, length=2**63), raw({}, length=3)])
def test_lengths_that_lie_are_refused(data: bytes) -> None:
    with pytest.raises(WeightsError):
        decode(data)


@pytest.mark.parametrize(
    "table",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe{}",
        b'{"a": 1} trailing',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"__metadata__": {}, "__metadata__": {}}',
    ],
)
def test_tables_that_are_no_table_are_refused(table: bytes) -> None:
    with pytest.raises(WeightsError):
        decode(raw(table))


@pytest.mark.parametrize("metadata", [[], "text", None, 3, {"a": 1}, {"a": None}, {"a": {"b": "c"}}])
def test_metadata_must_be_text_to_text(metadata: Any) -> None:
    with pytest.raises(WeightsError, match="__metadata__ to map text to text"):
        decode(raw({"__metadata__": metadata}))


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        "F32",
        {},
        {"dtype": "F32", "shape": [2]},
        entry(more=1),
        entry(dtype="BF16"),
        entry(dtype="I32"),
        entry(dtype=["F32"]),
        entry(dtype=None),
        entry(shape=2),
        entry(shape=[-2]),
        entry(shape=[2.0]),
        entry(shape=[True, 2]),
        entry(shape=[3]),
        entry(shape=[2**62, 2**62]),
        entry(shape=[10**4000]),
        entry(data_offsets=[0]),
        entry(data_offsets=[0, 8, 16]),
        entry(data_offsets=[8, 0]),
        entry(data_offsets=[-8, 0]),
        entry(data_offsets=[0, 16]),
        entry(data_offsets=[8, 16]),
        entry(data_offsets=[0, 10**4000]),
        entry(data_offsets="08"),
        entry(shape=[0, 10**30], data_offsets=[0, 0]),
        entry(shape=[0] * 100, data_offsets=[0, 0]),
    ],
)
def test_entries_that_lie_are_refused(broken: Any) -> None:
    with pytest.raises(WeightsError):
        decode(raw({"a": broken}, bytes(8)))


def test_impossible_shapes_of_nothing_are_refused_even_when_they_cover_the_file() -> None:
    for shape in ([0, 10**30], [0] * 100):
        with pytest.raises(WeightsError, match="fits into memory"):
            decode(raw({"a": entry(shape=shape, data_offsets=[0, 0])}))


def test_gaps_overlaps_and_rests_are_refused() -> None:
    first, second = entry(data_offsets=[0, 8]), entry(data_offsets=[8, 16])
    assert set(decode(raw({"a": first, "b": second}, bytes(16)))[0]) == {"a", "b"}
    with pytest.raises(WeightsError, match="a gap or an overlap"):
        decode(raw({"a": first, "b": first}, bytes(16)))
    with pytest.raises(WeightsError, match="a gap or an overlap"):
        decode(raw({"b": second}, bytes(16)))
    with pytest.raises(WeightsError, match="arrays of 24 bytes in all, as the file has, got 16"):
        decode(raw({"a": first, "b": second}, bytes(24)))


def test_entries_may_stand_in_any_order() -> None:
    body = np.arange(4, dtype="<f4").tobytes()
    tensors, _ = decode(raw({"b": entry(data_offsets=[8, 16]), "a": entry(data_offsets=[0, 8])}, body))
    assert list(tensors) == ["b", "a"]
    assert tensors["b"].tolist() == [2, 3]


def test_long_hostile_names_make_short_messages() -> None:
    with pytest.raises(WeightsError) as caught:
        decode(raw({"n" * 100_000: entry(dtype="x" * 100_000)}, bytes(8)))
    assert len(str(caught.value)) < 300


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_byte_is_refused_or_gives_arrays(data: st.DataObject) -> None:
    good = bytearray(encode({"a": np.arange(3, dtype=np.float32), "b": np.zeros((2, 2))}, metadata={"k": "v"}))
    place = data.draw(st.integers(0, len(good) - 1))
    good[place] = data.draw(st.integers(0, 255))
    try:
        tensors, _ = decode(bytes(good))
    except WeightsError:
        return
    assert sum(tensor.nbytes for tensor in tensors.values()) == 44


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100))
def test_random_bytes_give_a_weights_error_and_nothing_else(data: bytes) -> None:
    with pytest.raises(WeightsError):
        decode(data)
