"""Options of the commands that write pictures and videos again, and what they have in common: `Written`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from facecascade.cli.groups import OptionGroup
from facecascade.cli.panels import FILES, HIDING

if TYPE_CHECKING:
    from facecascade.cli.options import Finder
    from facecascade.extract import Selection
    from facecascade.read import Frames
    from facecascade.redact import Outline, Redaction, Style
    from facecascade.rewrite import Painter


@dataclass(frozen=True, kw_only=True)
class Written(OptionGroup):
    """How the new pictures and videos are written."""

    PANEL = FILES

    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Where to write the new pictures and videos; never among the old."
        ),
    ]
    quality: Annotated[int, typer.Option(metavar="1-100", help="Of JPEG and WebP.")] = 95
    crf: Annotated[
        int, typer.Option(metavar="0-51", help="Of videos, in H.264: lower is better and larger, 0 without loss.")
    ] = 20
    keep_exif: Annotated[
        bool,
        typer.Option(
            "--keep-exif",
            help="Keep camera, exposure and author, beside the colour profile and the capture time that are always "
            "kept. Never the position, and never the thumbnail.",
        ),
    ] = False
    frames: Annotated[
        str,
        typer.Option(
            metavar="first|all", help="Of animated pictures: the first frame alone, as a still picture, or all of them."
        ),
    ] = "first"


@dataclass(frozen=True, kw_only=True)
class Hiding(OptionGroup):
    """How faces are hidden: the fields of `Redaction`, and for how long."""

    PANEL = HIDING

    style: Annotated[
        str,
        typer.Option(
            metavar="blur|pixelate|cover",
            help="The averages of a few cells, smoothly or as squares; or one colour, which alone tells nothing.",
        ),
    ] = "blur"
    shape: Annotated[str, typer.Option(metavar="ellipse|box", help="What is hidden.")] = "ellipse"
    margin: Annotated[
        float, typer.Option(metavar="SHARE", help="Added on each side of the box, as a share of its sides.")
    ] = 0.2
    cells: Annotated[
        int,
        typer.Option(
            metavar="1-16",
            help="Averages across a face that blur and pixelate leave. With 5 its friends may know a face, with 16 "
            "programs do.",
        ),
    ] = 3
    colour: Annotated[str, typer.Option(metavar="COLOUR", help="cover: a name or #rrggbb.")] = "black"
    hold: Annotated[
        int,
        typer.Option(
            metavar="N", help="Of videos: hide a face also in so many frames before and after one that has it."
        ),
    ] = 8

    def redaction(self) -> Redaction:
        """As the library has it.

        Raises:
            SettingsError: a value cannot work.
        """
        from facecascade.extract.resample import colour
        from facecascade.redact import Redaction

        return Redaction(
            style=cast("Style", self.style),
            shape=cast("Outline", self.shape),
            margin=self.margin,
            cells=self.cells,
            colour=colour(self.colour),
        )


def rewrite(
    pictures: Sequence[Path],
    *,
    paint: Painter,
    selection: Selection,
    hold: int,
    written: Written,
    finder: Finder,
) -> int:
    """Writes all pictures and videos again, tells about it, and returns the exit code."""
    from facecascade.cli.interrupt import Interrupt
    from facecascade.cli.report import Report
    from facecascade.extract.inputs import Inputs, most_pixels, reader_threads
    from facecascade.read import read_metadata
    from facecascade.rewrite import Change, Observer, RewriteOptions, rewrite_each

    options = RewriteOptions(
        frames=cast("Frames", written.frames),
        quality=written.quality,
        crf=written.crf,
        readers=reader_threads(finder.threads),
        max_pixels=most_pixels(finder.max_megapixels),
    )
    inputs = Inputs(pictures, output=written.output)
    report = Report(inputs.total)
    with (
        finder.detector() as detector,
        Interrupt() as interrupt,  # before the first file, so that Ctrl-C leaves none half made
        report.progress(),
    ):
        for outcome in rewrite_each(
            inputs,
            change=Change(detector, paint, selection=selection, hold=hold),
            folder=written.output,
            options=options,
            names=inputs.names,
            metadata=partial(read_metadata, keep_exif=written.keep_exif),
            observer=Observer(watch=report.count_frame, stop=lambda: interrupt.asked),
        ):
            report.count_rewritten(outcome)
    return report.finish(interrupted=interrupt.asked)
