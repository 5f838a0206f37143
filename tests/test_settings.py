"""Settings: their defaults, what they refuse and how they say it, and the pyramid that follows from them."""

from __future__ import annotations

import dataclasses
import json
import math
import pickle
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecascade.errors import SettingsError
from facecascade.settings import CELL, MAX_SCALE_FACTOR, Settings, level_size


def test_defaults() -> None:
    settings = Settings()
    assert settings.min_face_size == 20
    assert settings.scale_factor == 0.709
    assert settings.thresholds == (0.6, 0.7, 0.7)
    assert settings.geometry == "subpixel"
    assert settings.stages == 3
    assert settings.mirror is False
    assert settings.border == 0


def test_frozen_hashable_picklable_and_equal_by_value() -> None:
    settings = Settings(min_face_size=40, thresholds=(0.5, 0.5, 0.3))
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.min_face_size = 3  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(settings)) == settings
    assert len({settings, Settings(min_face_size=40.0, thresholds=(0.5, 0.5, 0.3)), Settings()}) == 2
    assert dataclasses.replace(settings, stages=2).stages == 2
    with pytest.raises(SettingsError):
        dataclasses.replace(settings, stages=4)  # type: ignore[arg-type]


def test_only_names_are_taken_and_unknown_ones_refused() -> None:
    with pytest.raises(TypeError):
        Settings(20)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="min_size"):
        Settings(min_size=20)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"min_face_size": 3.99}, "min_face_size of at least 4, got 3.99"),
        ({"min_face_size": -20}, "at least 4, got -20"),
        ({"min_face_size": math.nan}, "finite number for min_face_size, got nan"),
        ({"min_face_size": math.inf}, "finite number for min_face_size, got inf"),
        ({"min_face_size": "large"}, "number for min_face_size, got 'large'"),
        ({"min_face_size": None}, "number for min_face_size, got None"),
        ({"min_face_size": [20]}, "number for min_face_size"),
        ({"scale_factor": 0}, "between 0 and 1, got 0"),
        ({"scale_factor": 1}, "between 0 and 1, got 1"),
        ({"scale_factor": 1.4}, "between 0 and 1, got 1.4"),
        ({"scale_factor": 0.995}, "at most 0.99, got 0.995"),
        ({"scale_factor": -math.inf}, "finite number for scale_factor"),
        ({"thresholds": (0.6, 0.7)}, "three thresholds"),
        ({"thresholds": 0.6}, "three thresholds"),
        ({"thresholds": "678"}, "three thresholds"),
        ({"thresholds": {0.1, 0.2, 0.3}}, "three thresholds"),
        ({"thresholds": None}, "three thresholds"),
        ({"thresholds": (0.6, 0.7, 1.0)}, "from 0 up to, not including, 1"),
        ({"thresholds": (-0.1, 0.7, 0.7)}, "from 0 up to, not including, 1"),
        ({"thresholds": (0.6, math.nan, 0.7)}, "finite number for thresholds"),
        ({"thresholds": (0.6, "x", 0.7)}, "number for thresholds, got 'x'"),
        ({"geometry": "exact"}, 'geometry="subpixel" or "classic", got \'exact\''),
        ({"geometry": None}, "got None"),
        ({"stages": 1}, "stages=2 or 3, got 1"),
        ({"stages": True}, "stages=2 or 3, got True"),
        ({"stages": "3"}, "stages=2 or 3, got '3'"),
        ({"mirror": 1}, "mirror=True or False, got 1"),
        ({"mirror": "yes"}, "mirror=True or False, got 'yes'"),
        ({"border": -0.1}, "border from 0 to 1, a share of the shorter side, got -0.1"),
        ({"border": 20}, "a share of the shorter side, got 20"),
        ({"border": math.nan}, "finite number for border, got nan"),
        ({"border": True}, "number for border, got True"),
    ],
)
def test_values_that_cannot_work_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        Settings(**values)
    assert "expected" in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_values_at_the_edge_work() -> None:
    Settings(min_face_size=4, scale_factor=MAX_SCALE_FACTOR, thresholds=(0, 0, 0))
    Settings(scale_factor=1e-6, thresholds=(0.999999, 0.999999, 0.999999))


def test_numbers_of_numpy_and_lists_become_plain() -> None:
    settings = Settings(
        min_face_size=np.float32(24),  # type: ignore[arg-type]
        thresholds=[np.float64(0.5), 0, np.int64(0)],  # type: ignore[arg-type]
    )
    assert type(settings.min_face_size) is float
    assert settings.thresholds == (0.5, 0.0, 0.0)
    assert all(type(threshold) is float for threshold in settings.thresholds)
    hash(settings)


def test_to_dict_is_json_and_from_dict_its_inverse() -> None:
    settings = Settings(
        min_face_size=33.5, thresholds=(0.1, 0.2, 0.3), geometry="classic", stages=2, mirror=True, border=0.25
    )
    values = json.loads(json.dumps(settings.to_dict()))
    assert values == {
        "min_face_size": 33.5,
        "scale_factor": 0.709,
        "thresholds": [0.1, 0.2, 0.3],
        "geometry": "classic",
        "stages": 2,
        "mirror": True,
        "border": 0.25,
    }
    assert Settings.from_dict(values) == settings
    assert Settings.from_dict({}) == Settings()


def test_from_dict_names_what_it_does_not_know() -> None:
    with pytest.raises(SettingsError, match="unknown settings: factor, min_size"):
        Settings.from_dict({"min_size": 20, "stages": 2, "factor": 0.7})


def test_scales_of_a_known_picture() -> None:
    scales = Settings().scales(480, 640)
    assert scales[0] == pytest.approx(0.6)
    assert len(scales) == 10  # 480 * .709 ** 9 is 21.7 pixels, and a tenth step would leave 15.4, below 20
    assert scales[9] == pytest.approx(0.6 * 0.709**9)


@pytest.mark.parametrize(("side", "levels"), [(0, 0), (1, 0), (19, 0), (20, 1), (28, 1), (29, 2)])
def test_the_smallest_pictures(side: int, levels: int) -> None:
    assert len(Settings().scales(side, 1000)) == levels
    assert len(Settings().scales(1000, side)) == levels


@given(
    st.integers(1, 6000),
    st.integers(1, 6000),
    st.floats(4, 500),
    st.floats(0.01, 0.98),
)
def test_scales_fall_from_the_first_and_hold_a_window_each(height: int, width: int, size: float, factor: float) -> None:
    settings = Settings(min_face_size=size, scale_factor=factor)
    scales = settings.scales(height, width)
    shorter = min(height, width)
    assert bool(scales) == (shorter >= settings.smallest_side)
    if not scales:
        return
    assert scales[0] == pytest.approx(CELL / size)
    assert all(second / first == pytest.approx(factor) for first, second in pairwise(scales))
    assert all(min(level_size(height, width, scale)) >= CELL for scale in scales)
    assert shorter * scales[-1] * factor < CELL * (1 + 1e-9)


@given(st.integers(1, 4000), st.integers(1, 4000))
def test_scales_know_the_shorter_side_alone(height: int, width: int) -> None:
    settings = Settings()
    assert settings.scales(height, width) == settings.scales(width, height)
    assert settings.scales(height, width) == settings.scales(min(height, width), min(height, width))


def test_level_size_rounds_up() -> None:
    assert level_size(100, 200, 0.6) == (60, 120)
    assert level_size(101, 3, 0.5) == (51, 2)
    assert level_size(1, 1, 0.001) == (1, 1)


@pytest.mark.parametrize(("size", "side"), [(20, 20), (20.2, 21), (4, 4), (12.0001, 13)])
def test_smallest_side(size: float, side: int) -> None:
    settings = Settings(min_face_size=size)
    assert settings.smallest_side == side
    assert settings.scales(side, side)
    assert not settings.scales(side - 1, side - 1)
