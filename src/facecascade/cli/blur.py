"""`facecascade blur`."""

from __future__ import annotations

from functools import partial
from typing import Final

import typer

from facecascade.cli.crop_options import Limits
from facecascade.cli.groups import takes_groups
from facecascade.cli.input_options import Pictures
from facecascade.cli.options import PRESETS_HELP, CarefulFinder
from facecascade.cli.rewrite_options import Hiding, Written, rewrite

EPILOG: Final = f"""{PRESETS_HELP}
\b
Examples:
  facecascade blur group.jpg -o hidden
  facecascade blur photos -o hidden --style pixelate
  facecascade blur photos -o hidden --style cover --colour white --shape box
  facecascade blur clip.mp4 -o hidden --hold 15
  facecascade blur crowd.jpg -o hidden --preset thorough
  facecascade blur photos -o hidden --min-score 0.8

No detector finds every face: look at the results before you publish them.
"""


@takes_groups
def blur(pictures: Pictures, *, written: Written, hiding: Hiding, limits: Limits, finder: CarefulFinder) -> None:
    """Hide faces: every picture and video again, with nobody to be recognised.

    The pictures keep their names, folders and formats, videos their sound and times. Pictures without faces are
    written too; what cannot be read is told, and never copied.
    """
    from facecascade.redact import redact_faces

    code = rewrite(
        pictures,
        paint=partial(redact_faces, redaction=hiding.redaction()),
        selection=limits.selection(),
        hold=hiding.hold,
        written=written,
        finder=finder,
    )
    raise typer.Exit(code)
