"""`facecascade extract`."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer

from facecascade.cli.cluster_options import ClusterOptions
from facecascade.cli.crop_options import CropOptions, SelectionOptions
from facecascade.cli.groups import takes_groups
from facecascade.cli.input_options import Moving, Sources
from facecascade.cli.job_options import JobOptions
from facecascade.cli.options import PRESETS_HELP, Finder, WriteOption
from facecascade.cli.panels import FILES, MOVING
from facecascade.errors import SettingsError

if TYPE_CHECKING:
    from facecascade.extract.work import CropFormat

MANIFESTS: Final = ("csv", "parquet", "jsonl")

ManifestOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="|".join(MANIFESTS),
        help="List of all faces, beside them: faces.csv and so on; may be given several times.  [default: csv]",
        show_default=False,
        rich_help_panel=FILES,
    ),
]

EPILOG: Final = f"""{PRESETS_HELP}
\b
Examples:
  facecascade extract group.jpg -o faces
  facecascade extract photos -o faces --sheet
  facecascade extract photos -o faces --crop aligned
  facecascade extract photos -o faces --size 224 --margin 0.4 --format png
  facecascade extract photos -o faces --min-size 100 --max-yaw 30
  facecascade extract photos -o faces --manifest parquet --write coco:f.json
  facecascade extract portraits -o faces --at-most 1 --prefer size
  facecascade extract album.zip clip.mp4 -o faces --every 0.5s
  facecascade extract photos -o faces --dry-run       # what there is to do
  facecascade extract photos -o faces                 # stopped? this goes on
  facecascade extract photos -o part3 --shard 3/16   # one of 16 machines
  facecascade extract s3://b/photos -o s3://b/faces --ray auto    # a cluster
"""


@takes_groups
def extract(
    pictures: Sources,
    *,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="DIR", help="Where to write the faces.", rich_help_panel=FILES)
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
            "--sheet",
            help="Also put all faces side by side on contact sheets, 100 on each, grouped by picture.",
            rich_help_panel=FILES,
        ),
    ] = False,
    page: Annotated[
        bool,
        typer.Option(
            "--report/--no-report",
            help="A page of the run beside the faces, report.html: counts, distributions, errors, sheets.",
            rich_help_panel=FILES,
        ),
    ] = True,
    manifest: ManifestOption = None,
    write: WriteOption = None,
    best_per_track: Annotated[
        bool,
        typer.Option(
            "--best-per-track",
            help="Of videos: of each face that moves, keep the sharpest of the frontal and sure crops alone.",
            rich_help_panel=MOVING,
        ),
    ] = False,
    job: JobOptions,
    where: ClusterOptions,
    crops: CropOptions,
    limits: SelectionOptions,
    moving: Moving,
    finder: Finder,
) -> None:
    """Cut faces out: one picture a face, and a list of them all, faces.csv.

    The faces of holiday/beach.jpg become beach_00.jpg, beach_01.jpg and so on; the folders of the pictures are kept. A
    journal beside them knows which pictures are done: stop whenever you like, and give the same command again to go on.
    """
    from facecascade.cli.interrupt import Interrupt
    from facecascade.cli.on_cluster import Beside, extract_on_cluster
    from facecascade.cli.report import Report
    from facecascade.cli.writing import run_of, writers
    from facecascade.extract import ExtractJob, ExtractOptions
    from facecascade.extract.inputs import Inputs
    from facecascade.extract.journal import has_journal
    from facecascade.extract.manifest import COLUMNS
    from facecascade.write import get_writer, parsed_order

    options = ExtractOptions(
        cropping=crops.cropping(),
        selection=limits.selection(),
        format=cast("CropFormat", crop_format),
        quality=quality,
        keep_exif=keep_exif,
        best_per_track=best_per_track,
    )
    if where.ray is not None:
        kinds = [kind for kind in checked_manifests(manifest) if manifest and kind != "parquet"]
        lists = [f"faces.{kind}" for kind in kinds]
        beside = Beside(lists=lists, orders=write or (), sheets=sheet, report=page)
        told = {"options": options, "frames": moving.frames, "sampling": moving.sampling()}
        code = extract_on_cluster(pictures, output, where=where, finder=finder, job=job, beside=beside, **told)
        raise typer.Exit(code)
    folder = Path(output)
    lists = [f"faces.{kind}" for kind in checked_manifests(manifest)]
    for order in write or ():
        parsed_order(order)  # wrong ones are told before anything is begun
    begun = has_journal(folder)  # then the job looks for the pictures, and asks which are done, in one go
    inputs = Inputs(pictures, output=folder, frames=moving.frames, sampling=moving.sampling(), survey=not begun)
    if job.dry_run:
        with finder.detector() as detector:
            job.show_plan(inputs, folder, detector=detector, options=options)
        return
    with (
        finder.detector() as detector,
        Interrupt() as interrupt,  # before the first file, so that Ctrl-C leaves none half made
        ExtractJob(
            inputs,
            folder,
            detector=detector,
            options=options,
            **job.arguments(),
            threads=finder.threads,
            max_megapixels=finder.max_megapixels,
        ) as work,
    ):
        plan = work.plan()
        report = Report(job.expected(plan.pictures))
        report.say_before(work, plan)
        made = [*lists, *(write or ()), *(["sheets"] if sheet else []), *(["report"] if page else [])]
        if not plan.left and work.is_listed(made):
            return
        with writers(
            write or (),
            run=run_of(detector, inputs, crops=True, columns=COLUMNS, orientation=attrgetter("orientation")),
            first=lambda run: [get_writer(folder / name, run=run) for name in lists],
        ) as manifests:
            with report.progress():
                for outcome in work.run(stop=lambda: interrupt.asked):
                    report.count(outcome)
            work.finish(manifests.writers, sheets=sheet, report=page, files=lists)
        work.remember_listed(made)
        if not plan.left:
            return
    raise typer.Exit(report.finish(interrupted=interrupt.asked))


def checked_manifests(kinds: list[str] | None) -> list[str]:
    """The kinds of `--manifest`, each once."""
    wanted = list(dict.fromkeys(kinds or ["csv"]))
    if unknown := [kind for kind in wanted if kind not in MANIFESTS]:
        raise SettingsError(f"expected --manifest {', '.join(MANIFESTS)}, got {unknown[0]!r}")
    return wanted
