"""Shards put together: what one run would have made."""

from pathlib import Path

import pytest
from tests.extract.rows import FacesInARow, content, extract, files, put

from facecascade.errors import JournalError, SettingsError
from facecascade.extract import Journal, Shard, link, merge_shards
from facecascade.extract.manifest import COLUMNS, list_faces
from facecascade.write import JsonLinesWriter


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Forty pictures, many with a name that others have too."""
    folder = tmp_path / "in"
    for number in range(40):
        suffix = ("jpg", "png", "webp", "JPG")[number % 4]
        put(folder / f"{number % 3}" / f"{number // 4:02d}.{suffix}", number % 3, number)
    (folder / "1" / "bad.jpg").write_bytes(b"broken")
    return folder


def shards(folder: Path, place: Path, count: int) -> list[Path]:
    made = [place / f"part{number}" for number in range(count)]
    for number, part in enumerate(made):
        extract(folder, to=part, shard=Shard(number + 1, count))
    return made


def listing(folder: Path) -> str:
    with Journal(folder) as journal, JsonLinesWriter(folder / "faces.jsonl", columns=COLUMNS) as writer:
        list_faces(journal, link(journal), [writer])
    return (folder / "faces.jsonl").read_text()


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_same_as_one_run(folder: Path, tmp_path: Path, count: int) -> None:
    extract(folder, to=tmp_path / "whole")
    parts = shards(folder, tmp_path, count)
    before = [content(part) for part in parts]
    merged = list(merge_shards(parts, tmp_path / "merged"))
    assert len(merged) == 41
    assert content(tmp_path / "merged") == content(tmp_path / "whole")
    assert listing(tmp_path / "merged") == listing(tmp_path / "whole")
    assert [content(part) for part in parts] == before, "the shards stay as they are"


def test_stopped_and_begun_again(folder: Path, tmp_path: Path) -> None:
    parts = shards(folder, tmp_path, 2)
    merging = merge_shards(parts, tmp_path / "merged")
    for _ in range(13):
        next(merging)
    merging.close()  # type: ignore[attr-defined]
    # A picture that could not be read has a stamp as well: 13 are there, 28 are left.
    assert len(list(merge_shards(parts, tmp_path / "merged"))) == 28
    extract(folder, to=tmp_path / "whole")
    assert content(tmp_path / "merged") == content(tmp_path / "whole")


def test_shards_may_come_later_and_the_job_may_go_on(folder: Path, tmp_path: Path) -> None:
    first, second = shards(folder, tmp_path, 2)
    list(merge_shards([first], tmp_path / "merged"))
    list(merge_shards([first, second], tmp_path / "merged"))
    assert extract(folder, to=tmp_path / "merged") == []
    put(folder / "new.jpg", 1)
    assert len(extract(folder, to=tmp_path / "merged")) == 1


def test_crops_share_their_content_where_they_can(folder: Path, tmp_path: Path) -> None:
    (part,) = shards(folder, tmp_path, 1)
    list(merge_shards([part], tmp_path / "merged"))
    crops = [name for name in files(part) if name.endswith(".jpg")]
    assert crops
    assert all((part / name).samefile(tmp_path / "merged" / name) for name in crops)


def test_other_settings_are_refused(folder: Path, tmp_path: Path) -> None:
    extract(folder, to=tmp_path / "a", limit=3)
    extract(folder, to=tmp_path / "b", limit=3, detector=FacesInARow(min_face_size=40))
    with pytest.raises(SettingsError, match="min_face_size was"):
        list(merge_shards([tmp_path / "a", tmp_path / "b"], tmp_path / "merged"))
    list(merge_shards([tmp_path / "a"], tmp_path / "merged"))
    with pytest.raises(SettingsError, match="min_face_size was"):
        list(merge_shards([tmp_path / "b"], tmp_path / "merged"))


def test_what_cannot_be_merged(folder: Path, tmp_path: Path) -> None:
    (part,) = shards(folder, tmp_path, 1)
    with pytest.raises(JournalError, match="with its journal"):
        list(merge_shards([folder], tmp_path / "merged"))
    with pytest.raises(JournalError, match="got none"):
        list(merge_shards([], tmp_path / "merged"))
    with pytest.raises(SettingsError, match="apart from the shards"):
        list(merge_shards([part], part))
    next(part.rglob("*_00.jpg")).unlink()
    with pytest.raises(JournalError, match="expected the crop that the journal knows"):
        list(merge_shards([part], tmp_path / "merged"))
