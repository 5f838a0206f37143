"""Shards: each key is in one, and the same on every machine."""

from collections import Counter

import pytest

from facecascade.errors import SettingsError
from facecascade.extract import Shard


def test_each_key_is_in_one_shard_of_about_the_same_size() -> None:
    keys = [f"folder/{number}.jpg" for number in range(8000)]
    held = Counter(number for key in keys for number in range(1, 9) if Shard(number, 8).holds(key))
    assert sum(held.values()) == len(keys)
    assert all(850 < held[number] < 1150 for number in range(1, 9)), held


def test_shards_stay_as_they_are() -> None:
    assert [next(n for n in range(1, 17) if Shard(n, 16).holds(key)) for key in ("a.jpg", "名/b.jpg", "c\udcff")] == [
        10,
        16,
        1,
    ]


@pytest.mark.parametrize("text", ["3", "0/4", "5/4", "1/0", "a/b", "1/2/3", "-1/4", ""])
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(SettingsError, match="expected a shard"):
        Shard.parse(text)


def test_text_and_back() -> None:
    assert str(Shard.parse("3/16")) == "3/16"
    assert Shard.parse("3/16") == Shard(3, 16)
