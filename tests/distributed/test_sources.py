"""Pictures behind a URL: the order and the rules of folders."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from tests.extract.rows import put

from facecascade.distributed.places import Place
from facecascade.distributed.sources import Stored, find_source, stored_entry
from facecascade.errors import ImageError, SettingsError
from facecascade.extract import Inputs
from facecascade.read import find_entries, read_picture

FILES = ("b.jpg", "a.PNG", ".h.jpg", "notes.txt", "d/z.jpg", "d/e/y.webp", ".git/x.jpg", "B/c.jpg", "t.tar", "v.zip")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The same files in a folder of this machine, `tmp_path`/in, and behind the URL."""
    address = f"memory://{uuid.uuid4().hex}/in"
    for number, name in enumerate(FILES):
        put(tmp_path / "in" / name, 1, number)
        Place(address).put(name, (tmp_path / "in" / name).read_bytes())
    return address


def names(source: Stored) -> list[str]:
    return [entry.id.removeprefix(f"{source.root.spelled}/") for entry, _ in source.looked()]


def test_a_folder_is_searched_as_on_this_machine(tmp_path: Path, url: str) -> None:
    here = [entry.id.removeprefix(f"{tmp_path / 'in'}/") for entry in find_entries(tmp_path / "in")]
    assert names(Stored(url)) == here == ["a.PNG", "b.jpg", "B/c.jpg", "d/z.jpg", "d/e/y.webp"]


@pytest.mark.parametrize(
    "pattern", ["*.jpg", "d/*", "**/*.jpg", "**/y.webp", "[ab].*", "*.t[ax]r", ".git/*", "?.jpg", "**", "*/e/*"]
)
def test_patterns_match_as_on_this_machine(tmp_path: Path, url: str, pattern: str) -> None:
    if "?" in pattern:
        pytest.skip("in a URL the question mark begins the query")
    here = {entry.id.removeprefix(f"{tmp_path / 'in'}/") for entry in find_entries(str(tmp_path / "in" / pattern))}
    there = Stored(f"{url}/{pattern}")
    found = {name for entry, _ in there.looked() for name in [entry.id.removeprefix(f"{url}/")]}
    assert found == here


def test_a_file_alone(url: str) -> None:
    source = Stored(f"{url}/d/z.jpg")
    ((entry, stamp),) = source.looked()
    assert entry.id == f"{url}/d/z.jpg"
    assert source.root.key(entry.id) == "z.jpg"
    assert stamp is not None
    assert read_picture(entry).shape == (80, 100, 3)


def test_what_matches_nothing_is_an_error_that_says_so(url: str) -> None:
    ((entry, stamp),) = Stored(f"{url}/none/*.jpg").looked()
    assert stamp is None
    with pytest.raises(ImageError, match="matches none"):
        entry.read()
    assert list(Stored(f"{url}/empty").looked()) == []


def test_pictures_are_fetched_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(url)
    entry = stored_entry(place, "b.jpg", "picture")
    before = place.get("b.jpg")
    place.remove("b.jpg")
    with pytest.raises(ImageError, match=r"b\.jpg: expected a file that can be read"):
        entry.open()
    place.put("b.jpg", before)
    assert entry.open().read() == before
    place.remove("b.jpg")
    assert entry.open().read() == before


def test_a_video_behind_a_url_is_an_error_that_says_so(url: str) -> None:
    with pytest.raises(ImageError, match="expected a video on a file system of the machine"):
        stored_entry(Place(url), "v.mp4", "video").read()


def test_paths_and_urls(tmp_path: Path, url: str) -> None:
    assert isinstance(find_source(tmp_path / "in", output=tmp_path / "out"), Inputs)
    assert isinstance(find_source([f"file://{tmp_path}/in"], output=tmp_path / "out"), Inputs)
    assert isinstance(find_source(url, output=tmp_path / "out"), Stored)
    with pytest.raises(SettingsError, match="expected one URL"):
        find_source([url, tmp_path / "in"], output=tmp_path / "out")
    with pytest.raises(SettingsError, match="apart from the pictures"):
        find_source(tmp_path / "in", output=tmp_path / "in")
