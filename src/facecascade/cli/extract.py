"""`facecascade extract`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer

from facecascade.cli.crop_options import CropOptions, SelectionOptions
from facecascade.cli.groups import takes_groups
from facecascade.cli.input_options import Moving, Pictures
from facecascade.cli.options import PRESETS_HELP, Finder, WriteOption
from facecascade.cli.panels import FILES

if TYPE_CHECKING:
    from facecascade.extract.job import CropFormat

MANIFEST: Final = "faces.csv"
"""The list of all crops, beside them."""

EPILOG: Final = f"""{PRESETS_HELP}
\b
Examples:
  facecascade extract group.jpg -o faces
  facecascade extract photos -o faces --sheet
  facecascade extract photos -o faces --crop aligned
  facecascade extract photos -o faces --size 224 --margin 0.4 --format png
  facecascade extract photos -o faces --min-size 100 --max-yaw 30 --measure
  facecascade extract photos -o faces --write parquet:faces/faces.parquet
  facecascade extract portraits -o faces --at-most 1 --prefer size
  facecascade extract album.zip clip.mp4 -o faces --every 0.5s
"""


@takes_groups
def extract(
    pictures: Pictures,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where to write the faces.", rich_help_panel=FILES)
    ],
    crop_format: Annotated[
        str, typer.Option("--format", metavar="jpg|png|webp", help="Kind of file.", rich_help_panel=FILES)
    ] = "jpg",
    quality: Annotated[int, typer.Option(metavar="1-100", help="Of JPEG and WebP.", rich_help_panel=FILES)] = 95,
    keep_exif: Annotated[
        bool,
        typer.Option(
            "--keep-exif",
            help="Keep camera, exposure and author, beside the colour profile and the capture time that are always "
            "kept. Never the position.",
            rich_help_panel=FILES,
        ),
    ] = False,
    sheet: Annotated[
        bool,
        typer.Option(
            "--sheet", help="Also put all faces side by side on contact sheets, 100 on each.", rich_help_panel=FILES
        ),
    ] = False,
    measure: Annotated[
        bool,
        typer.Option(
            "--measure",
            help="Also list sharpness, roll, yaw and a hash of each face, the matrix from the picture to its crop, and "
            "the capture time. So do limits that need measuring.",
            rich_help_panel=FILES,
        ),
    ] = False,
    write: WriteOption = None,
    crops: CropOptions,
    limits: SelectionOptions,
    moving: Moving,
    finder: Finder,
) -> None:
    """Cut faces out: one picture a face, and a list of them all, faces.csv.

    The faces of holiday/beach.jpg become beach_00.jpg, beach_01.jpg and so on; the folders of the pictures are kept.
    """
    from facecascade.cli.inputs import Inputs
    from facecascade.cli.interrupt import Interrupt
    from facecascade.cli.measured import COLUMNS, extras_of
    from facecascade.cli.report import Report
    from facecascade.cli.writing import run_of, writers
    from facecascade.extract import ExtractOptions, Unreadable, extract_faces
    from facecascade.read import read_metadata
    from facecascade.write import get_writer

    options = ExtractOptions(
        cropping=crops.cropping(),
        selection=limits.selection(),
        format=cast("CropFormat", crop_format),
        quality=quality,
        measure=measure,
        sheet=sheet,
    )
    inputs = Inputs(pictures, output=output, frames=moving.frames, sampling=moving.sampling())
    report = Report(inputs.total)
    with (
        finder.detector() as detector,
        Interrupt() as interrupt,  # before the first file, so that Ctrl-C leaves none half made
        writers(
            write or (),
            run=run_of(detector, inputs, crops=True, columns=COLUMNS if options.measured else ()),
            first=lambda run: [get_writer(output / MANIFEST, run=run)],
        ) as manifest,
        report.progress(),
    ):
        read = interrupt.until(inputs.read(threads=finder.threads, max_megapixels=finder.max_megapixels))
        for outcome in extract_faces(
            read,
            detector=detector,
            folder=output,
            options=options,
            names=inputs.names,
            metadata=partial(read_metadata, keep_exif=keep_exif),
        ):
            report.count(outcome)
            if isinstance(outcome, Unreadable):
                manifest.write_error(outcome.source, outcome.error)
                continue
            manifest.write(
                outcome.source,
                outcome.faces,
                width=outcome.width,
                height=outcome.height,
                crops=outcome.crops,
                extras=extras_of(outcome),
            )
    raise typer.Exit(report.finish(interrupted=interrupt.asked))
