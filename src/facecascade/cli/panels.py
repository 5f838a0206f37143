"""Help in which options of one kind stand together: `PanelCommand`."""

from __future__ import annotations

from typing import Any, Final

from typer.core import TyperCommand

FILES: Final = "Files"
CROPS: Final = "Crops"
SELECTION: Final = "Selection (by default all faces)"
JOB: Final = "Job"
HIDING: Final = "Hiding"
MOVING: Final = "Videos and animated pictures"
DETECTOR: Final = "Detector"
ARGUMENTS: Final = "Arguments"
OTHERS: Final = "Options"


class PanelCommand(TyperCommand):
    """A command whose help has a heading for each `rich_help_panel` of its options, as plain text."""

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
