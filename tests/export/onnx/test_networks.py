"""The three networks as ONNX against the specification."""

from __future__ import annotations

import numpy as np
import pytest
from tests.export.running import session

from facecascade.engines import reference
from facecascade.export.onnx.networks import network_graph
from facecascade.weights import Weights

TENSORS = Weights.load().tensors
NETWORKS = {"pnet": reference.pnet, "rnet": reference.rnet, "onet": reference.onet}
SHAPES = [("pnet", size) for size in [(12, 12), (13, 12), (24, 31), (57, 80)]]
SHAPES += [("rnet", (24, 24)), ("onet", (48, 48))]


@pytest.mark.parametrize("count", [0, 1, 5])
@pytest.mark.parametrize(("part", "size"), SHAPES)
def test_a_network_says_what_the_specification_says(part: str, size: tuple[int, int], count: int) -> None:
    pixels = np.random.default_rng(0).uniform(-1, 1, (count, *size, 3)).astype(np.float32)
    run = session(network_graph(part, TENSORS))
    names = [output.name for output in run.get_outputs()]
    assert names == ["probability", "regression", "landmarks"][: 3 if part == "onet" else 2]
    wanted = NETWORKS[part](pixels.astype(np.float64), TENSORS)
    for found, expected in zip(run.run(names, {"pixels": pixels}), wanted, strict=True):
        assert found.dtype == np.float32
        assert found.shape == expected.shape
        assert np.abs(found - expected).max(initial=0) < 5e-6
