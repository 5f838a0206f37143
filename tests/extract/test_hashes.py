from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecascade.extract.hashes import _added_bits, bit_counts, grey, hamming_distance, perceptual_hash

BITS = st.integers(0, 2**64 - 1)


def noise(seed: int = 0, shape: tuple[int, int] = (32, 40)) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).uniform(0, 255, shape)


def test_bits_are_the_frequencies_above_their_median() -> None:
    levels = noise(1)
    rows, columns = np.mgrid[:32, :40] + 0.5
    spectrum = [
        [(levels * np.cos(np.pi * v * rows / 32) * np.cos(np.pi * u * columns / 40)).sum() for u in range(8)]
        for v in range(8)
    ]
    bits = (np.array(spectrum) > np.median(spectrum)).ravel()
    assert perceptual_hash(levels) == int("".join(str(int(bit)) for bit in bits), 2)
    assert perceptual_hash(levels).bit_count() == 32


def test_brightness_and_contrast_change_nothing() -> None:
    assert perceptual_hash(noise() * 0.5 + 60) == perceptual_hash(noise())


def test_an_even_picture_has_a_hash_too() -> None:
    assert perceptual_hash(np.zeros((8, 8))) == 0


@pytest.mark.parametrize("shape", [(7, 8), (8,), (8, 8, 3)])
def test_shapes_that_cannot_be_hashed(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="both at least 8"):
        perceptual_hash(np.zeros(shape))


@given(BITS, BITS, BITS)
def test_the_distance_is_one(a: int, b: int, c: int) -> None:
    assert hamming_distance(a, b) == hamming_distance(b, a) == bin(a ^ b).count("1") <= 64
    assert (hamming_distance(a, b) == 0) == (a == b)
    assert hamming_distance(a, c) <= hamming_distance(a, b) + hamming_distance(b, c)


def test_grey_is_weighted_as_the_eye_does() -> None:
    assert np.allclose(
        grey(np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 9, 9]]], np.uint8)), [[76.245, 149.685, 29.07, 9]]
    )


@given(st.lists(BITS))
def test_bits_are_counted_with_every_numpy(values: list[int]) -> None:
    numbers = np.array(values, np.uint64)
    expected = [value.bit_count() for value in values]
    assert bit_counts(numbers).tolist() == _added_bits(numbers).tolist() == expected
    assert bit_counts(numbers).dtype == _added_bits(numbers).dtype == np.uint8
