"""Help in which options of one kind stand together: `PanelCommand`."""

from __future__ import annotations

from typing import Any, Final

from typer.core import TyperCommand

CROPS: Final = "Crops"
SELECTION: Final = "Selection (by default all faces)"
FILES: Final = "Files"
DETECTOR: Final = "Detector"
OTHERS: Final = "Options"


class PanelCommand(TyperCommand):
    """A command whose help has a heading for each `rich_help_panel` of its options, as plain text."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments first, then the panels in the order of their first option, then what belongs to none."""
        panels: dict[str, list[tuple[str, str]]] = {"Arguments": []}
        others: list[tuple[str, str]] = []
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is None:
                continue
            panel = "Arguments" if param.param_type_name == "argument" else getattr(param, "rich_help_panel", None)
            (others if panel is None else panels.setdefault(panel, [])).append(record)
        for heading, records in (*panels.items(), (OTHERS, others)):
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)
