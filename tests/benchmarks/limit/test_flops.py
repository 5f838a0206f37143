"""Counts of operations, against a walk over every output number with the weights' own shapes."""

from __future__ import annotations

import math

import pytest

from benchmarks.limit.flops import onet_flops, pnet_flops, pyramid_flops, rnet_flops
from facecascade.settings import Settings, level_size
from facecascade.weights import Weights

TENSORS = Weights.load().tensors
POOLS = {"pnet": [2, None, None], "rnet": [3, 3, None], "onet": [3, 3, 2, None]}
"""Side of the pool after each convolution, as `facecascade.engines.reference` has them."""


def windows(size: int, kernel: int) -> int:
    """Places of a kernel, counted one by one."""
    return sum(start + kernel <= size for start in range(size))


def pool(size: int, kernel: int) -> int:
    """Windows of a pool of stride 2 that between them see every pixel."""
    count, seen = 0, 0
    while seen < size:
        seen = 2 * count + kernel
        count += 1
    return count


def brute(name: str, height: int, width: int) -> int:
    multiplications = 0
    for i, pooled in enumerate(POOLS[name], start=1):
        kernel, _, inputs, outputs = TENSORS[f"{name}.conv{i}.weight"].shape
        height, width = windows(height, kernel), windows(width, kernel)
        for _ in range(height * width):
            multiplications += kernel * kernel * inputs * outputs
        if pooled:
            height, width = pool(height, pooled), pool(width, pooled)
    if f"{name}.dense.weight" in TENSORS:
        multiplications += TENSORS[f"{name}.dense.weight"].size
        assert TENSORS[f"{name}.dense.weight"].shape[0] == height * width * outputs
        height = width = 1
    heads = sum(TENSORS[key].size for key in TENSORS if key.startswith(name) and key.split(".")[1:] in HEADS)
    return 2 * (multiplications + heads * height * width)


HEADS = [["score", "weight"], ["box", "weight"], ["landmarks", "weight"]]


@pytest.mark.parametrize(("height", "width"), [(12, 12), (11, 11), (13, 40), (37, 64), (100, 81)])
def test_pnet_over_a_level(height: int, width: int) -> None:
    assert pnet_flops(height, width) == brute("pnet", height, width)


def test_a_single_window_of_pnet() -> None:
    assert pnet_flops(12, 12) == 2 * (100 * 270 + 9 * 1440 + 4608 + 192)


def test_levels_too_small_for_a_window_are_nothing() -> None:
    assert pnet_flops(10, 500) == pnet_flops(500, 10) == 0


def test_rnet_and_onet() -> None:
    assert rnet_flops() == brute("rnet", 24, 24)
    assert onet_flops() == brute("onet", 48, 48)


def test_a_pyramid_is_the_sum_of_its_levels() -> None:
    settings = Settings(min_face_size=20)
    sizes = [level_size(90, 130, scale) for scale in settings.scales(90, 130)]
    assert len(sizes) == 5
    assert pyramid_flops(90, 130, settings) == sum(brute("pnet", *size) for size in sizes)


def test_half_the_face_size_is_about_four_times_the_work() -> None:
    ratio = pyramid_flops(1080, 1920, Settings(min_face_size=10)) / pyramid_flops(
        1080, 1920, Settings(min_face_size=20)
    )
    assert math.isclose(ratio, 4, rel_tol=0.02)
