"""`facecascade extract`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer

from facecascade.cli import input_options, options
from facecascade.cli.options import DEFAULTS

if TYPE_CHECKING:
    from facecascade.extract.job import CropFormat
    from facecascade.settings import Geometry, Stages

MANIFEST: Final = "faces.csv"
"""The list of all crops, beside them."""

EXAMPLES: Final = """\b
Examples:
  facecascade extract group.jpg -o faces
  facecascade extract photos -o faces --sheet
  facecascade extract photos -o faces --size 224 --margin 0.4 --format png --min-score 0.95
"""


def extract(
    pictures: options.Pictures,
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
    frames: input_options.Frames = input_options.FIRST,
    every: input_options.Every = input_options.EACH,
    start: input_options.Start = input_options.BEGINNING,
    end: input_options.End = None,
    min_face_size: options.MinFaceSize = DEFAULTS.min_face_size,
    scale_factor: options.ScaleFactor = DEFAULTS.scale_factor,
    thresholds: options.Thresholds = DEFAULTS.thresholds,
    geometry: options.GeometryOption = DEFAULTS.geometry,
    stages: options.StagesOption = DEFAULTS.stages,
    weights: options.Weights = None,
    engine: options.Engine = "native",
    threads: options.Threads = None,
    max_megapixels: options.MaxMegapixels = None,
) -> None:
    """Cut faces out: one square picture a face, and a list of them all, faces.csv.

    The faces of holiday/beach.jpg become beach_00.jpg, beach_01.jpg and so on; the folders of the pictures are kept.
    """
    from facecascade.cli.inputs import Inputs, source_id
    from facecascade.cli.interrupt import Interrupt
    from facecascade.cli.report import Report
    from facecascade.detector import MTCNN
    from facecascade.extract import ExtractOptions, Unreadable, extract_faces
    from facecascade.read import Sampling
    from facecascade.write import CsvWriter

    crops = ExtractOptions(
        size=size,
        margin=margin,
        format=cast("CropFormat", crop_format),
        quality=quality,
        min_score=min_score,
        sheet=sheet,
    )
    sampling = Sampling.parse(every=every, start=start, end=end)
    inputs = Inputs(pictures, output=output, frames=frames, sampling=sampling)
    report = Report(inputs.total)
    with (
        MTCNN(
            min_face_size=min_face_size,
            scale_factor=scale_factor,
            thresholds=thresholds,
            geometry=cast("Geometry", geometry),
            stages=cast("Stages", stages),
            weights=weights,
            engine=engine,
            threads=threads,
        ) as detector,
        CsvWriter(output / MANIFEST, crops=True) as manifest,
        Interrupt() as interrupt,
        report.progress(),
    ):
        read = interrupt.until(inputs.read(threads=threads, max_megapixels=max_megapixels))
        for outcome in extract_faces(read, detector=detector, folder=output, options=crops, names=inputs.names):
            report.count(outcome)
            if isinstance(outcome, Unreadable):
                manifest.write_error(source_id(outcome.source), outcome.error)
            else:
                source = source_id(outcome.source)
                manifest.write(source, outcome.faces, width=outcome.width, height=outcome.height, crops=outcome.crops)
    raise typer.Exit(report.finish(interrupted=interrupt.asked))
