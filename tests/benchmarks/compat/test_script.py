"""The script that runs with each package and with its drop-in; here with the drop-ins alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.compat import script
from benchmarks.compat.__main__ import ENVIRONMENTS
from benchmarks.peers.peer import find_peer


@pytest.mark.parametrize("name", script.MODULES)
def test_each_drop_in_finds_the_face_of_a_portrait(name: str, astronaut: NDArray[np.uint8], tmp_path: Path) -> None:
    np.save(tmp_path / "astronaut.npy", astronaut)
    np.save(tmp_path / "black.npy", np.zeros_like(astronaut))
    script.main(name, "ours", str(tmp_path), str(tmp_path / "result.json"))
    answer = json.loads((tmp_path / "result.json").read_text())
    assert answer["black"]["faces"] == []
    (face,) = answer["astronaut"]["faces"]
    np.testing.assert_allclose(face["box"], [180, 60, 268, 174], atol=2)
    assert face["score"] > 0.99


def test_forms_tell_types_order_and_axes_apart() -> None:
    assert script.form([{"box": [1, 2], "confidence": np.float64(1)}]) == [
        "list",
        {"box": ["list", "int"], "confidence": "float64"},
    ]
    assert script.form((None, np.array([None]))) == ["tuple", "NoneType", ["array of 1 axes, object", "NoneType"]]
    assert json.dumps(script.form({"a": 1, "b": 2})) != json.dumps(script.form({"b": 2, "a": 1}))
    assert script.form([(1, 2)]) != script.form([[1, 2]])


def test_every_package_lives_in_the_environment_of_a_peer() -> None:
    assert set(ENVIRONMENTS) == set(script.MODULES)
    for name in ENVIRONMENTS.values():
        assert find_peer(name).requirements is not None


def test_faces_of_mtcnn_and_of_deepface() -> None:
    keypoints = {"nose": (5, 6), "mouth_right": (7, 8), "right_eye": (8, 3), "left_eye": (2, 3), "mouth_left": (3, 8)}
    mtcnn = {"box": [3, 4, 10, 20], "confidence": 0.5, "keypoints": keypoints}
    deepface = {"facial_area": {"x": 3, "y": 4, "w": 10, "h": 20, "left_eye": None}, "confidence": 0.5}
    (first,), (second,) = script.faces([mtcnn]), script.faces([deepface])
    assert first == {"box": [3, 4, 13, 24], "score": 0.5, "landmarks": [[2, 3], [8, 3], [5, 6], [3, 8], [7, 8]]}
    assert second == {"box": [3, 4, 13, 24], "score": 0.5, "landmarks": None}
    assert script.faces([deepface | {"confidence": 0}]) == []
