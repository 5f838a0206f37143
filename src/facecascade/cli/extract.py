"""`facecascade extract`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer

from facecascade.cli import input_options
from facecascade.cli.options import PRESETS_HELP, Finder, Pictures, WriteOption, finds_faces
from facecascade.cli.panels import CROPS, FILES, SELECTION

if TYPE_CHECKING:
    from facecascade.extract.crop import Shape
    from facecascade.extract.cropping import CropKind
    from facecascade.extract.job import CropFormat
    from facecascade.faces import SortKey

MANIFEST: Final = "faces.csv"
"""The list of all crops, beside them."""

EPILOG: Final = f"""{PRESETS_HELP}
\b
Examples:
  facecascade extract group.jpg -o faces
  facecascade extract photos -o faces --sheet
  facecascade extract photos -o faces --write parquet:faces/faces.parquet
  facecascade extract photos -o faces --size 224 --margin 0.4 --format png --min-score 0.95
  facecascade extract photos -o faces --crop aligned
  facecascade extract photos -o faces --crop aligned --template ffhq-512 --min-size 100 --max-yaw 30
  facecascade extract portraits -o faces --at-most 1 --prefer size
"""


@finds_faces
def extract(
    pictures: Pictures,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where to write the faces.", rich_help_panel=FILES)
    ],
    crop: Annotated[
        str,
        typer.Option(
            metavar="box|aligned",
            help="Along the rows of the picture around the box; or upright, with eyes, nose and mouth where the "
            "template has them, as networks that recognise or restore faces want it.",
            rich_help_panel=CROPS,
        ),
    ] = "box",
    size: Annotated[
        int | None,
        typer.Option(
            metavar="PIXELS",
            help="Longer side of a cut-out face.  [default: 160, or the template's]",
            show_default=False,
            rich_help_panel=CROPS,
        ),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="box: added on each side, as a share of the box's longer side.  [default: 0.2]",
            show_default=False,
            rich_help_panel=CROPS,
        ),
    ] = None,
    shape: Annotated[
        str,
        typer.Option(
            metavar="square|box",
            help="box: squares, or crops of the shape of their box, with the margin as a share of each side.",
            rich_help_panel=CROPS,
        ),
    ] = "square",
    template: Annotated[
        str | None,
        typer.Option(
            metavar="NAME-OR-FILE",
            help="aligned: arcface-112, arcface-128, ffhq-512, in any --size; or a JSON file with size and five "
            "points.  [default: arcface-112]",
            show_default=False,
            rich_help_panel=CROPS,
        ),
    ] = None,
    fill: Annotated[
        str,
        typer.Option(
            metavar="COLOUR",
            help="Around the picture where a crop leaves it: a name or #rrggbb.",
            rich_help_panel=CROPS,
        ),
    ] = "black",
    min_score: Annotated[
        float,
        typer.Option(metavar="SCORE", help="Leave out faces with a lower score.", rich_help_panel=SELECTION),
    ] = 0.0,
    min_size: Annotated[
        float,
        typer.Option(
            metavar="PIXELS", help="Leave out faces whose box is narrower or lower.", rich_help_panel=SELECTION
        ),
    ] = 0.0,
    min_sharpness: Annotated[
        float,
        typer.Option(
            metavar="VARIANCE",
            help="Leave out blurred faces; try 50. Variance of the Laplacian of the aligned face at 112 pixels.",
            rich_help_panel=SELECTION,
        ),
    ] = 0.0,
    max_roll: Annotated[
        float | None,
        typer.Option(
            metavar="DEGREES",
            help="Leave out faces that lean further to a side.",
            show_default=False,
            rich_help_panel=SELECTION,
        ),
    ] = None,
    max_yaw: Annotated[
        float | None,
        typer.Option(
            metavar="DEGREES",
            help="Leave out faces that look further to a side; a rough figure, 20 keeps the frontal ones.",
            show_default=False,
            rich_help_panel=SELECTION,
        ),
    ] = None,
    at_most: Annotated[
        int | None,
        typer.Option(metavar="N", help="Faces of one picture, at most.", show_default=False, rich_help_panel=SELECTION),
    ] = None,
    prefer: Annotated[
        str,
        typer.Option(
            metavar="score|size|centre",
            help="Which ones then: the surest, the largest, those nearest to the centre of the picture.",
            rich_help_panel=SELECTION,
        ),
    ] = "score",
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
    write: WriteOption = None,
    frames: input_options.Frames = input_options.FIRST,
    every: input_options.Every = input_options.EACH,
    start: input_options.Start = input_options.BEGINNING,
    end: input_options.End = None,
    finder: Finder,
) -> None:
    """Cut faces out: one picture a face, and a list of them all, faces.csv.

    The faces of holiday/beach.jpg become beach_00.jpg, beach_01.jpg and so on; the folders of the pictures are kept.
    """
    from functools import partial

    from facecascade.cli.inputs import Inputs, source_id
    from facecascade.cli.interrupt import Interrupt
    from facecascade.cli.report import Report
    from facecascade.cli.writing import named_writers, run_of
    from facecascade.extract import Cropping, ExtractOptions, Selection, Unreadable, extract_faces
    from facecascade.extract.resample import colour
    from facecascade.read import Sampling, read_metadata
    from facecascade.write import CsvWriter, Together

    chosen = ExtractOptions(
        cropping=Cropping(
            kind=cast("CropKind", crop),
            size=size,
            margin=margin,
            shape=cast("Shape", shape),
            template=template,
            fill=colour(fill),
        ),
        selection=Selection(
            min_score=min_score,
            min_size=min_size,
            min_sharpness=min_sharpness,
            max_roll=max_roll,
            max_yaw=max_yaw,
            at_most=at_most,
            prefer=cast("SortKey", prefer),
        ),
        format=cast("CropFormat", crop_format),
        quality=quality,
        sheet=sheet,
    )
    sampling = Sampling.parse(every=every, start=start, end=end)
    inputs = Inputs(pictures, output=output, frames=frames, sampling=sampling)
    report = Report(inputs.total)
    with (
        finder.detector() as detector,
        Interrupt() as interrupt,  # before the first file, so that Ctrl-C leaves none half made
        Together(
            named_writers(
                write or [],
                run=run_of(detector, inputs, crops=True),
                first=[CsvWriter(output / MANIFEST, crops=True)],
            )
        ) as manifest,
        report.progress(),
    ):
        read = interrupt.until(inputs.read(threads=finder.threads, max_megapixels=finder.max_megapixels))
        for outcome in extract_faces(
            read,
            detector=detector,
            folder=output,
            options=chosen,
            names=inputs.names,
            metadata=partial(read_metadata, keep_exif=keep_exif),
        ):
            report.count(outcome)
            if isinstance(outcome, Unreadable):
                manifest.write_error(source_id(outcome.source), outcome.error)
            else:
                source = source_id(outcome.source)
                manifest.write(source, outcome.faces, width=outcome.width, height=outcome.height, crops=outcome.crops)
    raise typer.Exit(report.finish(interrupted=interrupt.asked))
