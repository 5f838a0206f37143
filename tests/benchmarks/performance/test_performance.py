"""The page on speed: what goes into it, and that it is complete."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.page import names_of
from benchmarks.performance import __main__ as program
from benchmarks.performance import parts

PRINTED = "- processor: x\n- cores: 2\n\n## One\n\n| a |\n\n## Two\n\n#### kept\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where figures are kept meanwhile."""
    monkeypatch.setattr(parts, "KEPT", tmp_path / "kept")
    return tmp_path / "kept"


def test_headings_are_a_level_lower_and_the_machine_is_left_out() -> None:
    assert parts.body(PRINTED) == "### One\n\n| a |\n\n### Two\n\n#### kept"
    with pytest.raises(ValueError, match="expected output with headings, got 'nothing'"):
        parts.body("nothing")


def test_what_a_program_prints_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(parts.PARTS, "growth", ("benchmarks.growth", "--help"))
    with pytest.raises(ValueError, match="headings"):
        parts.measured("growth")
    with pytest.raises(SystemExit, match='measure "growth" first'):
        parts.kept("growth")
    assert "cores: " in parts.measured("machine")
    assert parts.kept("machine") == (folder / "machine.md").read_text("utf-8")


def test_a_program_that_fails_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(parts.PARTS, "growth", ("benchmarks.growth", "--nonsense"))
    with pytest.raises(SystemExit, match="expected figures, got exit code 2 from"):
        parts.measured("growth")


def test_the_page_gets_what_was_kept(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    for name in parts.PARTS:
        (folder / f"{name}.md").write_text(f"figures of {name}\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(program.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    program.write(page)
    text = page.read_text(encoding="utf-8")
    assert "<!-- measured: peers -->\n\nfigures of peers\n\n<!-- end of peers -->" in text
    (folder / "limit.md").unlink()
    with pytest.raises(SystemExit, match='measure "limit" first'):
        program.write(page)


def test_parts_that_do_not_exist_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["performance", "speed"])
    with pytest.raises(SystemExit):
        program.main()


def test_the_page_names_every_part_and_each_is_filled() -> None:
    text = program.PAGE.read_text("utf-8")
    assert names_of(text) == list(parts.PARTS)
    for name in parts.PARTS:
        between = text.split(f"<!-- measured: {name} -->")[1].split(f"<!-- end of {name} -->")[0]
        assert len(between.strip()) > 100, name
    assert parts.PLOT.stat().st_size > 10_000
