"""Help in which options of one kind stand together: `PanelCommand`."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from typer.core import TyperCommand

FILES: Final = "Files"
CROPS: Final = "Crops"
SELECTION: Final = "Selection (by default all faces)"
JOB: Final = "Job"
HIDING: Final = "Hiding"
CLUSTER: Final = "On several machines (needs facecascade[ray])"
MOVING: Final = "Videos and animated pictures"
DETECTOR: Final = "Detector"
ARGUMENTS: Final = "Arguments"
OTHERS: Final = "Options"


OPTIONAL: Final = {"--ray": "local"}
"""Options whose value may be left out, and what it is then."""


class PanelCommand(TyperCommand):
    """A command whose help has a heading for each `rich_help_panel` of its options, as plain text."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts in the value of an option that has none, because another option follows, or nothing."""
        told: list[str] = []
        for word, after in pairwise([*args, "-"]):
            told += [word, OPTIONAL[word]] if word in OPTIONAL and after.startswith("-") else [word]
        return super().parse_args(ctx, told)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments first, then the panels in the order of their first option."""
        panels: dict[str, list[tuple[str, str]]] = {ARGUMENTS: []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                name = record[0].split()[0] if _panel(param) == ARGUMENTS else record[0]  # less its Python type
                panels.setdefault(_panel(param), []).append((name, record[1]))
        for heading, records in panels.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)


def _panel(param: Any) -> str:
    if param.param_type_name == "argument":
        return ARGUMENTS
    return getattr(param, "rich_help_panel", None) or OTHERS
