"""Files by path and by URL: whole or not at all, listed in order."""

from __future__ import annotations

import pickle
import uuid
from pathlib import Path

import pytest

from facecascade.distributed.places import Found, Place, is_url
from facecascade.errors import SettingsError


@pytest.fixture(params=["local", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A folder of this machine, and one of fsspec's."""
    if request.param == "local":
        return Place(tmp_path / "here")
    return Place(f"memory://{uuid.uuid4().hex}")


def test_what_is_put_is_there(place: Place) -> None:
    assert place.listed() == []
    place.put("b/c.txt", b"one")
    place.put("b/c.txt", b"two")
    place.put("a.txt", b"")
    assert place.get("b/c.txt") == b"two"
    assert [(found.name, found.is_folder) for found in place.listed()] == [("a.txt", False), ("b", True)]
    assert list(place.names("")) == ["a.txt", "b/c.txt"]
    assert list((place / "b").names("")) == ["c.txt"]
    assert place.has("a.txt")
    assert not place.has("b")
    with place.open("b/c.txt") as file:
        assert (file.read(1), file.seek(0), file.read()) == (b"t", 0, b"two")


def test_what_is_removed_is_gone(place: Place) -> None:
    for name in ("a.txt", "b/c.txt", "b/d/e.txt"):
        place.put(name, b"x")
    place.remove("a.txt")
    place.remove("never.txt")
    place.remove_folder("b")
    place.remove_folder("none")
    assert list(place.names("")) == []
    assert place.listed("b", deep=True) == []


def test_no_half_of_a_file_is_left(tmp_path: Path) -> None:
    place = Place(tmp_path)
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="a"):
        place.put("a", b"a folder has this name")
    assert place.listed() == [Found("a", is_folder=True, stamp=None)]


def test_stamps_are_those_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    stamp = Place(tmp_path).stamp("a")
    status = (tmp_path / "a").stat()
    assert stamp is not None
    assert tuple(stamp) == (5, status.st_mtime_ns)
    assert Place(tmp_path).stamp("b") is None


def test_a_place_may_be_pickled(tmp_path: Path) -> None:
    Place(tmp_path).put("a", b"1")
    assert pickle.loads(pickle.dumps(Place(tmp_path))).get("a") == b"1"


def test_paths_and_urls() -> None:
    assert not is_url("photos")
    assert not is_url("C:/photos")
    assert is_url("s3://bucket")
    assert Place("file:///somewhere/else").url == "/somewhere/else"
    with pytest.raises(SettingsError, match="file system that pyarrow or fsspec knows"):
        Place("nonsense://bucket")
