"""Patterns of file names."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecascade.read.patterns import Match, fixed_part, is_pattern, matches

FILES = ("a.jpg", "b.JPG", "c.png", ".h.jpg", "x1/a.jpg", "x1/y/b.jpg", "x1/y/z/c.jpg", "x2/a.jpg", ".hid/a.jpg")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.jpg", ["a.jpg"]),
        ("?.*", ["a.jpg", "b.JPG", "c.png"]),
        ("[ac].*", ["a.jpg", "c.png"]),
        ("[!ac].*", ["b.JPG"]),
        (".*.jpg", [".h.jpg"]),
        ("*/a.jpg", ["x1/a.jpg", "x2/a.jpg"]),
        ("x*", ["x1", "x2"]),
        ("**/*.jpg", ["a.jpg", "x1/a.jpg", "x1/y/b.jpg", "x1/y/z/c.jpg", "x2/a.jpg"]),
        ("x1/**/*.jpg", ["x1/a.jpg", "x1/y/b.jpg", "x1/y/z/c.jpg"]),
        ("**/y/*.jpg", ["x1/y/b.jpg"]),
        ("x1/**", ["x1"]),
        (".hid/*", [".hid/a.jpg"]),
        ("*.gif", []),
        ("none/*.jpg", []),
        ("a.jpg/*", []),
    ],
)
def test_what_matches(folder: Path, pattern: str, expected: list[str]) -> None:
    assert [match.path for match in matches(pattern) if isinstance(match, Match)] == expected


def test_absolute_patterns(folder: Path) -> None:
    assert list(matches(f"{folder}/x?/a.jpg")) == [
        Match(f"{folder}/x1/a.jpg", is_folder=False),
        Match(f"{folder}/x2/a.jpg", is_folder=False),
    ]


def test_folders_are_told_from_files(folder: Path) -> None:
    (folder / "x3").symlink_to(folder / "x1", target_is_directory=True)
    (folder / "x4").touch()
    found = {match.path: match.is_folder for match in matches("x?") if isinstance(match, Match)}
    assert found == {"x1": True, "x2": True, "x3": True, "x4": False}


def test_links_in_circles_end(folder: Path) -> None:
    (folder / "x1" / "up").symlink_to(folder, target_is_directory=True)
    assert len(list(matches("**/*.jpg"))) == 5


def test_a_folder_that_cannot_be_listed_is_said_once(folder: Path) -> None:
    found = [match for match in matches("none/**/*.jpg") if isinstance(match, OSError)]
    assert [Path(str(error.filename)).name for error in found] == ["none"]


def test_the_part_without_wildcards() -> None:
    assert [fixed_part(text) for text in ("photos/**/*.jpg", "*.jpg", "/a/b?/c", "a/b.jpg")] == [
        "photos",
        ".",
        "/a",
        "a/b.jpg",
    ]
    assert is_pattern("a[1].jpg")
    assert not is_pattern("a.jpg")
