"""Inputs, as people name them, to entries."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facecascade.errors import ImageError
from facecascade.read import Entry, find_entries

FILES = ("a.jpg", "b.txt", "sub/a.jpg", "sub/deep/c.png", "album.zip", "clip.MP4", "old.tar.gz", ".hid/x.jpg")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    put(tmp_path, *FILES)
    return tmp_path


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def ids(*inputs: str, stdin: bytes = b"") -> list[str]:
    return [entry.id for entry in find_entries(inputs, stdin=io.BytesIO(stdin))]


def error(entry: Entry) -> str:
    assert entry.kind == "error"
    with pytest.raises(ImageError) as caught:
        entry.read()
    return str(caught.value)


def test_folders_are_searched_for_pictures_alone(folder: Path) -> None:
    assert ids(".") == ["a.jpg", "sub/a.jpg", "sub/deep/c.png"]
    assert ids(str(folder)) == [f"{folder}/{name}" for name in ("a.jpg", "sub/a.jpg", "sub/deep/c.png")]
    assert ids("sub/", "./sub//deep") == ["sub/a.jpg", "sub/deep/c.png"]


def test_one_input_need_not_be_in_a_list(folder: Path) -> None:
    assert (
        [entry.id for entry in find_entries(Path("sub"))] == ids("sub") == [entry.id for entry in find_entries("sub")]
    )
    assert list(find_entries([])) == []


def test_kinds_of_what_is_named(folder: Path) -> None:
    kinds = {entry.id: entry.kind for entry in find_entries(["album.zip", "clip.MP4", "old.tar.gz", "b.txt", "no.mov"])}
    assert kinds == {
        "album.zip": "zip",
        "clip.MP4": "video",
        "old.tar.gz": "tar",
        "b.txt": "picture",
        "no.mov": "video",
    }


def test_each_path_once_however_it_is_named(folder: Path) -> None:
    assert ids("sub/a.jpg", "sub", f"{folder}/sub", "*/a.jpg") == ["sub/a.jpg", "sub/deep/c.png"]


def test_patterns_name_files_and_folders(folder: Path) -> None:
    assert ids("**/*.jpg") == ["a.jpg", "sub/a.jpg"]
    assert ids("su?") == ["sub/a.jpg", "sub/deep/c.png"]
    assert ids("*.[mM][pP]4", "*.zip") == ["clip.MP4", "album.zip"]


def test_a_path_that_exists_wins_over_its_other_meanings(folder: Path) -> None:
    put(folder, "[a].jpg", "@list.jpg", "x*y/b.jpg", "xzy/c.jpg")
    assert ids("[a].jpg") == ["[a].jpg"]
    assert ids("@list.jpg") == ["@list.jpg"]
    assert ids("x*y") == ["x*y/b.jpg"]


def test_a_pattern_that_matches_nothing_is_an_error(folder: Path) -> None:
    (entry,) = find_entries(["*.gif"])
    assert error(entry) == "*.gif: expected a pattern that matches files, got one that matches none"


def test_what_does_not_exist_is_for_the_reader_to_say(folder: Path) -> None:
    (entry,) = find_entries(["none.jpg"])
    with pytest.raises(ImageError, match=r"^none\.jpg: expected a file that can be read, got: No such file"):
        entry.read()


def test_lists_hold_paths_from_their_own_folder(folder: Path) -> None:
    (folder / "sub" / "list").write_bytes(b"a.jpg\ndeep\n../album.zip\nnone.jpg\n*.png\n@list\n")
    assert ids("@sub/list") == [
        "sub/a.jpg",
        "sub/deep/c.png",
        "sub/../album.zip",
        "sub/none.jpg",
        "sub/*.png",
        "sub/@list",
    ]


def test_standard_input_holds_paths_from_here(folder: Path) -> None:
    assert ids("-", stdin=b"a.jpg\nsub\n") == ["a.jpg", "sub/a.jpg", "sub/deep/c.png"]
    assert ids("-", stdin=b"two\nlines.jpg\0sub/a.jpg\0") == [r"two\x0alines.jpg", "sub/a.jpg"]
    assert ids("-") == []


def test_a_list_that_cannot_be_read_stops_nothing(folder: Path) -> None:
    (folder / "long").write_bytes(b"a.jpg\n" + b"x" * 200_000)
    missing, first, broken, folder_, last = find_entries(["@none", "@long", "@sub", "sub/a.jpg"])
    assert error(missing) == "none: expected a list of paths that can be read, got: No such file or directory"
    assert (
        error(broken)
        == "long: expected a list of paths, got: expected paths of at most 65536 bytes, one a line, got a longer one"
    )
    assert error(folder_) == "sub: expected a list of paths that can be read, got: Is a directory"
    assert (first.id, last.id) == ("a.jpg", "sub/a.jpg")


def test_a_folder_that_cannot_be_listed_is_an_error_in_its_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "top/a/1.jpg", "top/b/2.jpg", "top/c/3.jpg")
    scandir = os.scandir

    def refuse(path: str) -> Iterator[os.DirEntry[str]]:
        if path == "top/b":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    first, refused, last = find_entries(["top"])
    assert (first.id, last.id) == ("top/a/1.jpg", "top/c/3.jpg")
    assert error(refused) == "top/b: expected a folder that can be listed, got: Permission denied"


def test_a_folder_that_vanishes_on_the_way_is_said(folder: Path) -> None:
    put(folder, "top/a/1.jpg", "top/b/2.jpg")
    entries = find_entries(["top"])
    assert next(entries).id == "top/a/1.jpg"
    (folder / "top/b/2.jpg").unlink()
    (folder / "top/b").rmdir()
    (gone,) = entries
    assert error(gone) == "top/b: expected a folder that can be listed, got: No such file or directory"


def test_folders_of_results_are_left_out(folder: Path) -> None:
    assert [entry.id for entry in find_entries(["."], leave_out=folder / "sub" / "deep")] == ["a.jpg", "sub/a.jpg"]
    assert [entry.id for entry in find_entries(["sub/deep"], leave_out="sub/deep")] == ["sub/deep/c.png"]


def test_links_to_files_are_followed_and_links_to_folders_where_they_are_named(folder: Path) -> None:
    (folder / "links").mkdir()
    (folder / "links" / "file.jpg").symlink_to(folder / "a.jpg")
    (folder / "links" / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    (folder / "links" / "round").symlink_to(folder / "links", target_is_directory=True)
    assert ids("links") == ["links/file.jpg", "links/gone.jpg"]
    assert ids("links/round") == ["links/round/file.jpg", "links/round/gone.jpg"]


def test_a_link_to_itself_is_read_like_a_broken_one(folder: Path) -> None:
    (folder / "sub" / "self.jpg").symlink_to(folder / "sub" / "self.jpg")
    assert ids("sub") == ["sub/a.jpg", "sub/self.jpg", "sub/deep/c.png"]
    assert ids("sub/*.jpg") == ["sub/a.jpg", "sub/self.jpg"]
    (entry,) = find_entries(["sub/self.jpg"])
    with pytest.raises(ImageError, match=r"sub/self\.jpg: expected a file that can be read, got: "):
        entry.read()


def test_pipes_are_no_pictures(folder: Path) -> None:
    os.mkfifo(folder / "sub" / "p.jpg")
    (folder / "sub" / "q.jpg").symlink_to(folder / "sub" / "p.jpg")
    assert ids("sub") == ["sub/a.jpg", "sub/deep/c.png"]


def test_nothing_is_listed_before_it_is_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[str] = []
    scandir = os.scandir

    def counted(path: str) -> Iterator[os.DirEntry[str]]:
        listed.append(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", counted)
    entries = find_entries(["."])
    assert listed == []
    next(entries)
    assert listed == ["."]


NAMES = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(st.lists(st.tuples(NAMES, NAMES), max_size=8))
def test_ids_are_unique_stable_and_sorted_by_folder(
    tmp_path_factory: pytest.TempPathFactory, names: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("names")
    for parent, name in names:
        put(folder, f"d{parent}/n{name}.jpg", f"n{name}.jpg")
    put(folder, "d/first.jpg")
    found = [entry.id for entry in find_entries([folder])]
    assert len(found) == len(set(found)) == len({(path.parent, path.name) for path in folder.rglob("*.jpg")})
    assert found == [entry.id for entry in find_entries([folder, f"{folder}/*"])]
