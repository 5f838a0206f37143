"""`extract --ray`: what a person gives and sees; the cluster is this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.cli.painted import run, tree
from tests.distributed.machines import Here

from facecascade.distributed import Cluster


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The addresses that jobs were sent to."""
    asked: list[str | None] = []

    def work(self: Cluster, units: Any, *, task: Any) -> Any:
        asked.append(self.address)
        return Here().work(units, task=task)

    monkeypatch.setattr(Cluster, "work", work)
    return asked


def test_crops_are_those_of_one_machine(photos: Path, addresses: list[str | None]) -> None:
    (photos / "bad.jpg").write_bytes(b"no picture")
    assert run("extract", photos, "-o", "one").code == 1
    result = run("extract", photos, "-o", "many", "--ray")
    assert result.code == 1
    crops = [name for name in tree(Path("one")) if name.endswith(("0.jpg", "1.jpg"))]
    assert crops == ["a_00.jpg", "a_01.jpg", "sub/a_00.jpg"]
    for name in crops:
        assert (Path("one") / name).read_bytes() == (Path("many") / name).read_bytes()
    assert addresses == ["local"]
    assert "photos/bad.jpg: expected a picture" in result.err
    assert "many holds 3 faces of 3 pictures, " in result.err
    assert "of them near duplicates; 1 pictures could not be read" in result.err
    again = run("extract", photos, "-o", "many", "--ray", "auto")
    assert again.code == 0
    assert addresses == ["local"], "nothing to do wants no cluster"


@pytest.mark.parametrize(
    ("words", "address"),
    [
        (["--ray", "auto", "-o", "out"], "auto"),
        (["--ray", "10.0.0.1:6379", "-o", "out"], "10.0.0.1:6379"),
        (["--ray", "-o", "out"], "local"),
        (["-o", "out", "--ray"], "local"),
    ],
)
def test_the_address_may_be_left_out(photos: Path, addresses: list[str | None], words: list[str], address: str) -> None:
    assert run("extract", photos, *words).code == 0
    assert addresses == [address]


def test_an_input_that_is_taken_for_an_address_is_told(photos: Path) -> None:
    result = run("extract", "-o", "out", photos, "--ray", "photos")
    assert result.code == 2
    assert "expected --ray without an address, or with one like auto" in result.err


def test_a_dry_run_says_what_there_is_to_do_and_writes_nothing(photos: Path, addresses: list[str | None]) -> None:
    result = run("extract", photos, "-o", "out", "--ray", "--dry-run", "--limit", "2")
    assert (result.code, result.out.strip()) == (0, "3 pictures: 0 done, 3 to do, 2 of them now")
    assert not Path("out").exists()
    assert run("extract", photos, "-o", "out", "--ray", "--limit", "1").code == 0
    before = tree(Path("out"))
    result = run("extract", photos, "-o", "out", "--ray", "--dry-run")
    assert result.out.strip() == "3 pictures: 1 done, 2 to do"
    assert run("extract", photos, "-o", "out", "--ray", "--dry-run", "--format", "png").code == 2
    assert (
        run("extract", photos, "-o", "shards", "--ray", "--dry-run", "--layout", "shards", "--best-per-track").code == 2
    )
    assert tree(Path("out")) == before
    assert addresses == ["local"]


def test_lists_sheets_and_pages_are_those_of_one_machine(photos: Path, addresses: list[str | None]) -> None:
    (photos / "bad.jpg").write_bytes(b"no picture")
    words = ["--manifest", "csv", "--manifest", "jsonl", "--sheet"]
    run("extract", photos, "-o", "one", *words, "--write", "coco:one.json", "--write", "xmp:one-xmp")
    run("extract", photos, "-o", "many", "--ray", *words, "--write", "coco:many.json", "--write", "xmp:many-xmp")
    assert addresses == ["local"]
    for name in ("faces.csv", "faces.jsonl", "contact-sheet-001.jpg"):
        assert (Path("one") / name).read_bytes() == (Path("many") / name).read_bytes(), name
    assert Path("one.json").read_bytes() == Path("many.json").read_bytes()
    assert tree(Path("one-xmp")) == tree(Path("many-xmp"))
    assert 'href="faces.csv"' in (Path("many") / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["-o", "s3://b/out", "--sheet"], "in a folder of this machine for --sheet, got s3://b/out: leave it out"),
        (["-o", "s3://b/out", "--manifest", "csv"], "in a folder of this machine for --manifest, got s3://b/out"),
        (["-o", "out", "--layout", "shards", "--sheet"], "in a folder of this machine for --sheet, got shards"),
        (["-o", "out", "--write", "cocoa:f.json"], "cocoa"),
        (["s3://b/in", "-o", "out", "--write", "coco:f.json"], "expected pictures by path for --write, got s3://b/in"),
    ],
)
def test_what_cannot_be_made_there_is_refused(photos: Path, words: list[str], told: str) -> None:
    given = words if words[0].startswith("s3") else [str(photos), *words]
    result = run("extract", *given, "--ray")
    assert result.code == 2
    assert told in result.err
    assert not Path("out").exists()


def test_parquet_is_what_there_is(photos: Path, addresses: list[str | None]) -> None:
    assert run("extract", photos, "-o", "out", "--ray", "--manifest", "parquet", "--layout", "shards").code == 0
    assert len([name for name in tree(Path("out")) if name.startswith("shards/")]) == 1
