"""The programs that measure hashes and duplicates, on numbers made here."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.duplicates import KINDS, measure
from benchmarks.hashes import alike, copies, distances_apart, hashes_of, pairs, photograph
from facecascade import Faces
from facecascade.extract import near_duplicates, perceptual_hash
from facecascade.extract.hashes import bit_counts, spectrum


def spectra(count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    random = np.random.default_rng(0)
    middle = random.uniform(0, 255, (16, 16))
    return np.array([spectrum(middle + random.normal(0, 20, (16, 16))) for _ in range(count)])


def test_hashes_of_spectra_are_those_of_pictures() -> None:
    levels = np.random.default_rng(0).uniform(0, 255, (3, 32, 40))
    assert hashes_of(np.array([spectrum(one) for one in levels])).tolist() == [perceptual_hash(one) for one in levels]


def test_faces_that_nobody_has_are_as_alike_as_the_real_ones() -> None:
    real, made = hashes_of(spectra(400)), alike(spectra(400), count=400)
    means = [bit_counts(hashes[:, np.newaxis] ^ hashes).mean() for hashes in (real, made)]
    assert means[0] < 25
    assert means[1] == pytest.approx(means[0], rel=0.15)
    assert alike(spectra(400), count=70_000).shape == (70_000,)


def test_one_photograph_in_two_files_does_not_count_as_different_faces() -> None:
    hashes = np.array([0, 1, 3, 7], np.uint64)
    assert distances_apart(hashes, ["1234567_1", "1234567_1", "1234567_2", "other_2"]).tolist() == [1, 3, 2, 1]
    assert [photograph(name) for name in ("1234567_1", "group_2", "12_1")] == ["1234567", "group_2", "12_1"]


def test_copies_are_as_large_as_they_say() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    made = list(copies(picture))
    assert len({name for name, _, _ in made}) == len(made) == 6
    for _, pixels, scale in made:
        assert pixels.shape == (round(60 * scale), round(80 * scale), 3)
        assert abs(pixels.mean() - picture.mean()) < 40


def test_faces_are_found_again_in_the_copy() -> None:
    faces = Faces(np.array([[0, 0, 20, 20], [50, 50, 70, 70]], np.float32), np.ones(2, np.float32))
    again = Faces(np.array([[26, 25, 35, 35], [90, 0, 99, 9]], np.float32), np.ones(2, np.float32))
    assert list(pairs(faces, again, 0.5)) == [(1, 0)]
    assert list(pairs(faces, again[:0], 0.5)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_hashes_can_be_measured(kind: str) -> None:
    hashes = KINDS[kind](np.random.default_rng(0), 3000)
    assert hashes.shape == (3000,)
    assert hashes.dtype == np.uint64
    assert measure(kind, 3000, 4)["duplicates"] == (near_duplicates(hashes, distance=4) >= 0).sum()
