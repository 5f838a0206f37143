"""Options that say which pictures of the inputs are taken: `Pictures`, and for what moves, `Moving`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from facecascade.cli.groups import OptionGroup
from facecascade.cli.panels import MOVING

if TYPE_CHECKING:
    from facecascade.read import Sampling

INPUT: Final = typer.Argument(
    metavar="INPUT",
    help="Pictures, folders, zip and tar archives, videos, quoted patterns like 'photos/**/*.jpg', @FILE for a list of "
    "paths in a file, or - for one on standard input.",
    show_default=False,
)
Pictures = Annotated[list[Path], INPUT]
Sources = Annotated[list[str], INPUT]
"""The same where URLs may be among them, which no path survives."""


@dataclass(frozen=True, kw_only=True)
class Moving(OptionGroup):
    """Which frames of videos and animated pictures are taken."""

    PANEL = MOVING

    frames: Annotated[
        str, typer.Option(metavar="first|all", help="Of animated pictures: the first frame, or all of them.")
    ] = "first"
    every: Annotated[
        str,
        typer.Option(
            metavar="N|SECONDSs", help="Of videos: one in N frames, or, with an s, one in so many seconds: 0.5s."
        ),
    ] = "1"
    start: Annotated[str, typer.Option(metavar="TIME", help="Of videos: where to begin: 90, 1:30 or 1:02:03.5.")] = "0"
    end: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Of videos: where to end; by default at the end.", show_default=False),
    ] = None

    def sampling(self) -> Sampling:
        """The frames of videos, as the library has them.

        Raises:
            SettingsError: a value cannot work.
        """
        from facecascade.read import Sampling

        return Sampling.parse(every=self.every, start=self.start, end=self.end)
