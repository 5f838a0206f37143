"""Faces that the tests of several formats write, and names that formats stumble over."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import pytest

from facecascade.faces import Faces

ODD_NAMES = [
    "名前/é.jpg",
    'a "quoted", name.jpg',
    "new\nline.jpg",
    " blanks .jpg",
    os.fsdecode(b"\xff\xfe.jpg"),
    "=1+1",
    "no suffix",
    "a.b.c.jpg",
]


@pytest.fixture(params=ODD_NAMES, ids=ascii)
def odd_name(request: pytest.FixtureRequest) -> str:
    """One name after the other."""
    name: str = request.param
    return name


@pytest.fixture
def some_faces() -> Callable[..., Faces]:
    """Makes faces inside a picture of 640 x 480, the same for the same arguments."""

    def make(count: int = 3, *, landmarks: bool = True, seed: int = 5) -> Faces:
        numbers = np.random.default_rng(seed)
        corners = numbers.uniform(0, 400, (count, 2))
        boxes = np.concatenate([corners, corners + numbers.uniform(10, 79, (count, 2))], axis=1)
        points = numbers.uniform(0, 479, (count, 5, 2)).astype(np.float32) if landmarks else None
        return Faces(boxes.astype(np.float32), numbers.uniform(0.7, 1, count).astype(np.float32), points)

    return make
