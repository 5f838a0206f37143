"""`facecascade evaluate`."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer

from facecascade.cli.exits import OK
from facecascade.cli.groups import takes_groups
from facecascade.cli.options import PRESETS_HELP, Finder
from facecascade.errors import SettingsError

if TYPE_CHECKING:
    from facecascade.detector import MTCNN
    from facecascade.evaluate import Missing, Result, Rule, Table
    from facecascade.faces import Faces

PROTOCOLS: Final = ("wider", "fddb", "landmarks")
WIDE: Final = 160
"""Characters of a line in a pipe, which has no width of its own: no table needs more."""
OURS: Final = "facecascade"
"""What this package's own detector is called in the results."""

EPILOG: Final = f"""{PRESETS_HELP}
\b
Examples:
  facecascade evaluate wider --truth wider_face_split/wider_face_val_bbx_gt.txt --pictures WIDER_val/images
  facecascade evaluate wider --truth ground_truth --detections a.jsonl --detections b.jsonl -o result
  facecascade evaluate fddb --truth FDDB-folds --pictures originalPics -o result
  facecascade evaluate landmarks --truth annotations.json --pictures . --preset thorough
"""


@takes_groups
def evaluate(
    protocol: Annotated[str, typer.Argument(metavar="wider|fddb|landmarks", help="How to measure.")],
    *,
    truth: Annotated[Path, typer.Option(metavar="PATH", help="The marked faces: a file or folder of the data set.")],
    pictures: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The pictures: to find the faces of, and for galleries.", show_default=False),
    ] = None,
    detections: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Measure what this file or folder holds, of any detector; several are compared with the first.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Where to keep result.json, plots and galleries.", show_default=False
        ),
    ] = None,
    missing: Annotated[
        str,
        typer.Option(
            metavar="fail|empty|skip",
            help="Marked pictures without detections: an error, nothing found in them, or left out.",
        ),
    ] = "fail",
    inclusive: Annotated[
        bool, typer.Option("--inclusive", help="wider: count boxes a pixel wider, as the official program does.")
    ] = False,
    iou: Annotated[
        float, typer.Option(metavar="SHARE", help="wider: overlap that a hit needs; the protocol has .5.")
    ] = 0.5,
    rounds: Annotated[int, typer.Option(metavar="N", help="wider: resamples for intervals; 0 for none.")] = 1000,
    match: Annotated[
        str, typer.Option(metavar="centre|overlap", help="landmarks: which detection belongs to which face.")
    ] = "centre",
    finder: Finder,
) -> None:
    """Measure detections against marked faces: average precision, ROC curves, landmark error."""
    from facecascade.evaluate import save_result
    from facecascade.evaluate.plots import check_plots

    _check(protocol, pictures=pictures, detections=detections, missing=missing, rounds=rounds)
    if output is not None:
        check_plots()
    marked = _marked(protocol, truth)
    places = {} if pictures is None else _places(pictures, marked)
    facts: dict[str, Any] = _facts(truth)
    found: dict[str, Mapping[str, Any]] = {}
    code = OK
    if detections:
        found = {name: _read(protocol, path) for name, path in _names(detections).items()}
    else:
        with finder.detector() as detector:
            faces, code = _detect(places, detector, finder)
            found = {OURS: _regions(faces) if protocol == "fddb" else faces}
            facts |= {"settings": detector.settings.to_dict(), "weights_sha256": detector.weights.sha256}
    result = _measure(
        protocol,
        found,
        marked,
        missing=cast("Missing", missing),
        inclusive=inclusive,
        iou=iou,
        rounds=rounds,
        rule=match,
    )
    for table in result.tables:
        _print(table)
    if output is not None:
        save_result(result, output, facts=facts, pictures=places)
    raise typer.Exit(code)


def _check(protocol: str, *, pictures: Path | None, detections: list[Path] | None, missing: str, rounds: int) -> None:
    from facecascade.evaluate import MISSING

    for name, value, choices in (("protocol", protocol, PROTOCOLS), ("--missing", missing, MISSING)):
        if value not in choices:
            raise SettingsError(f"expected {name} to be one of {', '.join(choices)}, got {value!r}")
    if pictures is None and not detections:
        raise SettingsError("expected --pictures DIR, to find faces in, or --detections FILE, got neither")
    if rounds < 0:
        raise SettingsError(f"expected --rounds of at least 0, got {rounds}")


def _marked(protocol: str, truth: Path) -> dict[str, Any]:
    from facecascade.evaluate import read_ellipses, read_marked

    return dict(read_ellipses(truth) if protocol == "fddb" else read_marked(truth))


def _places(pictures: Path, marked: Collection[str]) -> dict[str, Path]:
    """Where each marked picture lies."""
    from facecascade.evaluate import pair_names
    from facecascade.read import find_pictures

    files = {path.as_posix(): path for path in find_pictures(pictures)}
    return {name: files[file] for name, file in pair_names(files, marked).items()}


def _names(detections: list[Path]) -> dict[str, Path]:
    """Short names for files, or their paths where the short ones are not different."""
    short = [path.name.partition(".")[0] for path in detections]
    names = short if len(set(short)) == len(short) else [str(path) for path in detections]
    if len(set(names)) < len(names):
        raise SettingsError("expected different --detections, got one of them twice")
    return dict(zip(names, detections, strict=True))


def _read(protocol: str, path: Path) -> Mapping[str, Any]:
    from facecascade.evaluate import read_detections, read_regions

    return read_regions(path) if protocol == "fddb" else read_detections(path)


def _regions(found: Mapping[str, Faces]) -> Mapping[str, Any]:
    from facecascade.evaluate import to_regions

    return {name: to_regions(faces) for name, faces in found.items()}


def _detect(places: Mapping[str, Path], detector: MTCNN, finder: Finder) -> tuple[dict[str, Faces], int]:
    """The faces of each picture by its name in the annotations, and the exit code; unreadable ones are missing."""
    from facecascade.cli.report import Report
    from facecascade.extract import Unreadable, detect_each
    from facecascade.extract.inputs import Inputs

    names = {path: name for name, path in places.items()}
    inputs = Inputs(list(names))
    report = Report(inputs.total)
    found: dict[str, Faces] = {}
    with report.progress():
        read = inputs.read(threads=finder.threads, max_megapixels=finder.max_megapixels)
        for outcome in detect_each(read, detector=detector):
            report.count(outcome)
            if not isinstance(outcome, Unreadable):
                found[names[Path(outcome.source)]] = outcome.faces
    return found, report.finish()


def _measure(
    protocol: str,
    found: Mapping[str, Mapping[str, Any]],
    marked: dict[str, Any],
    *,
    missing: Missing,
    inclusive: bool,
    iou: float,
    rounds: int,
    rule: str,
) -> Result:
    from facecascade.evaluate import align, measure_fddb, measure_landmarks, measure_wider, to_regions
    from facecascade.faces import Faces

    none = to_regions(Faces.empty()) if protocol == "fddb" else Faces.empty()
    aligned = {name: align(one, marked, missing=missing, empty=none) for name, one in found.items()}
    common = set.intersection(*(set(one) for one in aligned.values()))
    kept = {name: faces for name, faces in marked.items() if name in common}
    aligned = {detector: {name: one[name] for name in kept} for detector, one in aligned.items()}
    if protocol == "fddb":
        return measure_fddb(aligned, kept)
    if protocol == "landmarks":
        return measure_landmarks(aligned, kept, rule=cast("Rule", rule))
    return measure_wider(aligned, kept, inclusive=inclusive, least=iou, rounds=rounds)


def _facts(truth: Path) -> dict[str, Any]:
    from facecascade import __version__

    return {"facecascade": __version__, "truth": truth.name}


def _print(table: Table) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table as Shown
    from rich.text import Text

    shown = Shown(box=box.SIMPLE_HEAD, pad_edge=False, title=Text(table.title), title_justify="left")
    for place, name in enumerate(table.header):
        shown.add_column(Text(name), justify="right" if place else "left", overflow="fold")
    for row in table.rows:
        shown.add_row(*map(Text, row))
    width = None if sys.stdout.isatty() else WIDE
    Console(width=width).print(shown)
