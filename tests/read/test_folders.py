"""The picture files of folders."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from facecascade.errors import ImageError
from facecascade.read import SUFFIXES, find_pictures


@pytest.fixture
def album(tmp_path: Path) -> Path:
    names = [
        "b.jpg",
        "a.JPG",
        "notes.txt",
        "c.jpg.part",
        "noext",
        ".hidden.jpg",
        "._b.jpg",
        "img10.png",
        "img2.png",
        "sub/z.webp",
        "sub/deep/y.tiff",
        "a.folder.jpg/x.bmp",
        ".thumbnails/t.jpg",
        "empty/readme",
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def relative(found: list[Path], folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in found]


def test_a_folder_is_searched_files_first_both_sorted(album: Path) -> None:
    assert relative(find_pictures(album), album) == [
        "a.JPG",
        "b.jpg",
        "img10.png",
        "img2.png",
        "a.folder.jpg/x.bmp",
        "sub/z.webp",
        "sub/deep/y.tiff",
    ]


def test_not_recursive_stays_in_the_folder(album: Path) -> None:
    assert relative(find_pictures([album], recursive=False), album) == ["a.JPG", "b.jpg", "img10.png", "img2.png"]


def test_files_named_are_kept_whatever_they_are_called(album: Path) -> None:
    named = [album / "notes.txt", album / ".hidden.jpg", album / "noext"]
    assert find_pictures(named) == named


def test_a_hidden_folder_is_searched_if_it_is_named(album: Path) -> None:
    assert relative(find_pictures(album / ".thumbnails"), album) == [".thumbnails/t.jpg"]


def test_the_order_of_the_arguments_is_kept_and_each_path_comes_once(album: Path) -> None:
    found = find_pictures([album / "sub", str(album / "b.jpg"), album, album / "b.jpg"])
    assert relative(found, album)[:3] == ["sub/z.webp", "sub/deep/y.tiff", "b.jpg"]
    assert len(found) == len(set(found)) == 7


def test_one_path_may_be_text_and_relative(album: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(album)
    assert find_pictures("sub") == [Path("sub/z.webp"), Path("sub/deep/y.tiff")]
    assert find_pictures(".")[0] == Path("a.JPG")


def test_any_iterable_will_do_and_nothing_gives_nothing(album: Path) -> None:
    assert find_pictures(path for path in (album / "b.jpg",)) == [album / "b.jpg"]
    assert find_pictures([]) == []
    assert find_pictures(album / "empty") == []


def test_a_missing_path_is_named(album: Path) -> None:
    with pytest.raises(ImageError, match=r"none\.jpg: expected a file or a folder, got nothing of that name"):
        find_pictures([album / "b.jpg", album / "none.jpg"])


def test_a_broken_link_is_missing_if_named_and_kept_if_found(album: Path) -> None:
    link = album / "sub" / "gone.jpg"
    link.symlink_to(album / "nowhere.jpg")
    with pytest.raises(ImageError, match=r"gone\.jpg: expected"):
        find_pictures(link)
    assert link in find_pictures(album)  # reading it says what is wrong


def test_links_in_circles_end(album: Path) -> None:
    (album / "sub" / "up").symlink_to(album, target_is_directory=True)
    (album / "sub" / "self").symlink_to(album / "sub" / "self", target_is_directory=True)
    assert len(find_pictures(album)) == 7


def test_links_to_folders_are_followed_if_named_and_links_to_files_always(
    album: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "folder").symlink_to(album / "sub", target_is_directory=True)
    (other / "file.jpg").symlink_to(album / "b.jpg")
    assert relative(find_pictures(other), other) == ["file.jpg"]
    assert relative(find_pictures(other / "folder"), other) == ["folder/z.webp", "folder/deep/y.tiff"]


def test_a_folder_that_cannot_be_listed_is_named(album: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked, scandir = str(album / "sub"), os.scandir

    def refuse(path: str) -> object:
        if os.fspath(path) == locked:
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(
        ImageError, match=r"sub: expected a folder that can be listed, got: Permission denied"
    ) as caught:
        find_pictures(album)
    assert isinstance(caught.value.__cause__, PermissionError)


def test_the_result_does_not_depend_on_the_order_of_the_disk(album: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir, found = os.scandir, find_pictures(album)

    @contextmanager
    def shuffled(path: str) -> Iterator[list[os.DirEntry[str]]]:
        with scandir(path) as listing:
            yield sorted(listing, key=lambda entry: entry.name[::-1], reverse=True)

    monkeypatch.setattr(os, "scandir", shuffled)
    assert find_pictures(album) == found


def test_suffixes_are_what_pillow_reads_or_a_plugin_must() -> None:
    Image.init()
    assert isinstance(SUFFIXES, frozenset)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in SUFFIXES)
    readable = {suffix for suffix, name in Image.registered_extensions().items() if name in Image.OPEN or name == "MPO"}
    assert SUFFIXES - readable <= {".heic", ".heif", ".avif", ".qoi", ".pfm"}
    assert {".jpg", ".jpeg", ".png", ".webp", ".heic", ".tif", ".bmp", ".gif"} <= SUFFIXES
    assert not SUFFIXES & {".eps", ".pdf", ".svg", ".mp4", ".ico", ".txt"}
