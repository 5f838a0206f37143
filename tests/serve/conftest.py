"""A service that most tests share, and pictures to send."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.serve.serving import encoded, serving

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    """A client of a service with the usual settings."""
    with serving() as client:
        yield client


@pytest.fixture(scope="session")
def portrait(astronaut: Pixels) -> Pixels:
    """(256, 256, 3): one face."""
    return np.asarray(Image.fromarray(astronaut).resize((256, 256)))


@pytest.fixture(scope="session")
def portrait_jpeg(portrait: Pixels) -> bytes:
    """The same as a JPEG."""
    return encoded(portrait, "JPEG", quality=90)


@pytest.fixture(scope="session")
def small_group(group: Pixels) -> Pixels:
    """(450, 700, 3): some twenty faces of many sizes."""
    return np.asarray(Image.fromarray(group).resize((700, 450)))


@pytest.fixture(scope="session")
def noise_png() -> bytes:
    """A picture without faces."""
    return encoded(np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8))
