"""Networks for LiteRT, Keras and TensorFlow: written in a process of its own, since TensorFlow talks and stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from facecascade.engines import reference
from facecascade.export.runners import LiteRTRunner
from facecascade.weights import Weights

TENSORS = Weights.load().tensors
SUFFIXES = {"litert": ".tflite", "keras": ".keras", "tf-saved-model": ""}
PROGRAM = """
import json, sys
from facecascade.export import export

for part in ("pnet", "rnet", "onet"):
    for to, suffix in json.loads(sys.argv[2]).items():
        done = export(f"{sys.argv[1]}/{part}{suffix}", to=to, part=part)
        print(json.dumps([to, part, done.size, done.runtime, dict(done.differences)]))
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[tuple[str, str], list[Any]]]:
    """The folder, and size, runtime and differences by format and part."""
    if find_spec("tensorflow") is None:
        pytest.skip("TensorFlow, which converts, is not there for this Python")
    folder = tmp_path_factory.mktemp("written")
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), json.dumps(SUFFIXES)],
        env=os.environ | {"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr
    rows = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("[")]
    return folder, {(to, part): rest for to, part, *rest in rows}


@pytest.mark.parametrize("to", SUFFIXES)
@pytest.mark.parametrize("part", ["pnet", "rnet", "onet"])
def test_each_format_is_written_and_checked_by_its_runtime(written: Any, to: str, part: str) -> None:
    folder, rows = written
    size, runtime, differences = rows[to, part]
    path = folder / f"{part}{SUFFIXES[to]}"
    assert path.is_dir() == (to == "tf-saved-model")
    assert size == sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file())
    assert runtime == {"litert": "ai-edge-litert", "keras": "keras", "tf-saved-model": "tensorflow"}[to]
    assert differences.keys() == {"probability", "regression"} | ({"landmarks"} if part == "onet" else set())
    assert 0 < max(differences.values()) < 1e-5


def test_nothing_is_left_beside_the_files(written: Any) -> None:
    assert len(list(written[0].iterdir())) == 9


@pytest.mark.parametrize(
    ("part", "shape"),
    [("pnet", (1, 12, 12, 3)), ("pnet", (2, 31, 47, 3)), ("rnet", (7, 24, 24, 3)), ("onet", (3, 48, 48, 3))],
)
def test_litert_takes_pictures_and_batches_of_any_size(written: Any, part: str, shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    outputs = LiteRTRunner(written[0] / f"{part}.tflite")(pixels=pixels)
    network = {"pnet": reference.pnet, "rnet": reference.rnet, "onet": reference.onet}[part]
    expected: tuple[NDArray[np.float64], ...] = network(pixels.astype(np.float64), TENSORS)
    for name, value in zip(("probability", "regression", "landmarks"), expected, strict=False):
        assert outputs[name].shape == value.shape
        assert np.abs(outputs[name] - value).max() < 1e-5
