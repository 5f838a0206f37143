"""Markdown tables, verdicts and kept results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import report


def test_a_table_is_straight_and_its_first_column_is_left() -> None:
    assert report.table(("what", "n"), [("a", 5), ("longer", 1234)]).splitlines() == [
        "| what   |    n |",
        "| ------ | ---: |",
        "| a      |    5 |",
        "| longer | 1234 |",
    ]


def test_a_table_without_rows_has_a_header() -> None:
    assert report.table(("a", "b"), []).splitlines() == ["| a   |   b |", "| --- | --: |"]


def test_bars_and_new_lines_cannot_break_a_table() -> None:
    assert report.table(("a",), [("x|y\nz",)]).splitlines()[-1] == r"| x\|y z |"


def test_rows_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="expected rows of 2 cells"):
        report.table(("a", "b"), [("only one",)])


@pytest.mark.parametrize(
    ("value", "at_least", "expected"),
    [
        (0.99, True, "ok"),
        (0.98, True, "MISSED"),
        (0.99, False, "ok"),
        (1.0, False, "MISSED"),
        (float("nan"), True, "MISSED"),
    ],
)
def test_verdict(value: float, at_least: bool, expected: str) -> None:
    assert report.verdict(value, limit=0.99, at_least=at_least) == expected


def test_results_are_kept_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    path = report.keep("run", {"ms": [1.5]})
    assert json.loads(path.read_text(encoding="utf-8")) == {"ms": [1.5]}
