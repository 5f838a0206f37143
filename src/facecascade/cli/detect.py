"""`facecascade detect`."""

from __future__ import annotations

import io
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from facecascade.cli.groups import takes_groups
from facecascade.cli.input_options import Moving, Pictures
from facecascade.cli.options import PRESETS_HELP, Finder, WriteOption
from facecascade.cli.panels import FILES

if TYPE_CHECKING:
    from facecascade.extract import Detected
    from facecascade.write import Run, Writer

EPILOG: Final = f"""{PRESETS_HELP}
\b
Examples:
  facecascade detect group.jpg
  facecascade detect photos -o faces.jsonl
  facecascade detect photos -o faces.csv --draw drawn --scores
  facecascade detect photos --write coco:faces.json --write xmp
  facecascade detect photos --min-face-size 40 | jq .source
  facecascade detect 'photos/**/*.jpg' album.zip @list.txt
  facecascade detect clip.mp4 --every 0.5s --start 1:30
"""


@takes_groups
def detect(
    pictures: Pictures,
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write the faces: a .jsonl, .json, .csv or .parquet file, or - for JSON lines on standard "
            "output. Without it and --write, a table in a terminal, JSON lines in a pipe.",
            show_default=False,
            rich_help_panel=FILES,
        ),
    ] = None,
    write: WriteOption = None,
    draw: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Also write each picture there, with its faces drawn.",
            show_default=False,
            rich_help_panel=FILES,
        ),
    ] = None,
    scores: Annotated[
        bool, typer.Option("--scores", help="Write the scores beside the drawn boxes.", rich_help_panel=FILES)
    ] = False,
    moving: Moving,
    finder: Finder,
) -> None:
    """Find faces: boxes, scores and five landmarks, in pixels of the upright picture."""
    from facecascade.cli.interrupt import Interrupt
    from facecascade.cli.report import Report
    from facecascade.cli.writing import run_of, writers
    from facecascade.extract import Unreadable, detect_each
    from facecascade.extract.inputs import Inputs

    inputs = Inputs(pictures, output=draw, frames=moving.frames, sampling=moving.sampling())
    report = Report(inputs.total)
    with (
        finder.detector() as detector,
        Interrupt() as interrupt,  # before the first file, so that Ctrl-C leaves none half made
        writers(write or (), run=run_of(detector, inputs), first=partial(_first, output, write)) as writer,
        report.progress(beside_output=str(output) == "-"),
    ):
        read = interrupt.until(inputs.read(threads=finder.threads, max_megapixels=finder.max_megapixels))
        for outcome in detect_each(read, detector=detector):
            report.count(outcome)
            if isinstance(outcome, Unreadable):
                writer.write_error(outcome.source, outcome.error)
                continue
            height, width = outcome.pixels.shape[:2]
            writer.write(outcome.source, outcome.faces, width=width, height=height)
            if draw is not None:
                _draw(outcome, draw / inputs.names.name(outcome.source), scores=scores)
    raise typer.Exit(report.finish(interrupted=interrupt.asked))


def _first(output: Path | None, orders: list[str] | None, run: Run) -> list[Writer]:
    """The writer of --output; none where there is --write alone."""
    from facecascade.write import get_writer

    if output is None and orders:
        return []
    return [_printer(output) if output is None or str(output) == "-" else get_writer(output, run=run)]


def _printer(output: Path | None) -> Writer:
    """To standard output."""
    from facecascade.write import JsonLinesWriter

    if output is None and sys.stdout.isatty():
        from facecascade.cli.table import TableWriter

        return TableWriter()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # as in a file; see AtomicText
    return JsonLinesWriter(sys.stdout)


def _draw(found: Detected, name: Path, *, scores: bool) -> None:
    """A JPEG stays one; anything else becomes a PNG."""
    from facecascade.draw import draw_faces
    from facecascade.extract.pictures import JPEG_SUFFIXES, save_picture

    suffix = Path(found.source).suffix.lower()
    path = name.with_name(name.name + (suffix if suffix in JPEG_SUFFIXES else ".png"))
    save_picture(draw_faces(found.pixels, found.faces, scores=scores), path)
