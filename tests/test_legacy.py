"""The legacy layout and its file: every array comes back to the bit, and a hostile pickle runs nothing."""

from __future__ import annotations

import io
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from facecascade import legacy
from facecascade.errors import WeightsError
from facecascade.weights import SHAPES, Weights

LENGTHS = {"pnet": 13, "rnet": 16, "onet": 21}


def bundled_lists() -> dict[str, list[NDArray[np.float32]]]:
    return Weights.load().to_legacy()


def npy(payload: bytes, *, header: str = "{'descr': '|O', 'fortran_order': False, 'shape': (), }") -> bytes:
    """A .npy file of an object array with any pickle in it."""
    text = header.encode("latin1").ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + payload


def saved(value: Any, *, protocol: int = 4) -> bytes:
    holder = np.empty((), object)
    holder[()] = value
    return npy(pickle.dumps(holder, protocol=protocol))


def test_to_legacy_repeats_the_original_arrays_to_the_bit(legacy_npy: Path) -> None:
    original = np.load(legacy_npy, allow_pickle=True, encoding="latin1").item()  # the hash of this file was checked
    converted = Weights.load(legacy_npy).to_legacy()
    assert set(converted) == set(original)
    for net, arrays in original.items():
        assert len(converted[net]) == len(arrays) == LENGTHS[net]
        for ours, theirs in zip(converted[net], arrays, strict=True):
            assert ours.dtype == theirs.dtype
            assert ours.shape == theirs.shape
            assert ours.tobytes() == theirs.tobytes()


def test_the_legacy_shapes() -> None:
    lists = bundled_lists()
    shapes = {net: [array.shape for array in arrays] for net, arrays in lists.items()}
    assert shapes["pnet"][:3] == [(3, 3, 3, 10), (10,), (1, 1, 10)]
    assert shapes["pnet"][9:] == [(1, 1, 32, 2), (2,), (1, 1, 32, 4), (4,)]
    assert shapes["rnet"][6:12] == [(2, 2, 48, 64), (64,), (1, 1, 64), (576, 128), (128,), (128,)]
    assert shapes["onet"][9:15] == [(2, 2, 64, 128), (128,), (1, 1, 128), (1152, 256), (256,), (256,)]
    assert shapes["onet"][-2:] == [(256, 10), (10,)]


def test_kernels_swap_width_and_height_and_dense_rows_follow() -> None:
    weights = Weights.load()
    lists = weights.to_legacy()
    kernel = weights.tensors["pnet.conv1.weight"]
    assert lists["pnet"][0][2, 0, 1, 7] == kernel[0, 2, 1, 7]
    dense = weights.tensors["rnet.dense.weight"]
    h, w, c = 2, 1, 40
    assert lists["rnet"][9][(w * 3 + h) * 64 + c, 5] == dense[(h * 3 + w) * 64 + c, 5]


def test_lists_survive_the_way_there_and_back() -> None:
    lists = bundled_lists()
    tensors = legacy.from_lists(lists, shapes=SHAPES)
    again = legacy.to_lists(tensors, shapes=SHAPES)
    for net, arrays in lists.items():
        for before, after in zip(arrays, again[net], strict=True):
            np.testing.assert_array_equal(before, after, strict=True)


def test_to_legacy_gives_arrays_of_ones_own() -> None:
    weights = Weights.load()
    digest = weights.sha256
    for arrays in weights.to_legacy().values():
        for array in arrays:
            array[...] = 0
    assert Weights(weights.tensors).sha256 == digest


def test_numpy_reads_what_we_write() -> None:
    lists = bundled_lists()
    value = np.load(io.BytesIO(legacy.write_npy(lists)), allow_pickle=True).item()  # written one line above
    for net, arrays in lists.items():
        for ours, theirs in zip(arrays, value[net], strict=True):
            np.testing.assert_array_equal(ours, theirs, strict=True)


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_every_protocol_of_pickle_is_read(protocol: int) -> None:
    lists = bundled_lists()
    again = legacy.read_npy(saved(lists, protocol=protocol))
    for net, arrays in lists.items():
        for ours, theirs in zip(arrays, again[net], strict=True):
            np.testing.assert_array_equal(ours, theirs, strict=True)


def test_big_endian_half_precision_and_columns_first_arrays_are_read() -> None:
    array = np.arange(24).reshape(2, 3, 4)
    variants = [array.astype(">f8"), array.astype("<f2"), np.asfortranarray(array.astype(np.float32))]
    again = legacy.read_npy(saved({"pnet": variants}))["pnet"]
    for before, after in zip(variants, again, strict=True):
        assert after.dtype == before.dtype
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("net", ["pnet", "rnet", "onet"])
def test_a_wrong_number_of_arrays_is_refused(net: str) -> None:
    lists = bundled_lists()
    lists[net].pop()
    with pytest.raises(WeightsError, match=f"list of {LENGTHS[net]} arrays for {net}, got {LENGTHS[net] - 1}"):
        Weights.load(lists)


@pytest.mark.parametrize("value", [None, "x" * 13, 7, {}])
def test_what_is_no_list_of_arrays_is_refused(value: Any) -> None:
    with pytest.raises(WeightsError, match="list of 13 arrays for pnet"):
        Weights.load({**bundled_lists(), "pnet": value})


def test_missing_and_unknown_networks_are_refused() -> None:
    lists: dict[str, Any] = bundled_lists()
    with pytest.raises(WeightsError, match="networks pnet, rnet, onet, got 'pnet'"):
        Weights.load({"pnet": lists["pnet"]})
    with pytest.raises(WeightsError, match="'lnet'"):
        Weights.load(lists | {"lnet": []})


def test_a_wrong_legacy_shape_names_the_layer() -> None:
    lists = bundled_lists()
    lists["pnet"][2] = lists["pnet"][2].reshape(10)
    with pytest.raises(WeightsError, match=r"pnet\.prelu1\.alpha of shape \(1, 1, 10\) in a legacy file, got \(10,\)"):
        Weights.load(lists)


def test_ragged_lists_are_refused() -> None:
    lists: dict[str, Any] = bundled_lists()
    lists["pnet"][1] = [[1.0], [1.0, 2.0]]
    with pytest.raises(WeightsError, match=r"pnet\.conv1\.bias"):
        Weights.load(lists)


class _Runs:
    """Calls anything when it is unpickled."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.call


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_a_pickle_that_runs_a_command_is_refused_and_does_not_run(protocol: int, tmp_path: Path) -> None:
    proof = tmp_path / "executed"
    data = npy(pickle.dumps(_Runs(os.system, f"touch {proof}"), protocol=protocol))
    pickle.loads(data[128:])  # the attack itself is sound
    assert proof.exists()
    proof.unlink()
    (tmp_path / "w.npy").write_bytes(data)
    with pytest.raises(WeightsError, match=r"(posix|nt)\.system"):
        Weights.load(tmp_path / "w.npy")
    assert not proof.exists()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("builtins", "eval"),
        ("builtins", "getattr"),
        ("os", "system"),
        ("numpy", "load"),
        ("numpy", "fromfile"),
        ("numpy", "ndarray.tofile"),
        ("numpy.core.multiarray", "scalar"),
        ("_codecs", "decode"),
        ("codecs", "encode"),
        ("facecascade.legacy", "_Unpickler"),
        ("numpy", "ndarray\\n"),
    ],
)
def test_every_other_global_is_refused_by_its_name(module: str, name: str) -> None:
    for payload in (f"c{module}\n{name}\n.".encode(), _stack_global(module, name)):
        with pytest.raises(WeightsError, match="refused to read the file") as caught:
            legacy.read_npy(npy(payload))
        assert module in str(caught.value)


def _stack_global(module: str, name: str) -> bytes:
    texts = [b"\x8c" + bytes([len(text)]) + text for text in (module.encode(), name.encode())]
    return b"\x80\x04" + b"".join(texts) + b"\x93."


def test_encode_admits_latin1_alone() -> None:
    data = npy(b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x03\x00\x00\x00hex\x86R.")
    with pytest.raises(WeightsError, match="latin1, got 'hex'"):
        legacy.read_npy(data)


def test_references_outside_of_the_file_are_refused() -> None:
    with pytest.raises(WeightsError, match="an object outside of it"):
        legacy.read_npy(npy(b"Psecret\n."))


def test_stand_ins_cannot_be_changed_by_a_pickle() -> None:
    """BUILD with a pair sets attributes of its target; on what `find_class` gives, it must fail."""
    for module, name in legacy._STAND_INS:
        payload = b"\x80\x02c" + f"{module}\n{name}\n".encode() + b"N}X\x03\x00\x00\x00badK\x01s\x86b."
        with pytest.raises(WeightsError):
            legacy.read_npy(npy(payload))
    assert not any(hasattr(stand_in, "bad") for stand_in in legacy._STAND_INS.values())


@pytest.mark.parametrize("dtype", ["i4", "U3", "O", "c8", "V8", "M8[s]"])
def test_arrays_of_other_types_are_refused(dtype: str) -> None:
    with pytest.raises(WeightsError):
        legacy.read_npy(saved({"pnet": [np.zeros(3, dtype)]}))


@pytest.mark.parametrize("value", [[1, 2], {"pnet": 3}, {"pnet": [1.0]}, {"pnet": [[np.zeros(3)]]}, None, "text"])
def test_other_content_is_refused(value: Any) -> None:
    with pytest.raises(WeightsError):
        legacy.read_npy(saved(value))


@pytest.mark.parametrize(
    "state",
    [
        (1, (10**12,), "f4", False, b"abcd"),
        (1, (-1, -1), "f4", False, b"abcd"),
        (1, (2,), "f4", False, b"abcd"),
        (1, "shape", "f4", False, b"abcd"),
        (1, (1,), "f4", False, None),
    ],
)
def test_array_states_that_lie_are_refused(state: tuple[Any, ...]) -> None:
    dtype = legacy._DType(state[2])
    dtype.order = "<"
    with pytest.raises((ValueError, TypeError)):
        legacy._Array().__setstate__((*state[:2], dtype, *state[3:]))


def test_headers_of_other_arrays_are_refused() -> None:
    floats = io.BytesIO()
    np.save(floats, np.zeros(3))
    with pytest.raises(WeightsError, match="holds one dict, got an array of float64"):
        legacy.read_npy(floats.getvalue())
    with pytest.raises(WeightsError, match=r"version 1 or 2, got version 9\.0"):
        legacy.read_npy(b"\x93NUMPY\x09\x00" + bytes(100))


@pytest.mark.parametrize("data", [b"", b"\x93NUMPY", b"PK\x03\x04" + bytes(50), npy(b""), npy(b"."), npy(b"\x80\x7f.")])
def test_broken_files_are_refused(data: bytes) -> None:
    with pytest.raises(WeightsError):
        legacy.read_npy(data)


def test_deep_nesting_is_refused_or_read_as_other_content() -> None:
    with pytest.raises(WeightsError):
        legacy.read_npy(npy(b"(" * 200_000 + b"l" * 200_000 + b"."))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_random_pickles_give_a_weights_error_and_nothing_else(payload: bytes) -> None:
    with pytest.raises(WeightsError):
        legacy.read_npy(npy(payload))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_byte_is_refused_or_gives_arrays(data: st.DataObject) -> None:
    good = bytearray(saved({"pnet": [np.arange(6, dtype=np.float32).reshape(2, 3)], "rnet": [], "onet": []}))
    place = data.draw(st.integers(0, len(good) - 1))
    good[place] = data.draw(st.integers(0, 255))
    try:
        lists = legacy.read_npy(bytes(good))
    except WeightsError:
        return
    assert all(array.dtype.kind == "f" for arrays in lists.values() for array in arrays)
