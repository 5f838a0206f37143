"""The measured parts of the page, and the programs that print them: `PARTS`, `measured`, `kept`."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

from benchmarks.data import ROOT
from benchmarks.peers import machine
from benchmarks.report import RESULTS

KEPT: Final = RESULTS / "performance"
PLOT: Final = ROOT / "docs" / "images" / "growth.png"
MISSED: Final = 1
"""Exit code of a program that measured everything and missed a target."""

PARTS: Final[dict[str, tuple[str, ...]]] = {
    "machine": (),
    "peers": ("benchmarks.peers",),
    "decoding": ("benchmarks.decoding",),
    "limit": ("benchmarks.limit",),
    "growth": ("benchmarks.growth", "--plot", str(PLOT.relative_to(ROOT))),
    "ranking": ("benchmarks.ranking",),
}
"""The module that prints each part, and its arguments; the machine is described here."""


def measured(name: str) -> str:
    """Run the program of a part and keep what it prints, as the page shall have it.

    Raises:
        SystemExit: the program failed.
    """
    text = _described() if name == "machine" else body(_printed(PARTS[name]))
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{name}.md").write_text(text + "\n", encoding="utf-8")
    return text


def kept(name: str) -> str:
    """What was measured last.

    Raises:
        SystemExit: nothing was.
    """
    path = KEPT / f"{name}.md"
    if not path.is_file():
        raise SystemExit(f'expected {path}, got none: measure "{name}" first')
    return path.read_text(encoding="utf-8")


def body(printed: str) -> str:
    """What a program printed without its lines about the machine, its headings a level lower.

    Raises:
        ValueError: it has no heading.
    """
    lines = printed.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("## ")]
    if not starts:
        raise ValueError(f"expected output with headings, got {printed[:80]!r}")
    return "\n".join(f"#{line}" if line.startswith("## ") else line for line in lines[starts[0] :]).strip()


def _printed(command: tuple[str, ...]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    if done.returncode not in (0, MISSED) or not done.stdout:
        raise SystemExit(f"expected figures, got exit code {done.returncode} from {' '.join(command)}")
    return done.stdout


def _described() -> str:
    return "\n".join(f"- {key}: {value}" for key, value in machine.describe().items() if key != "load before")
