"""Pictures in archives."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from facecascade.errors import ImageError
from facecascade.read import Entry, expand, find_entries, read_ahead

Make = Callable[[Path, Iterable[tuple[str, bytes]]], Path]


def picture(level: int = 0, *, side: int = 6) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (side, side), (level,) * 3).save(file, "PNG")
    return file.getvalue()


def make_zip(path: Path, members: Iterable[tuple[str, bytes]]) -> Path:
    path = path.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            info = zipfile.ZipInfo("x")
            info.filename = name  # as it is, backslashes too
            archive.writestr(info, data)
    return path


def make_tar(path: Path, members: Iterable[tuple[str, bytes]], *, suffix: str = ".tar", mode: str = "w") -> Path:
    path = path.with_suffix(suffix)
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def entries(path: Path, **options: object) -> list[Entry]:
    return list(expand(find_entries(path), **options))  # type: ignore[arg-type]


def inner(path: Path, **options: object) -> list[str]:
    return [entry.id.removeprefix(f"{path}/") for entry in entries(path, **options)]


def problem(entry: Entry) -> str:
    with pytest.raises(ImageError) as caught:
        entry.read()
    return str(caught.value)


both = pytest.mark.parametrize("make", [make_zip, make_tar])


@both
def test_pictures_are_read_without_unpacking(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path / "album", [("day1/a.png", picture(7)), ("b.PNG", picture(8)), ("notes.txt", b"no picture")])
    before = sorted(tmp_path.rglob("*"))
    first, second = entries(path)
    assert (first.id, first.path, first.container) == (f"{path}/day1/a.png", f"{path}/day1/a.png", str(path))
    assert (first.read()[0, 0, 0], second.read()[0, 0, 0]) == (7, 8)
    with first.open() as file:
        assert file.read() == picture(7)
    assert first.read().shape == (6, 6, 3)  # a second time
    assert sorted(tmp_path.rglob("*")) == before


HARMLESS = {
    "../../up.png": "up.png",
    "/etc/root.png": "etc/root.png",
    "./here.png": "here.png",
    "a//b/../c.png": "a/b/c.png",
    "..\\..\\windows.png": "windows.png",
    "C:\\drive.png": "drive.png",
    "two\nlines.png": "two\\x0alines.png",
    "名前 é.png": "名前 é.png",
}


@both
def test_names_lead_nowhere(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path / "evil", [(name, picture()) for name in HARMLESS])
    assert inner(path) == list(HARMLESS.values())
    for entry in entries(path):
        assert Path(entry.path).resolve().is_relative_to(path)
        assert entry.read().shape == (6, 6, 3)


@both
def test_what_is_passed_over(tmp_path: Path, make: Make) -> None:
    hidden = ["__MACOSX/._a.png", ".thumbs/a.png", ".a.png", "inner.zip", "clip.mp4", "..", "a.png.part", "readme"]
    assert inner(make(tmp_path / "some", [(name, picture()) for name in [*hidden, "a.png"]])) == ["a.png"]


@both
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_several_members_of_one_name(tmp_path: Path, make: Make) -> None:
    names = ["a.png", "../a.png", "b.png", "/a.png", "b.png"]
    path = make(tmp_path / "twice", [(name, picture(level)) for level, name in enumerate(names)])
    assert inner(path) == ["a.png", "a.png/~2", "b.png", "a.png/~3", "b.png/~2"]
    assert [entry.read()[0, 0, 0] for entry in entries(path)] == [0, 1, 2, 3, 4]


@both
def test_large_members_are_not_read(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path / "large", [("a.png", bytes(100_000)), ("b.png", picture())])
    large, small = entries(path, max_member_bytes=50_000)
    assert "expected at most 50000 bytes in an archive, got 100000; unpack it first" in problem(large)
    assert small.read().shape == (6, 6, 3)


@both
def test_members_that_are_no_pictures(tmp_path: Path, make: Make) -> None:
    bad, empty, good = entries(make(tmp_path / "bad", [("a.png", b"none"), ("b.png", b""), ("c.png", picture())]))
    assert problem(bad) == f"{bad.id}: expected a picture, got a file that no reader recognises"
    assert problem(empty) == f"{empty.id}: expected a picture, got an empty file"
    assert good.read().shape == (6, 6, 3)


@both
def test_skipped_by_id_alone_or_whole(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path / "some", [(f"{name}.png", picture()) for name in "abc"])
    assert inner(path, skip=f"{path}/b.png".__eq__) == ["a.png", "c.png"]
    path.write_bytes(b"not opened, so not an error")
    assert inner(path, skip=str(path).__eq__) == []


@both
def test_an_error_of_the_one_who_skips_is_not_the_archives(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path / "some", [("a.png", picture())])

    def fail(identity: str) -> bool:
        if identity.endswith("a.png"):
            raise RuntimeError("the journal is broken")
        return False

    with pytest.raises(RuntimeError, match="the journal is broken"):
        entries(path, skip=fail)


@both
def test_many_threads_read_one_archive(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path / "many", [(f"{number:03d}.png", picture(number)) for number in range(200)])
    read = list(read_ahead(expand(find_entries(path)), threads=8, depth=16))
    assert [result.source.id for result in read] == [f"{path}/{number:03d}.png" for number in range(200)]
    assert [int(result.pixels[0, 0, 0]) for result in read if result.pixels is not None] == list(range(200))


@both
def test_an_archive_without_pictures_has_none(tmp_path: Path, make: Make) -> None:
    assert entries(make(tmp_path / "none", [])) == []


@both
@pytest.mark.parametrize("data", [b"", b"no archive", b"\0" * 10])
def test_what_is_no_archive(tmp_path: Path, make: Make, data: bytes) -> None:
    path = make(tmp_path / "a", [])
    path.write_bytes(data)
    (entry,) = entries(path)
    assert (entry.id, entry.kind) == (str(path), "error")
    assert problem(entry).startswith(f"{path}: expected a whole archive, got one that cannot be read: ")


@both
def test_a_missing_archive(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path / "a", [])
    path.unlink()
    (entry,) = entries(path)
    assert problem(entry).endswith("cannot be read: No such file or directory")


@pytest.mark.parametrize(("suffix", "mode"), [(".tar.gz", "w:gz"), (".tbz2", "w:bz2"), (".tar.xz", "w:xz")])
def test_compressed_tars(tmp_path: Path, suffix: str, mode: str) -> None:
    path = make_tar(tmp_path / "a", [("a.png", picture(9))], suffix=suffix, mode=mode)
    (entry,) = entries(path)
    assert entry.read()[0, 0, 0] == 9


def test_tars_by_zstandard_where_python_reads_them(tmp_path: Path) -> None:
    if "zst" in tarfile.TarFile.OPEN_METH:
        (entry,) = entries(make_tar(tmp_path / "a", [("a.png", picture(9))], suffix=".tar.zst", mode="w:zst"))
        assert entry.read()[0, 0, 0] == 9
        return
    path = tmp_path / "a.tar.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd" + bytes(20))
    (entry,) = entries(path)
    assert problem(entry).endswith("got Zstandard, which Python 3.14 or later reads")


@pytest.mark.parametrize(("suffix", "mode"), [(".tar", "w"), (".tar.gz", "w:gz")])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9])
def test_a_tar_that_breaks_off_gives_the_pictures_before(tmp_path: Path, suffix: str, mode: str, share: float) -> None:
    noise = [Image.effect_noise((64, 64), 90 + number) for number in range(10)]
    members = []
    for number, image in enumerate(noise):
        file = io.BytesIO()
        image.save(file, "PNG")
        members.append((f"{number}.png", file.getvalue()))
    path = make_tar(tmp_path / "a", members, suffix=suffix, mode=mode)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    *found, last = entries(path)
    assert [entry.id for entry in found] == [f"{path}/{number}.png" for number in range(len(found))]
    assert all(entry.read().shape == (64, 64, 3) for entry in found)
    assert 0 < len(found) < 10 or suffix == ".tar"
    assert (last.id, last.kind) == (str(path), "error")
    assert "expected a whole archive" in problem(last)


def test_a_tar_cut_between_members_or_damaged_in_a_header_is_not_taken_for_whole(tmp_path: Path) -> None:
    path = make_tar(tmp_path / "a", [("a.png", picture()), ("b.png", picture())])
    data = path.read_bytes()
    for broken in (data[:1024], data[:1024] + b"x" * 512 + data[1536:]):
        path.write_bytes(broken)
        first, last = entries(path)
        assert first.id.endswith("a.png")
        assert "at byte 1024" in problem(last)


def test_links_in_a_tar_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for name, kind in (
            ("link.png", tarfile.SYMTYPE),
            ("hard.png", tarfile.LNKTYPE),
            ("pipe.png", tarfile.FIFOTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert entries(path) == []


def test_an_encrypted_member_is_an_error(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a", [("a.png", picture()), ("b.png", picture())])
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02") + 8
    data[place] |= 1  # the flag in the table of contents
    path.write_bytes(data)
    locked, free = entries(path)
    assert (
        problem(locked) == f"{locked.id}: expected a picture without a password, got an encrypted one; unpack it first"
    )
    assert free.read().shape == (6, 6, 3)


def test_a_damaged_member_is_an_error_and_stops_nothing(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a", [("a.png", picture()), ("b.png", picture())])
    data = bytearray(path.read_bytes())
    data[40:50] = b"\xff" * 10
    path.write_bytes(data)
    damaged, whole = entries(path)
    assert problem(damaged).startswith(f"{damaged.id}: expected a whole picture in an archive, got: ")
    assert whole.read().shape == (6, 6, 3)


def test_a_member_that_lies_about_its_size_is_stopped(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a", [("a.png", bytes(1_000_000))])
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02") + 24
    assert struct.unpack_from("<L", data, place) == (1_000_000,)
    struct.pack_into("<L", data, place, 10)
    path.write_bytes(data)
    (entry,) = entries(path, max_member_bytes=1000)
    assert "expected a whole picture in an archive" in problem(entry)


NAMES = st.text(st.sampled_from("aA./\\~2\n"), min_size=1, max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(st.tuples(NAMES, st.sampled_from([".png", ".png/~2", ".gif", ".gif/#0"])), max_size=8), st.booleans())
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_ids_are_unique_and_stable(
    tmp_path_factory: pytest.TempPathFactory, names: list[tuple[str, str]], zipped: bool
) -> None:
    make = make_zip if zipped else make_tar
    path = make(tmp_path_factory.mktemp("ids") / "a", [(f"x{name}{suffix}", b"") for name, suffix in names])
    found = inner(path)
    assert len(found) == len(set(found))
    assert found == inner(path)
    assert not any(part in ("", ".", "..") for name in found for part in name.split("/"))
