"""Fixtures that several tests share: the sample pictures, the original weights file, the folder of shared test data."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import hypothesis
import numpy as np
import pytest
from numpy.typing import NDArray

from scripts import convert_weights, sample_pictures

if TYPE_CHECKING:
    from tests.engines.on_backend import Remote

ROOT = Path(__file__).resolve().parents[1]
T = TypeVar("T")

# How long an example takes says more of what else the machine does than of the code.
hypothesis.settings.register_profile("without deadlines", deadline=None)
hypothesis.settings.load_profile("without deadlines")


def _fetched(fetch: Callable[[], T], what: str) -> T:
    """What `fetch` returns; where it cannot be had, a failure in CI and elsewhere a skip that says why."""
    try:
        return fetch()
    except subprocess.CalledProcessError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"{what} cannot be fetched here, and the cache does not hold it: {error}")


@pytest.fixture(scope="session")
def samples() -> dict[str, Path]:
    """Paths of the public-domain sample pictures: astronaut, grace_hopper, group."""
    return _fetched(sample_pictures.sample_pictures, "the sample pictures")


@pytest.fixture(scope="session")
def astronaut(samples: dict[str, Path]) -> NDArray[np.uint8]:
    """(512, 512, 3) uint8 RGB: NASA's portrait of Eileen Collins, one large face."""
    return _pixels(samples["astronaut"])


@pytest.fixture(scope="session")
def grace_hopper(samples: dict[str, Path]) -> NDArray[np.uint8]:
    """(600, 512, 3) uint8 RGB: the US Navy's portrait of Grace Hopper, one large face."""
    return _pixels(samples["grace_hopper"])


@pytest.fixture(scope="session")
def group(samples: dict[str, Path]) -> NDArray[np.uint8]:
    """(900, 1400, 3) uint8 RGB: a composed scene of faces of many sizes."""
    return _pixels(samples["group"])


@pytest.fixture(scope="session")
def group_faces() -> list[tuple[float, float, float, float]]:
    """About where the faces of `group` are, (x1, y1, x2, y2) in pixels; set by eye, so good for an IoU of .4."""
    return sample_pictures.face_boxes()


def _pixels(path: Path) -> NDArray[np.uint8]:
    from PIL import Image

    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


@pytest.fixture(scope="session")
def legacy_npy() -> Path:
    """The weights file of the mtcnn package that the bundled one was made from."""
    return _fetched(convert_weights.fetch, "mtcnn_weights.npy")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of shared photographs; tests that want it are skipped where it is missing."""
    path = ROOT.parent / "shared" / "data"
    if not path.is_dir():
        pytest.skip("the folder ../shared/data with test photographs is not on this machine")
    return path


@pytest.fixture(scope="session", params=["tensorflow", "jax", "torch"])
def on_keras(request: pytest.FixtureRequest) -> Iterator[Remote]:
    """A process with Keras on each of its backends, one after the other; it must have written nothing of ours."""
    from tests.engines.on_backend import Remote

    if find_spec("keras") is None or find_spec(request.param) is None:
        pytest.skip(f"keras or {request.param} is not installed in this environment")
    with Remote(request.param) as remote:
        yield remote
        assert remote.noise() == []
