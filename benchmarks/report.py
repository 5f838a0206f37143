"""What the programs print and keep: Markdown tables, and JSON files under benchmarks/results/."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.data import ROOT

RESULTS: Final = ROOT / "benchmarks" / "results"
"""Where results are kept; git ignores it, since they are true of one machine and one day."""


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table that is also straight in a terminal; the first column to the left, the others to the right.

    Raises:
        ValueError: a row has more or fewer cells than the header.
    """
    cells = [[_cell(value) for value in row] for row in [header, *rows]]
    wrong = next((row for row in cells if len(row) != len(header)), None)
    if wrong is not None:
        raise ValueError(f"expected rows of {len(header)} cells, got {wrong}")
    widths = [max(3, *(len(row[i]) for row in cells)) for i in range(len(header))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(row, widths) for row in [cells[0], rule, *cells[1:]])


def verdict(value: float, *, limit: float, at_least: bool) -> str:
    """Whether a value reaches its target, or stays below it: "ok" or "MISSED"."""
    return "ok" if (value >= limit if at_least else value <= limit) else "MISSED"


def keep(name: str, values: dict[str, Any]) -> Path:
    """Write values to benchmarks/results/NAME.json and say where that is."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    return path


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cells[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(cells[1:], widths[1:], strict=True))]
    return f"| {' | '.join(padded)} |"
