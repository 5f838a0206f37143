"""Options that say which pictures of the inputs are taken, each with its help."""

from __future__ import annotations

from typing import Annotated, Final

import typer

Frames = Annotated[
    str, typer.Option("--frames", metavar="first|all", help="Of animated pictures: the first frame, or all of them.")
]
Every = Annotated[
    str,
    typer.Option(metavar="N|SECONDSs", help="Of videos: one in N frames, or, with an s, one in so many seconds: 0.5s."),
]
Start = Annotated[str, typer.Option(metavar="TIME", help="Of videos: where to begin: 90, 1:30 or 1:02:03.5.")]
End = Annotated[
    str | None, typer.Option(metavar="TIME", help="Of videos: where to end; by default at the end.", show_default=False)
]

FIRST: Final = "first"
EACH: Final = "1"
BEGINNING: Final = "0"
