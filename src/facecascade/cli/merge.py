"""`facecascade merge`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from facecascade.cli.extract import ManifestOption, checked_manifests

EPILOG: Final = """\b
Examples:
  facecascade extract photos -o part1 --shard 1/2           # on one machine
  facecascade extract photos -o part2 --shard 2/2           # on another
  facecascade merge part1 part2 -o faces
"""


def merge(
    shards: Annotated[
        list[Path], typer.Argument(metavar="DIR", help="Outputs of extract, one a shard.", show_default=False)
    ],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Where to bring them together.")],
    manifest: ManifestOption = None,
) -> None:
    """Bring the faces of several shards together, with one journal and one list, as one run would have made them.

    Crops are linked where the file system allows it, and copied where not. Give the same command again to go on after a
    stop, or to add shards.
    """
    from facecascade.cli.report import Report
    from facecascade.extract import Journal, merge_shards
    from facecascade.extract.links import link
    from facecascade.extract.manifest import COLUMNS, list_faces
    from facecascade.write import Run, Together, get_writer

    lists = [f"faces.{kind}" for kind in checked_manifests(manifest)]
    report = Report(None)
    with report.progress():
        for record in merge_shards(shards, output):
            report.add(faces=len(record.faces))
    run = Run(crops=True, columns=COLUMNS)
    with Journal(output) as journal, Together([get_writer(output / name, run=run) for name in lists]) as writers:
        list_faces(journal, link(journal), writers.writers)
    report.finish()
