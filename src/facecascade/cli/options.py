"""Options that several commands share, each with its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from facecascade.cli.panels import DETECTOR
from facecascade.settings import Settings

DEFAULTS: Final = Settings()

Pictures = Annotated[
    list[Path],
    typer.Argument(
        metavar="PICTURE-OR-FOLDER", help="Pictures, and folders to look for pictures in.", show_default=False
    ),
]
MinFaceSize = Annotated[
    float,
    typer.Option(
        metavar="PIXELS",
        help="Side of the smallest face to look for; time grows with its inverse square.",
        rich_help_panel=DETECTOR,
    ),
]
ScaleFactor = Annotated[
    float,
    typer.Option(metavar="RATIO", help="Ratio of neighbouring levels of the image pyramid.", rich_help_panel=DETECTOR),
]
Thresholds = Annotated[
    tuple[float, float, float],
    typer.Option(
        metavar="P R O",
        help="Probabilities that a face must reach in each of the three stages.",
        rich_help_panel=DETECTOR,
    ),
]
GeometryOption = Annotated[
    str,
    typer.Option(
        "--geometry",
        metavar="subpixel|classic",
        help="Boxes in fractions of a pixel, or the whole pixels of the usual ports.",
        rich_help_panel=DETECTOR,
    ),
]
StagesOption = Annotated[
    int,
    typer.Option(
        "--stages",
        metavar="2|3",
        help="3 for the whole cascade; 2 is faster, without landmarks.",
        rich_help_panel=DETECTOR,
    ),
]
Weights = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Other weights than those that come with facecascade.",
        show_default=False,
        rich_help_panel=DETECTOR,
    ),
]
Engine = Annotated[
    str, typer.Option(metavar="NAME", help="What computes; see facecascade info.", rich_help_panel=DETECTOR)
]
Threads = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Threads to work with; by default all processors.",
        show_default=False,
        rich_help_panel=DETECTOR,
    ),
]
MaxMegapixels = Annotated[
    float | None,
    typer.Option(
        metavar="M",
        help="Larger pictures count as unreadable: a guard against files made to exhaust memory.",
        show_default=False,
        rich_help_panel=DETECTOR,
    ),
]
