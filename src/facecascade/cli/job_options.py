"""Options that say how much of a job a run does: `JobOptions`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facecascade.cli.groups import OptionGroup
from facecascade.cli.panels import JOB

if TYPE_CHECKING:
    from facecascade.detector import MTCNN
    from facecascade.extract import ExtractOptions
    from facecascade.extract.inputs import Inputs
    from facecascade.extract.origins import Plan


@dataclass(frozen=True, kw_only=True)
class JobOptions(OptionGroup):
    """How much of a job is done now."""

    PANEL = JOB

    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many pictures are to be done, and write nothing.")
    ] = False
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", help="Stop after N pictures; the next run goes on.", show_default=False),
    ] = None
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="K/N",
            help="Work on the K-th of N shares, the same on every machine; give each an output folder of its own, and "
            "see merge.",
            show_default=False,
        ),
    ] = None
    retry: Annotated[bool, typer.Option("--retry", help="Try pictures again that could not be read.")] = False
    moved: Annotated[
        bool, typer.Option("--moved", help="The pictures lie in another folder than in the runs before.")
    ] = False

    def arguments(self) -> dict[str, Any]:
        """Those of `ExtractJob`.

        Raises:
            SettingsError: a value cannot work.
        """
        from facecascade.extract.shards import Shard

        shard = None if self.shard is None else Shard.parse(self.shard)
        return {"shard": shard, "limit": self.limit, "retry": self.retry, "moved": self.moved}

    def expected(self, pictures: int | None) -> int | None:
        """How many pictures a run will do; None if nobody knows before the end."""
        return pictures if self.limit is None or pictures is None else min(self.limit, pictures)

    def show_plan(self, inputs: Inputs, output: Path, *, detector: MTCNN, options: ExtractOptions) -> None:
        """Says on standard output what there is to do."""
        from facecascade.extract import dry_run

        self.say_plan(dry_run(inputs, output, detector=detector, options=options, **self.chosen()))

    def chosen(self) -> dict[str, Any]:
        """Those of `arguments` that say which pictures."""
        return {name: value for name, value in self.arguments().items() if name != "limit"}

    def say_plan(self, plan: Plan) -> None:
        """Says on standard output what there is to do."""
        limit = self.limit
        kind = "pictures" if plan.pictures is not None else "pictures, archives and videos"
        now = "" if limit is None or limit >= plan.left else f", {limit} of them now"
        typer.echo(f"{plan.files} {kind}: {plan.files - plan.left} done, {plan.left} to do{now}")
