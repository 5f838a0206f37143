"""The bundled weights, every way in and out of `Weights`, and what it refuses."""

from __future__ import annotations

import copy
import hashlib
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecascade.errors import WeightsError
from facecascade.weights import SHAPES, Weights
from scripts import convert_weights

ROOT = Path(__file__).resolve().parents[1]
BUNDLED_SHA256 = "50b6863dd6a503b8a1ea002e10764914a5c154c0495b42a41c75fcbba78f42b7"
NUMBERS_SHA256 = "261200b8f3779981e093e06c9a157b51611c02ae2f670883c96ebdfa4bb89c4f"
PARAMETERS = {"pnet": 6_632, "rnet": 100_178, "onet": 389_040}


@pytest.fixture(scope="module")
def bundled() -> Weights:
    return Weights.load()


@pytest.fixture
def tensors(bundled: Weights) -> dict[str, Any]:
    """A dict of the bundled arrays, to be spoilt."""
    return dict(bundled.tensors)


def ramp() -> dict[str, Any]:
    """Arrays of every shape in which no two numbers are the same, so that no swap of axes goes unseen."""
    position = 0
    tensors = {}
    for name, shape in SHAPES.items():
        size = int(np.prod(shape))
        tensors[name] = np.arange(position, position + size, dtype=np.float32).reshape(shape)
        position += size
    return tensors


def test_bundled_file_and_its_numbers_have_the_hashes_of_the_model_card(bundled: Weights) -> None:
    file = ROOT / "src" / "facecascade" / "weights" / "mtcnn.safetensors"
    card = (file.parent / "README.md").read_text()
    assert hashlib.sha256(file.read_bytes()).hexdigest() == BUNDLED_SHA256
    assert bundled.sha256 == NUMBERS_SHA256
    for digest in (BUNDLED_SHA256, NUMBERS_SHA256, convert_weights.SHA256):
        assert digest in card


def test_bundled_tensors_have_the_names_shapes_and_counts_of_the_paper(bundled: Weights) -> None:
    assert {name: tensor.shape for name, tensor in bundled.tensors.items()} == dict(SHAPES)
    assert list(bundled.tensors) == list(SHAPES)
    assert len(SHAPES) == 50
    counts = dict.fromkeys(PARAMETERS, 0)
    for name, tensor in bundled.tensors.items():
        counts[name.split(".")[0]] += tensor.size
    assert counts == PARAMETERS
    assert sum(counts.values()) == 495_850
    assert bundled.name == "bundled"
    assert bundled.metadata["source_sha256"] == convert_weights.SHA256


def test_model_card_states_the_parameter_counts() -> None:
    card = (ROOT / "src" / "facecascade" / "weights" / "README.md").read_text()
    for count in (*PARAMETERS.values(), 495_850):
        assert f"{count:,}" in card


def test_tensors_are_float32_contiguous_and_read_only(bundled: Weights) -> None:
    for name, tensor in bundled.tensors.items():
        assert tensor.dtype == np.float32
        assert tensor.dtype.isnative
        assert tensor.flags.c_contiguous
        assert not tensor.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            tensor[...] = 0
        with pytest.raises(TypeError):
            bundled.tensors[name] = tensor  # type: ignore[index]


def test_a_mapping_is_copied_so_that_its_owner_may_write_on(tensors: dict[str, Any]) -> None:
    tensors["pnet.conv1.bias"] = tensors["pnet.conv1.bias"].copy()
    weights = Weights.load(tensors)
    before = weights.tensors["pnet.conv1.bias"].copy()
    tensors["pnet.conv1.bias"][:] = 77
    np.testing.assert_array_equal(weights.tensors["pnet.conv1.bias"], before)


def test_frozen(bundled: Weights) -> None:
    with pytest.raises(AttributeError):
        bundled.name = "other"  # type: ignore[misc]


def test_conversion_gives_the_bundled_file_byte_for_byte(legacy_npy: Path, tmp_path: Path) -> None:
    output = tmp_path / "mtcnn.safetensors"
    convert_weights.convert(legacy_npy, output)
    assert hashlib.sha256(output.read_bytes()).hexdigest() == BUNDLED_SHA256


def test_conversion_refuses_another_file(tmp_path: Path) -> None:
    other = tmp_path / "mtcnn_weights.npy"
    other.write_bytes(b"not the file of the package")
    with pytest.raises(SystemExit, match=convert_weights.SHA256):
        convert_weights.convert(other, tmp_path / "out.safetensors")
    assert not (tmp_path / "out.safetensors").exists()


def test_the_original_file_loads_to_the_bundled_weights(legacy_npy: Path, bundled: Weights) -> None:
    weights = Weights.load(legacy_npy)
    assert weights == bundled
    assert weights.name == "mtcnn_weights.npy"


@pytest.mark.parametrize("suffix", [".safetensors", ".npy", ".SafeTensors", ".NPY"])
def test_save_and_load_bring_back_every_bit(suffix: str, tmp_path: Path) -> None:
    weights = Weights.load(ramp())
    path = tmp_path / f"mine{suffix}"
    weights.save(path)
    again = Weights.load(str(path))
    assert again == weights
    assert again.name == f"mine{suffix}"
    for name in SHAPES:
        assert again.tensors[name].tobytes() == weights.tensors[name].tobytes()


def test_saving_the_bundled_weights_repeats_their_file(bundled: Weights, tmp_path: Path) -> None:
    bundled.save(tmp_path / "again.safetensors")
    assert hashlib.sha256((tmp_path / "again.safetensors").read_bytes()).hexdigest() == BUNDLED_SHA256


def test_one_hash_for_the_same_numbers_from_any_file(tmp_path: Path, bundled: Weights) -> None:
    bundled.save(tmp_path / "a.npy")
    plain = Weights(bundled.tensors)
    plain.save(tmp_path / "b.safetensors")
    sources: list[Any] = [tmp_path / "a.npy", tmp_path / "b.safetensors", bundled.to_legacy(), dict(bundled.tensors)]
    assert {Weights.load(source).sha256 for source in sources} == {NUMBERS_SHA256}
    reordered = dict(list(bundled.tensors.items())[::-1])
    assert Weights.load(reordered).sha256 == NUMBERS_SHA256


def test_one_changed_bit_is_another_hash(tensors: dict[str, Any], bundled: Weights) -> None:
    bias = tensors["onet.landmarks.bias"].copy()
    bias[9] = np.nextafter(bias[9], np.float32(1))
    other = Weights.load(tensors | {"onet.landmarks.bias": bias})
    assert other != bundled
    assert other.sha256 != bundled.sha256


def test_equality_hash_pickle_copy_and_repr(bundled: Weights, tensors: dict[str, Any]) -> None:
    again = pickle.loads(pickle.dumps(bundled))
    assert again == bundled
    assert (again.name, dict(again.metadata)) == (bundled.name, dict(bundled.metadata))
    assert not again.tensors["pnet.conv1.weight"].flags.writeable
    assert copy.deepcopy(bundled) == bundled
    assert len({bundled, again, Weights.load(tensors)}) == 1
    assert bundled != "weights"
    assert repr(bundled) == "Weights('bundled', sha256='261200b8f377')"


@pytest.mark.parametrize("dtype", ["<f2", ">f2", "<f8", ">f8", ">f4"])
def test_other_floats_become_float32(dtype: str, tensors: dict[str, Any]) -> None:
    weights = Weights.load({name: tensor.astype(dtype) for name, tensor in tensors.items()})
    for name, tensor in weights.tensors.items():
        assert tensor.dtype == np.float32
        np.testing.assert_array_equal(tensor, tensors[name].astype(dtype).astype(np.float32))


def test_columns_first_arrays_are_taken_by_value(tensors: dict[str, Any], bundled: Weights) -> None:
    assert Weights.load({name: np.asfortranarray(tensor) for name, tensor in tensors.items()}) == bundled


@pytest.mark.parametrize("dtype", [np.int32, np.bool_, np.complex64, object])
def test_other_types_are_refused_by_name(dtype: Any, tensors: dict[str, Any]) -> None:
    tensors["rnet.conv2.bias"] = tensors["rnet.conv2.bias"].astype(dtype)
    with pytest.raises(WeightsError, match=r"rnet\.conv2\.bias as float16, float32 or float64"):
        Weights.load(tensors)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused_with_their_place(bad: float, tensors: dict[str, Any]) -> None:
    tensors["onet.conv4.weight"] = tensors["onet.conv4.weight"].copy()
    tensors["onet.conv4.weight"][1, 0, 63, 127] = bad
    with pytest.raises(WeightsError, match=rf"finite numbers in onet\.conv4\.weight, got {bad} at \(1, 0, 63, 127\)"):
        Weights.load(tensors)


def test_a_number_too_large_for_float32_is_refused(tensors: dict[str, Any]) -> None:
    tensors["pnet.box.bias"] = np.array([0, 0, 1e300, 0])
    with pytest.raises(WeightsError, match=r"pnet\.box\.bias, got 1e\+300 at \(2,\)"):
        Weights.load(tensors)


@pytest.mark.parametrize("name", list(SHAPES))
def test_each_layer_is_checked_for_its_shape(name: str, tensors: dict[str, Any]) -> None:
    tensors[name] = np.zeros((*SHAPES[name], 1), np.float32)
    message = f"expected {name} of shape {SHAPES[name]}, got {(*SHAPES[name], 1)}"
    with pytest.raises(WeightsError, match=re.escape(message)):
        Weights.load(tensors)


@pytest.mark.parametrize("value", [None, "text", 1.0, [[1.0], [1.0, 2.0]]])
def test_values_that_are_no_arrays_are_refused_by_name(value: Any, tensors: dict[str, Any]) -> None:
    tensors["pnet.score.bias"] = value
    with pytest.raises(WeightsError, match=r"pnet\.score\.bias"):
        Weights.load(tensors)


def test_missing_and_unknown_layers_are_named(tensors: dict[str, Any]) -> None:
    del tensors["rnet.box.bias"]
    tensors["rnet.boxes.bias"] = np.zeros(4, np.float32)
    with pytest.raises(WeightsError, match=r"missing rnet\.box\.bias; unknown rnet\.boxes\.bias"):
        Weights.load(tensors)


def test_many_missing_layers_make_a_short_message() -> None:
    with pytest.raises(WeightsError, match=r"missing pnet\.conv1\.weight, .* and 46 more") as caught:
        Weights.load({})
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("path", ["weights.h5", "weights", "weights.npz", "weights.pkl"])
def test_other_suffixes_are_refused_when_loading_and_saving(path: str, tmp_path: Path, bundled: Weights) -> None:
    with pytest.raises(WeightsError, match=r"\.safetensors or \.npy"):
        Weights.load(tmp_path / path)
    with pytest.raises(WeightsError, match=r"\.safetensors or \.npy"):
        bundled.save(tmp_path / path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".safetensors", ".npy"])
def test_files_that_are_missing_empty_cut_or_folders_are_refused_with_their_path(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"w{suffix}"
    with pytest.raises(WeightsError, match=rf"w{suffix}.*No such file"):
        Weights.load(path)
    path.mkdir()
    with pytest.raises(WeightsError, match=rf"w{suffix}"):
        Weights.load(path)
    path.rmdir()
    Weights.load(ramp()).save(path)
    data = path.read_bytes()
    for length in (0, 1, 7, 8, 100, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:length])
        with pytest.raises(WeightsError, match=rf"w{suffix}: "):
            Weights.load(path)


def test_saving_is_all_or_nothing(bundled: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(b"the old file")

    def full_disk(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="No space left"):
        bundled.save(path)
    monkeypatch.undo()
    assert path.read_bytes() == b"the old file"
    assert list(tmp_path.iterdir()) == [path]


def test_saving_into_a_missing_folder_is_an_os_error(bundled: Weights, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        bundled.save(tmp_path / "missing" / "w.npy")


def test_saved_files_have_the_permissions_of_any_new_file(bundled: Weights, tmp_path: Path) -> None:
    bundled.save(tmp_path / "w.safetensors")
    (tmp_path / "plain").touch()
    assert (tmp_path / "w.safetensors").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_any_path_like_is_taken(bundled: Weights, tmp_path: Path) -> None:
    class Somewhere(os.PathLike[str]):
        def __fspath__(self) -> str:
            return str(tmp_path / "w.npy")

    bundled.save(Somewhere())
    assert Weights.load(Somewhere()) == bundled


def test_importing_weights_is_light() -> None:
    code = (
        "import sys; import facecascade.weights; "
        "print([m for m in ('PIL', 'importlib.resources', 'facecascade.detector') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
