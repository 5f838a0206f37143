"""Fine-tuning of O-Net's landmark head: the loss falls, nothing else changes, and the native engine uses the file."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facecascade import MTCNN, Weights

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """With a backend for Keras; one thread, since small products on many threads mostly wait for each other."""
    backends = [name for name in ("jax", "torch", "tensorflow") if find_spec(name) is not None]
    if find_spec("keras") is None or not backends:
        pytest.skip("Keras or its backend (jax, torch, tensorflow) is not installed")
    return os.environ | {"KERAS_BACKEND": backends[0], "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def run(samples: dict[str, Path], environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Run:
    assert len(samples) == 3
    weights = tmp_path_factory.mktemp("fine_tune") / "tuned.safetensors"
    done = example("--pictures", "24", "--epochs", "10", "-o", str(weights), environment=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout, weights


Run = tuple[str, Path]


def example(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "examples.fine_tune_landmarks", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_the_loss_falls_on_both_parts(run: Run) -> None:
    rows = [line.split() for line in run[0].splitlines() if re.fullmatch(r" +\d+( +[\d.]+){2}", line)]
    epochs = [int(row[0]) for row in rows]
    assert epochs == list(range(11))
    for part, share in ((1, 0.7), (2, 0.9)):
        assert float(rows[-1][part]) < share * float(rows[0][part])


def test_only_the_landmark_head_is_another(run: Run) -> None:
    tuned, bundled = Weights.load(run[1]).tensors, Weights.load().tensors
    changed = {name for name in bundled if not np.array_equal(tuned[name], bundled[name])}
    assert changed == {"onet.landmarks.weight", "onet.landmarks.bias"}
    assert "fine-tuned" in Weights.load(run[1]).metadata["origin"]


def test_the_native_engine_uses_the_file_and_finds_better_landmarks(run: Run, astronaut: NDArray[np.uint8]) -> None:
    before, after = re.findall(r": (0\.\d+) \(6\)", run[0])  # the last quarter of 24 pictures, all faces found
    assert float(after) < float(before)
    bundled, tuned = (
        MTCNN(min_face_size=60).detect(astronaut),
        MTCNN(min_face_size=60, weights=run[1]).detect(astronaut),
    )
    assert np.array_equal(tuned.boxes, bundled.boxes)
    assert np.array_equal(tuned.scores, bundled.scores)
    assert tuned.landmarks is not None
    assert bundled.landmarks is not None
    moved = np.abs(tuned.landmarks - bundled.landmarks).max()
    assert 0.01 < moved < 0.1 * (bundled.boxes[0, 2] - bundled.boxes[0, 0])


def test_a_folder_that_cannot_be_used_is_told_in_a_line(environment: dict[str, str], tmp_path: Path) -> None:
    output = tmp_path / "none.safetensors"
    (tmp_path / "annotations.json").write_text(json.dumps([{"picture": "a.jpg"}]))
    done = example("--data", str(tmp_path), "-o", str(output), environment=environment)
    assert done.returncode == 1
    assert "annotations.json" in done.stderr
    assert "Traceback" not in done.stderr
    assert not output.exists()
