"""Where crops go."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as some

from facecascade.distributed.places import Place
from facecascade.distributed.sinks import FileSink, ShardSink

PARTS = some.text("ab.%2E5", min_size=1, max_size=6)


def members(data: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(data)) as shard:
        files = ((info.name, shard.extractfile(info)) for info in shard.getmembers())
        return {name: file.read() for name, file in files if file is not None}


def test_files_are_there_at_once_on_this_machine(tmp_path: Path) -> None:
    sink = FileSink(Place(tmp_path), pictures=2)
    sink.add(["a/b_00.jpg", "a/b_01.jpg"], [b"1", b"2"])
    assert (tmp_path / "a" / "b_01.jpg").read_bytes() == b"2"
    assert not sink.is_full
    sink.add([], [])
    assert sink.is_full
    sink.commit()
    assert not sink.is_full


def test_files_elsewhere_are_there_after_the_commit() -> None:
    place = Place("memory://sinks")
    sink = FileSink(place, pictures=99)
    for number in range(40):
        sink.add([f"{number:02d}.jpg"], [bytes([number])])
    sink.commit()
    assert [place.get(name) for name in place.names("")] == [bytes([number]) for number in range(40)]


def test_shards_are_complete_and_numbered(tmp_path: Path) -> None:
    place = Place(tmp_path)
    sink = ShardSink(place, name="u", shard_bytes=10)
    name_for = sink.named(lambda key, _path: f"d/{key}")
    assert name_for("v1.5%", "") == "shards/u-0000.tar/d/v1%2E5%25"
    sink.add([f"{name_for('v1.5%', '')}_00.jpg"], [b"12345"])
    assert not sink.is_full
    sink.add([f"{name_for('b', '')}_00.jpg", f"{name_for('b', '')}_01.jpg"], [b"123", b"12"])
    assert sink.is_full
    assert list(place.names("")) == []
    sink.commit()
    sink.commit()
    assert name_for("c", "") == "shards/u-0001.tar/d/c"
    assert list(place.names("")) == ["shards/u-0000.tar"]
    assert members(place.get("shards/u-0000.tar")) == {
        "d/v1%2E5%25_00.jpg": b"12345",
        "d/b_00.jpg": b"123",
        "d/b_01.jpg": b"12",
    }


@given(some.lists(PARTS, min_size=1, max_size=3).map("/".join))
def test_plain_names_come_back(name: str) -> None:
    sink = ShardSink(object.__new__(Place), name="u", shard_bytes=1)
    there = sink.named(lambda key, _path: key)(name, "")
    assert "." not in there.rpartition("/")[2]
    assert sink.plain(there) == name
