"""Few shapes for all sizes, and things that are made once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecascade.engines.keras.batches import batches
from facecascade.engines.keras.buckets import bucket_count, bucket_side, power_of_two
from facecascade.engines.keras.kept import Kept
from facecascade.engines.keras.levels import BLOCK, axis
from facecascade.engines.reference import level_weights
from facecascade.settings import Settings


@given(st.integers(1, 20_000))
def test_a_bucket_holds_its_side_and_little_more(side: int) -> None:
    bucket = bucket_side(side)
    assert side <= bucket
    assert bucket == 32 or bucket <= side * 1.125 + 1
    assert bucket_side(bucket) == bucket


def test_there_are_few_buckets_and_common_sides_are_some() -> None:
    assert len({bucket_side(side) for side in range(1, 4097)}) == 57
    for side in (240, 320, 480, 640, 768, 960, 1280, 1920, 3840):
        assert bucket_side(side) == side
    assert bucket_side(720) == 768
    assert bucket_side(1080) == 1152


@given(st.integers(0, 100_000), st.sampled_from([1, 16, 64]))
def test_a_count_is_rounded_up_by_less_than_a_half(count: int, least: int) -> None:
    room = bucket_count(count, least=least)
    assert max(count, least) <= room <= max(least * 2, count * 1.5)
    assert room <= power_of_two(count, least=least)


def test_batches_hold_each_picture_once() -> None:
    random = np.random.default_rng(1)
    pictures = [np.full((*random.integers(10, 90, 2), 3), k + 1, np.uint8) for k in range(40)]
    settings = Settings(min_face_size=20)
    made = list(batches(pictures, settings, pixels=20_000))
    places = sorted(place for batch in made for place in batch.places)
    assert places == [k for k, picture in enumerate(pictures) if min(picture.shape[:2]) >= 20]
    for batch in made:
        count = len(batch.pictures)
        assert count == power_of_two(len(batch.places))
        assert count == 1 or batch.pictures.size <= 3 * 20_000
        assert (batch.sizes[len(batch.places) :] == 0).all()
        for position, place in enumerate(batch.places):
            height, width = pictures[place].shape[:2]
            assert batch.sizes[position].tolist() == [height, width]
            assert (batch.pictures[position, :height, :width] == place + 1).all()
            assert batch.pictures[position].sum() == height * width * 3 * (place + 1)


@given(st.integers(12, 300), st.integers(0, 40), st.floats(0.05, 2))
def test_blocks_of_an_axis_hold_all_its_weights(size: int, more: int, scale: float) -> None:
    bucket = size + more
    cells = int(np.ceil(size * scale))
    found = axis(size, bucket=bucket, scale=scale)
    dense = np.zeros((len(found.starts) * BLOCK, bucket))
    for block, (start, weights) in enumerate(zip(found.starts, found.weights, strict=True)):
        dense[block * BLOCK : (block + 1) * BLOCK, start : start + weights.shape[1]] = weights
    assert np.array_equal(dense[:cells, :size], level_weights(size, cells))
    assert not dense[cells:].any()
    assert not dense[:, size:].any()


def test_what_is_kept_is_made_once_by_however_many_threads() -> None:
    made: list[int] = []
    kept: Kept[object] = Kept(3)

    def make() -> object:
        made.append(1)
        return object()

    def value(key: int) -> object:
        return kept.get(key, make)

    with ThreadPoolExecutor(16) as pool:
        values = list(pool.map(value, [1] * 64))
    assert made == [1]
    assert len(set(map(id, values))) == 1


def test_what_was_used_last_is_kept() -> None:
    kept: Kept[int] = Kept(2)
    for key in (1, 2, 1, 3):
        kept.get(key, lambda key=key: key * 10)  # type: ignore[misc]
    assert kept.values() == [10, 30]
    assert kept.get(2, lambda: 7) == 7
    kept.clear()
    assert kept.values() == []


def test_what_could_not_be_made_is_not_kept() -> None:
    kept: Kept[int] = Kept(2)
    with pytest.raises(ZeroDivisionError):
        kept.get(1, lambda: 1 // 0)
    assert kept.get(1, lambda: 5) == 5
