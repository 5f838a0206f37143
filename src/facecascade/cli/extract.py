"""`facecascade extract`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer

from facecascade.cli.options import PRESETS_HELP, Finder, Pictures, WriteOption, finds_faces

if TYPE_CHECKING:
    from facecascade.extract.job import CropFormat

MANIFEST: Final = "faces.csv"
"""The list of all crops, beside them."""

EPILOG: Final = f"""{PRESETS_HELP}
\b
Examples:
  facecascade extract group.jpg -o faces
  facecascade extract photos -o faces --sheet
  facecascade extract photos -o faces --write parquet:faces/faces.parquet
  facecascade extract photos -o faces --size 224 --margin 0.4 --format png --min-score 0.95
"""


@finds_faces
def extract(
    pictures: Pictures,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Where to write the faces.")],
    size: Annotated[int, typer.Option(metavar="PIXELS", help="Side of a cut-out face.")] = 160,
    margin: Annotated[
        float, typer.Option(metavar="SHARE", help="Added on each side of the box, as a share of its longer side.")
    ] = 0.2,
    crop_format: Annotated[str, typer.Option("--format", metavar="jpg|png", help="Kind of file.")] = "jpg",
    quality: Annotated[int, typer.Option(metavar="1-100", help="Of JPEG.")] = 95,
    min_score: Annotated[float, typer.Option(metavar="SCORE", help="Leave out faces with a lower score.")] = 0.0,
    sheet: Annotated[
        bool, typer.Option("--sheet", help="Also put all faces side by side on contact sheets, 100 on each.")
    ] = False,
    write: WriteOption = None,
    finder: Finder,
) -> None:
    """Cut faces out: one square picture a face, and a list of them all, faces.csv.

    The faces of holiday/beach.jpg become beach_00.jpg, beach_01.jpg and so on; the folders of the pictures are kept.
    """
    from facecascade.cli.inputs import Inputs
    from facecascade.cli.interrupt import Interrupt
    from facecascade.cli.report import Report
    from facecascade.cli.writing import named_writers, run_of
    from facecascade.extract import ExtractOptions, Unreadable, extract_faces
    from facecascade.write import CsvWriter, Together

    crops = ExtractOptions(
        size=size,
        margin=margin,
        format=cast("CropFormat", crop_format),
        quality=quality,
        min_score=min_score,
        sheet=sheet,
    )
    inputs = Inputs(pictures, output=output)
    report = Report(len(inputs.sources))
    with (
        finder.detector() as detector,
        Together(
            named_writers(
                write or [],
                run=run_of(detector, inputs, crops=True),
                first=[CsvWriter(output / MANIFEST, crops=True)],
            )
        ) as manifest,
        Interrupt() as interrupt,
        report.progress(),
    ):
        read = interrupt.until(inputs.read(threads=finder.threads, max_megapixels=finder.max_megapixels))
        for outcome in extract_faces(read, detector=detector, folder=output, options=crops, names=inputs.names):
            report.count(outcome)
            if isinstance(outcome, Unreadable):
                manifest.write_error(outcome.source, outcome.error)
            else:
                manifest.write(
                    outcome.source, outcome.faces, width=outcome.width, height=outcome.height, crops=outcome.crops
                )
    raise typer.Exit(report.finish(interrupted=interrupt.asked))
