"""`facecascade draw`."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final

import typer

from facecascade.cli.crop_options import Limits
from facecascade.cli.groups import takes_groups
from facecascade.cli.input_options import Pictures
from facecascade.cli.options import PRESETS_HELP, Finder
from facecascade.cli.panels import FILES
from facecascade.cli.rewrite_options import Written, rewrite

EPILOG: Final = f"""{PRESETS_HELP}
\b
Examples:
  facecascade draw group.jpg -o drawn
  facecascade draw photos -o drawn --scores
  facecascade draw clip.mp4 -o drawn --min-score 0.9
  facecascade draw crowd.jpg -o drawn --preset thorough
"""


@takes_groups
def draw(
    pictures: Pictures,
    *,
    scores: Annotated[
        bool, typer.Option("--scores", help="Write the scores beside the boxes.", rich_help_panel=FILES)
    ] = False,
    written: Written,
    limits: Limits,
    finder: Finder,
) -> None:
    """Draw faces: every picture and video again, with boxes and landmarks.

    The pictures keep their names, folders and formats, videos their sound and times. To draw and keep the numbers in
    one go there is facecascade detect --draw, for pictures.
    """
    from facecascade.draw import drawn_faces

    code = rewrite(
        pictures,
        paint=partial(drawn_faces, scores=scores),
        selection=limits.selection(),
        hold=0,
        written=written,
        finder=finder,
    )
    raise typer.Exit(code)
