"""Trace: a frozen record that other processes can be sent."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest

from facecascade.faces import Faces
from facecascade.trace import Trace


def example() -> Trace:
    proposals = Faces(np.array([[0, 0, 24, 24], [5, 5, 40, 40]]), np.array([0.7, 0.61]))
    refined = proposals[:1]
    return Trace((0.6, 0.4), (12, 3), proposals, refined, Faces.empty())


def test_frozen_and_equal_by_value() -> None:
    assert example() == example()
    assert example() != dataclasses.replace(example(), candidates=(12, 4))
    with pytest.raises(dataclasses.FrozenInstanceError):
        example().candidates = ()  # type: ignore[misc]


def test_survives_pickle() -> None:
    again = pickle.loads(pickle.dumps(example()))
    assert again == example()
    assert [len(stage) for stage in (again.proposals, again.refined, again.faces)] == [2, 1, 0]


def test_one_count_and_one_scale_a_level() -> None:
    assert [field.name for field in dataclasses.fields(Trace)] == [
        "scales",
        "candidates",
        "proposals",
        "refined",
        "faces",
    ]
