"""P-Net, R-Net and O-Net as Keras models: what they say, and their weights both ways, on each backend."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.engines.on_backend import Remote

from facecascade import legacy
from facecascade.engines import reference
from facecascade.errors import WeightsError
from facecascade.weights import SHAPES, Weights

TENSORS = Weights.load().tensors
NETS = ("PNet", "RNet", "ONet")
PARAMETERS = {"PNet": 6_632, "RNet": 100_178, "ONet": 389_040}

nets = pytest.mark.parametrize("net", NETS)


def noise(*shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(7).uniform(-1, 1, shape).astype(np.float32)


def test_the_process_has_the_backend_that_was_asked_for(on_keras: Remote) -> None:
    assert on_keras("backend") == on_keras.backend


@pytest.mark.parametrize("size", [(12, 12), (13, 17), (31, 24), (40, 41)])
def test_p_net_says_what_the_reference_says(on_keras: Remote, size: tuple[int, int]) -> None:
    pixels = noise(2, *size, 3)
    found = on_keras("outputs", "PNet", pixels)
    probability, regression = reference.pnet(pixels.astype(np.float64), TENSORS)
    assert found["probability"].shape == (2, -(-size[0] // 2) - 5, -(-size[1] // 2) - 5)
    assert np.abs(found["probability"] - probability).max() < 1e-5
    assert np.abs(found["regression"] - regression).max() < 1e-5


def test_r_net_and_o_net_say_what_the_reference_says(on_keras: Remote) -> None:
    for net, side, expect in (("RNet", 24, reference.rnet), ("ONet", 48, reference.onet)):
        pixels = noise(5, side, side, 3)
        found = on_keras("outputs", net, pixels)
        expected = dict(
            zip(("probability", "regression", "landmarks"), expect(pixels.astype(np.float64), TENSORS), strict=False)
        )
        assert set(found) == set(expected)
        for name, values in expected.items():
            assert found[name].shape == values.shape
            assert np.abs(found[name] - values).max() < 1e-5


@nets
def test_weights_go_in_and_come_out_equal_to_the_byte(on_keras: Remote, net: str) -> None:
    own = {name: tensor for name, tensor in TENSORS.items() if name.startswith(net.lower())}
    assert sum(tensor.size for tensor in own.values()) == PARAMETERS[net]
    assert _bytes(on_keras("untrained_then_loaded", net)) == _bytes(own)


@nets
def test_a_saved_model_is_loaded_by_plain_keras(on_keras: Remote, net: str, tmp_path: Path) -> None:
    path = tmp_path / "net.keras"
    found, outputs_differ = on_keras("saved_and_loaded", net, str(path))
    assert path.stat().st_size > 4 * PARAMETERS[net]
    assert _bytes(found) == _bytes({name: TENSORS[name] for name in found})
    assert outputs_differ == 0


def test_both_files_of_weights_hold_what_went_through_keras(on_keras: Remote, legacy_npy: Path, tmp_path: Path) -> None:
    tensors = {name: tensor for net in NETS for name, tensor in on_keras("untrained_then_loaded", net).items()}
    assert set(tensors) == set(SHAPES)
    weights = Weights(tensors)
    weights.save(tmp_path / "new.safetensors")
    weights.save(tmp_path / "new.npy")
    assert _bytes(Weights.load(tmp_path / "new.safetensors").tensors) == _bytes(TENSORS)
    assert _bytes(Weights.load(tmp_path / "new.npy").tensors) == _bytes(TENSORS)
    old, new = (legacy.read_npy(path.read_bytes()) for path in (legacy_npy, tmp_path / "new.npy"))
    assert list(old) == list(new) == ["pnet", "rnet", "onet"]
    for net in old:
        for before, after in zip(old[net], new[net], strict=True):
            assert before.shape == after.shape
            assert before.tobytes() == after.tobytes()


@nets
def test_layers_have_the_names_of_the_weights(on_keras: Remote, net: str) -> None:
    names = {name.split(".")[1] for name in SHAPES if name.startswith(net.lower())}
    assert names <= set(on_keras("layer_names", net))


@nets
def test_a_new_network_has_random_kernels(on_keras: Remote, net: str) -> None:
    spread, initializer = on_keras("untrained", net)
    assert min(spread) > 0.01
    assert initializer == {"GlorotUniform"}


def test_what_does_not_fit_is_an_error_that_names_it(on_keras: Remote) -> None:
    with pytest.raises(WeightsError, match=r"expected a tensor rnet\.dense\.bias, got none"):
        on_keras("loaded_with", "RNet", {"rnet.dense.bias": None})
    wrong = np.zeros((3, 3, 3, 11), np.float32)
    with pytest.raises(WeightsError, match=r"expected pnet\.conv1\.weight of shape .*10\), got .*11\)"):
        on_keras("loaded_with", "PNet", {"pnet.conv1.weight": wrong})
    with pytest.raises(WeightsError, match=r"expected a model named .*, got 'mine'"):
        on_keras("renamed")


def _bytes(tensors: Mapping[str, NDArray[np.float32]]) -> dict[str, tuple[tuple[int, ...], bytes]]:
    return {name: (tensors[name].shape, tensors[name].tobytes()) for name in sorted(tensors)}
