from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecascade.errors import SettingsError
from facecascade.extract import Measures, Selection, select
from facecascade.faces import Faces

SIZE = (200, 100)
# left, top, width, height and score: the second is the largest, the last the nearest to the centre (100, 50)
BOXES = [(0, 0, 20, 30, 0.95), (150, 10, 60, 80, 0.9), (20, 60, 40, 40, 0.8), (90, 40, 10, 25, 0.7)]


def found(landmarks: bool = True) -> Faces:
    table = np.array(BOXES, np.float32)
    boxes = np.concatenate([table[:, :2], table[:, :2] + table[:, 2:4]], axis=1)
    return Faces(boxes, table[:, 4], np.zeros((4, 5, 2), np.float32) if landmarks else None)


MEASURES = [
    Measures(sharpness=50, roll=0, yaw=5, hash=0),
    Measures(sharpness=10, roll=-30, yaw=-40, hash=0),
    Measures(sharpness=200, roll=29, yaw=20, hash=0),
    Measures(sharpness=90, roll=float("nan"), yaw=float("nan"), hash=0),
]


def kept(**limits: Any) -> list[int]:
    return list(map(int, select(found(), selection=Selection(**limits), picture_size=SIZE, measures=MEASURES)))


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [
        ({}, [0, 1, 2, 3]),
        ({"min_score": 0.8}, [0, 1, 2]),
        ({"min_score": 1}, []),
        ({"min_size": 20}, [0, 1, 2]),
        ({"min_size": 20.1}, [1, 2]),
        ({"min_sharpness": 50}, [0, 2, 3]),
        ({"max_roll": 29}, [0, 2]),
        ({"max_roll": 30}, [0, 1, 2]),
        ({"max_yaw": 20}, [0, 2]),
        ({"max_yaw": 20, "max_roll": 10}, [0]),
        ({"at_most": 1}, [0]),
        ({"at_most": 9}, [0, 1, 2, 3]),
        ({"at_most": 1, "prefer": "size"}, [1]),
        ({"at_most": 2, "prefer": "size"}, [1, 2]),
        ({"at_most": 1, "prefer": "centre"}, [3]),
        ({"at_most": 3, "prefer": "centre"}, [1, 2, 3]),
        ({"at_most": 1, "prefer": "size", "max_yaw": 30}, [2]),
        ({"at_most": 1, "prefer": "centre", "min_size": 15}, [2]),
        ({"min_score": 0.8, "min_size": 30, "min_sharpness": 11}, [2]),
    ],
)
def test_who_is_kept(limits: dict[str, Any], wanted: list[int]) -> None:
    assert kept(**limits) == wanted


def test_equal_faces_are_preferred_in_their_order() -> None:
    twins = found()[[1, 1, 1]]
    assert select(twins, selection=Selection(at_most=2, prefer="size"), picture_size=SIZE).tolist() == [0, 1]


@given(st.integers(1, 6), st.sampled_from(["score", "size", "centre"]), st.floats(0, 1), st.floats(0, 90))
def test_choosing_twice_changes_nothing(at_most: int, prefer: Any, min_score: float, min_size: float) -> None:
    selection = Selection(at_most=at_most, prefer=prefer, min_score=min_score, min_size=min_size)
    once = found()[select(found(), selection=selection, picture_size=SIZE)]
    assert once[select(once, selection=selection, picture_size=SIZE)] == once
    assert len(once) <= at_most


def test_no_faces() -> None:
    for selection in (Selection(), Selection(at_most=1, prefer="centre"), Selection(max_yaw=3)):
        assert select(Faces.empty(), selection=selection, picture_size=SIZE, measures=()).tolist() == []


def test_what_is_needed_must_be_there() -> None:
    with pytest.raises(ValueError, match="measures of each of 4 faces, got none"):
        select(found(), selection=Selection(min_sharpness=1), picture_size=SIZE)
    with pytest.raises(ValueError, match="measures of each of 4 faces, got 1"):
        select(found(), selection=Selection(max_roll=1), picture_size=SIZE, measures=MEASURES[:1])
    with pytest.raises(SettingsError, match="faces with landmarks to choose by roll or yaw"):
        select(found(landmarks=False), selection=Selection(max_roll=1), picture_size=SIZE, measures=MEASURES)
    assert len(select(found(landmarks=False), selection=Selection(min_score=0.8), picture_size=SIZE)) == 3


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"min_score": 1.5}, "min_score from 0 to 1"),
        ({"min_score": float("nan")}, "min_score from 0 to 1"),
        ({"min_size": -1}, "min_size of at least 0"),
        ({"min_size": float("inf")}, "min_size of at least 0"),
        ({"min_sharpness": float("nan")}, "min_sharpness of at least 0"),
        ({"max_roll": -1}, "max_roll from 0 to 180"),
        ({"max_yaw": 200}, "max_yaw from 0 to 180"),
        ({"at_most": 0}, "at_most of at least 1"),
        ({"at_most": 1.5}, "at_most of at least 1"),
        ({"prefer": "beauty"}, 'prefer="score", "size" or "centre"'),
    ],
)
def test_limits_that_cannot_work(limits: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Selection(**limits)
