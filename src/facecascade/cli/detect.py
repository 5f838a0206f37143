"""`facecascade detect`."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from facecascade.cli import input_options
from facecascade.cli.options import PRESETS_HELP, Finder, Pictures, WriteOption, finds_faces

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


@finds_faces
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
        ),
    ] = None,
    write: WriteOption = None,
    draw: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Also write each picture there, with its faces drawn.", show_default=False),
    ] = None,
    scores: Annotated[bool, typer.Option("--scores", help="Write the scores beside the drawn boxes.")] = False,
    frames: input_options.Frames = input_options.FIRST,
    every: input_options.Every = input_options.EACH,
    start: input_options.Start = input_options.BEGINNING,
    end: input_options.End = None,
    finder: Finder,
) -> None:
    """Find faces: boxes, scores and five landmarks, in pixels of the upright picture."""
    from facecascade.cli.inputs import Inputs, source_id
    from facecascade.cli.interrupt import Interrupt
    from facecascade.cli.report import Report
    from facecascade.cli.writing import run_of
    from facecascade.extract import Unreadable, detect_each
    from facecascade.read import Sampling
    from facecascade.write import Together

    sampling = Sampling.parse(every=every, start=start, end=end)
    inputs = Inputs(pictures, output=draw, frames=frames, sampling=sampling)
    report = Report(inputs.total)
    with (
        finder.detector() as detector,
        Together(_writers(output, write or [], run=run_of(detector, inputs))) as writer,
        Interrupt() as interrupt,
        report.progress(beside_output=str(output) == "-"),
    ):
        read = interrupt.until(inputs.read(threads=finder.threads, max_megapixels=finder.max_megapixels))
        for outcome in detect_each(read, detector=detector):
            report.count(outcome)
            if isinstance(outcome, Unreadable):
                writer.write_error(source_id(outcome.source), outcome.error)
                continue
            height, width = outcome.pixels.shape[:2]
            writer.write(source_id(outcome.source), outcome.faces, width=width, height=height)
            if draw is not None:
                _draw(outcome, draw / inputs.names.name(outcome.source), scores=scores)
    raise typer.Exit(report.finish(interrupted=interrupt.asked))


def _writers(output: Path | None, orders: list[str], *, run: Run) -> list[Writer]:
    from facecascade.cli.writing import named_writers
    from facecascade.write import get_writer

    writers = [] if output is None and orders else [_printer(output)]
    if output is not None and str(output) != "-":
        writers = [get_writer(output, run=run)]
    return named_writers(orders, run=run, first=writers)


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
