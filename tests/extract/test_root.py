"""Keys: the same picture has the same one, wherever it lies and however it is spelled."""

from pathlib import Path

import pytest

from facecascade.extract.root import Root


def test_keys_and_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "photos" / "2020").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    root = Root.of(["photos"])
    assert root == Root(str(tmp_path / "photos"), "photos")
    for spelled in (
        "photos/2020/a.jpg",
        f"{tmp_path}/photos/2020/a.jpg",
        "./photos/2020/a.jpg",
        "photos/../photos/2020/a.jpg",
    ):
        key = Root.of([spelled]).key(spelled)
        assert key == "a.jpg"
        assert root.key(spelled) in ("2020/a.jpg", "../photos/2020/a.jpg"), spelled
    assert root.identity("2020/a.jpg") == "photos/2020/a.jpg"
    assert root.key("other/a.jpg") == f"{tmp_path}/other/a.jpg"
    assert root.identity(f"{tmp_path}/other/a.jpg") == f"{tmp_path}/other/a.jpg"


@pytest.mark.parametrize(
    ("paths", "spelled"),
    [
        (["a", "b"], ""),
        (["a", "a/sub"], "a"),
        (["../x", "../y"], ".."),
        ([".."], ".."),
        ([], ""),
    ],
)
def test_how_it_is_spelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paths: list[str], spelled: str) -> None:
    for name in ("here/a/sub", "here/b", "x", "y"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    root = Root.of(paths)
    assert root.spelled == spelled
    assert Path(root.folder) == (tmp_path / "here" / spelled).resolve()


def test_what_cannot_be_spelled_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here" / "b").mkdir(parents=True)
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for paths in (["..", "b"], ["b", str(tmp_path / "a")]):
        root = Root.of(paths)
        assert root == Root(str(tmp_path), str(tmp_path))
        assert root.key("b/x.jpg") == "here/b/x.jpg"
        assert root.key(str(tmp_path / "a" / "x.jpg")) == "a/x.jpg"


def test_the_way_down(tmp_path: Path) -> None:
    above, below = Root(str(tmp_path), ""), Root(str(tmp_path / "a" / "b"), "b")
    assert below.seen_from(above) == "a/b/"
    assert above.seen_from(above) == ""
    assert above.seen_from(below) is None
    assert Root(str(tmp_path) + "x", "").seen_from(above) is None


def test_names_that_are_no_text() -> None:
    root = Root("/data/a\udcff\\b", "a\udcff\\b")
    assert root.key("a\\xff\\\\b/c.jpg") == "c.jpg"
    assert root.identity("c.jpg") == "a\\xff\\\\b/c.jpg"
