"""Options that several commands share, each with its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from facecascade.settings import Settings

DEFAULTS: Final = Settings()

Pictures = Annotated[
    list[Path],
    typer.Argument(
        metavar="INPUT",
        help="Pictures, folders, zip and tar archives, videos, quoted patterns like 'photos/**/*.jpg', @FILE for a "
        "list of paths in a file, or - for one on standard input.",
        show_default=False,
    ),
]
MinFaceSize = Annotated[
    float,
    typer.Option(metavar="PIXELS", help="Side of the smallest face to look for; time grows with its inverse square."),
]
ScaleFactor = Annotated[float, typer.Option(metavar="RATIO", help="Ratio of neighbouring levels of the image pyramid.")]
Thresholds = Annotated[
    tuple[float, float, float],
    typer.Option(metavar="P R O", help="Probabilities that a face must reach in each of the three stages."),
]
GeometryOption = Annotated[
    str,
    typer.Option(
        "--geometry",
        metavar="subpixel|classic",
        help="Boxes in fractions of a pixel, or the whole pixels of the usual ports.",
    ),
]
StagesOption = Annotated[
    int, typer.Option("--stages", metavar="2|3", help="3 for the whole cascade; 2 is faster, without landmarks.")
]
Weights = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Other weights than those that come with facecascade.", show_default=False),
]
Engine = Annotated[str, typer.Option(metavar="NAME", help="What computes; see facecascade info.")]
Threads = Annotated[
    int | None, typer.Option(metavar="N", help="Threads to work with; by default all processors.", show_default=False)
]
MaxMegapixels = Annotated[
    float | None,
    typer.Option(
        metavar="M",
        help="Larger pictures count as unreadable: a guard against files made to exhaust memory.",
        show_default=False,
    ),
]
