from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from facecascade.errors import SettingsError
from facecascade.extract import duplicates, hamming_distance, near_duplicates
from facecascade.extract.hashes import bit_counts

Hashes = NDArray[np.uint64]
ANY = st.integers(0, 2**64 - 1)
ALIKE = st.integers(0, 2**6 - 1).map(lambda low: (low << 40) | (low & 3))
LISTS = st.lists(ANY | ALIKE | st.sampled_from([0, 2**64 - 1, 1 << 63, 2**32 - 1]), max_size=60)


def by_the_rule(hashes: Any, distance: int) -> list[int]:
    """The rule as it is written down, face by face."""
    found: list[int] = []
    for place, value in enumerate(hashes):
        before = (earlier for earlier in range(place) if found[earlier] < 0)
        near = (earlier for earlier in before if hamming_distance(int(hashes[earlier]), int(value)) <= distance)
        found.append(next(near, -1))
    return found


def crowd(count: int, *, centres: int, flips: int, seed: int = 0) -> Hashes:
    """Hashes around a few, each with up to so many bits changed."""
    random = np.random.default_rng(seed)
    values = random.integers(0, 2**64, centres, dtype=np.uint64)[random.integers(0, centres, count)]
    for _ in range(flips):
        values ^= np.uint64(1) << random.integers(0, 64, count, dtype=np.uint64)
    return values


def as_hashes(values: list[int]) -> Hashes:
    return np.array(values, np.uint64)


@given(LISTS, st.integers(0, 64))
def test_it_is_the_rule(values: list[int], distance: int) -> None:
    found = near_duplicates(as_hashes(values), distance=distance)
    assert found.dtype == np.int64
    assert found.tolist() == by_the_rule(values, distance)


@pytest.mark.parametrize("distance", [1, 2, 4, 7])
@pytest.mark.parametrize(("centres", "flips"), [(1, 3), (1, 8), (20, 2), (1500, 5)])
def test_crowds_of_near_hashes(centres: int, flips: int, distance: int, monkeypatch: pytest.MonkeyPatch) -> None:
    values = crowd(1500, centres=centres, flips=flips)
    expected = by_the_rule(values.tolist(), distance)
    assert near_duplicates(values, distance=distance).tolist() == expected
    monkeypatch.setattr(duplicates, "CANDIDATES", 100)
    monkeypatch.setattr(duplicates, "SMALL", 4)
    assert near_duplicates(values, distance=distance).tolist() == expected


@pytest.mark.parametrize("blocks", [0, 5, 6, 7, 9])
def test_every_way_to_cut_the_bits_finds_each_pair_once(blocks: int) -> None:
    values = np.unique(crowd(400, centres=100, flips=3))
    tables = duplicates.cut_tables(blocks, 4)
    parts = duplicates.near_pairs(values, 4, tables=tables)
    pairs = [pair for earlier, later in parts for pair in zip(earlier.tolist(), later.tolist(), strict=True)]
    apart = bit_counts(values[:, np.newaxis] ^ values)
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == set(map(tuple, np.argwhere(np.triu(apart <= 4, 1)).tolist()))


def test_a_large_crowd_and_many_others() -> None:
    random = np.random.default_rng(2)
    values = np.concatenate([crowd(30_000, centres=3, flips=2), random.integers(0, 2**64, 30_000, dtype=np.uint64)])
    values = random.permutation(values)
    found = near_duplicates(values, distance=4)
    standing = np.flatnonzero(found < 0)
    # Within 4 bits of a centre, and so of its first face within 4: one stands for each crowd.
    assert len(standing) == 30_003
    later = np.flatnonzero(found >= 0)
    assert bit_counts(values[later] ^ values[found[later]]).max() <= 4
    assert set(found[later]) <= set(standing)


@pytest.mark.parametrize("value", [0, 2**64 - 1])
def test_many_copies_of_one_face(value: int) -> None:
    assert near_duplicates(np.full(100_000, value, np.uint64)).tolist() == [-1] + [0] * 99_999


@given(LISTS, st.integers(0, 12), st.data())
@settings(max_examples=50)
def test_what_comes_later_changes_nothing_before(values: list[int], distance: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(values)))
    whole = near_duplicates(as_hashes(values), distance=distance)
    assert near_duplicates(as_hashes(values[:cut]), distance=distance).tolist() == whole[:cut].tolist()


@given(LISTS, ANY, st.integers(0, 8))
@settings(max_examples=50)
def test_which_bits_differ_does_not_matter(values: list[int], flips: int, distance: int) -> None:
    hashes = as_hashes(values)
    found = near_duplicates(hashes, distance=distance).tolist()
    assert near_duplicates(hashes ^ np.uint64(flips), distance=distance).tolist() == found
    turned = (hashes << np.uint64(13)) | (hashes >> np.uint64(51))
    assert near_duplicates(turned, distance=distance).tolist() == found


def test_a_chain_has_several_representatives() -> None:
    chain = [(1 << links) - 1 for links in range(0, 24, 3)]  # each 3 bits from the next
    assert near_duplicates(as_hashes(chain), distance=4).tolist() == [-1, 0, -1, 2, -1, 4, -1, 6]


def test_the_earliest_representative_not_the_nearest() -> None:
    assert near_duplicates(as_hashes([0, 0b11111, 0b1111]), distance=4).tolist() == [-1, -1, 0]


def test_no_faces_and_one() -> None:
    assert near_duplicates(np.zeros(0, np.uint64)).shape == (0,)
    assert near_duplicates([]).dtype == np.int64
    assert near_duplicates([7]).tolist() == [-1]
    assert near_duplicates([7, 7], distance=0).tolist() == [-1, 0]
    assert near_duplicates(as_hashes([0, 2**64 - 1]), distance=64).tolist() == [-1, 0]


@pytest.mark.parametrize("distance", [-1, 65, 4.0, True, None])
def test_distances_that_cannot_be(distance: Any) -> None:
    with pytest.raises(SettingsError, match="expected distance as a whole number from 0 to 64"):
        near_duplicates([1], distance=distance)


@pytest.mark.parametrize("hashes", [np.zeros(3), np.zeros((2, 2), np.uint64), [-1, 2], [True], [0, 2**64 - 1]])
def test_hashes_that_are_none(hashes: Any) -> None:
    with pytest.raises(ValueError, match="expected hashes"):
        near_duplicates(hashes)
