"""`python -m benchmarks.ranking`: see the package's docstring."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.data import DATA
from benchmarks.peers.peer import NAMES, OWN, Options, find_peer
from benchmarks.ranking.detections import own_faces, peer_faces
from benchmarks.ranking.scores import RULES, PictureSet, Score, Scores, measure
from benchmarks.ranking.tables import beside_table, landmark_table, precision_table, target_table
from benchmarks.ranking.targets import Target, targets
from facecascade import AnnotationError, Faces
from facecascade.settings import PRESETS

OWN_SETTINGS: Final[dict[str, dict[str, Any]]] = {
    **{str(name): settings for name, settings in PRESETS.items()},
    "classic": {"geometry": "classic"},
}
"""Arguments of this package's `MTCNN`, by the name that `--detector` takes."""
OTHERS: Final = tuple(name for name in NAMES if name != OWN)


def main() -> int:
    """Run the comparison that the command line describes; 1 if a target is missed."""
    args = _arguments()
    sets = [_read(args.data / name) for name in args.sets]
    scores = {pictures.name: dict(_scores(args, pictures)) for pictures in sets}
    others = [find_peer(name) for name in args.peers]
    mtcnns = [peer.title for peer in others if peer.cascade]
    print(f"{OWN} with settings {', '.join(args.detector)}; other packages with their own defaults\n")
    _print_sets(scores, [*map(title, args.detector), *mtcnns])
    judged = title(args.detector[0])
    rows = _judge(scores, judged, mtcnns)
    print(f"## Targets: {judged}, beside the best of the other MTCNNs\n\n{target_table(rows)}\n")
    beside = [row for row in _judge(scores, judged, [peer.title for peer in others]) if not row.rising]
    print(f"## Landmarks beside the best of all, no target\n\n{beside_table(beside)}")
    print(*("\n- " + note for peer in others for note in peer.notes), sep="")
    return int(any(row.missed for row in rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ranking", description="Accuracy, side by side with other packages."
    )
    parser.add_argument("--data", type=Path, default=DATA, help="data folder (default: %(default)s)")
    parser.add_argument("--sets", nargs="+", choices=RULES, default=list(RULES), help="(default: all)")
    parser.add_argument(
        "--detector",
        nargs="+",
        choices=OWN_SETTINGS,
        default=["default", "classic"],
        help="this package's settings; the first are judged (default: default classic)",
    )
    parser.add_argument("--peers", nargs="*", choices=OTHERS, default=list(OTHERS), help="(default: all)")
    parser.add_argument("--threads", type=int, default=2, help="threads of each package (%(default)s)")
    return parser.parse_args()


def _read(folder: Path) -> PictureSet:
    try:
        return PictureSet.read(folder)
    except AnnotationError as error:
        raise SystemExit(f"{error}: name another folder by --data") from None


def _scores(args: argparse.Namespace, pictures: PictureSet) -> Iterator[tuple[str, Score]]:
    paths = {args.data / pictures.name / name: name for name in pictures.marked}
    for name in args.detector:
        found = own_faces(OWN_SETTINGS[name], list(paths), threads=args.threads)
        yield title(name), measure(_by_name(found, paths), pictures)
    for name in args.peers:
        found = peer_faces(name, list(paths), options=Options(threads=args.threads))
        yield find_peer(name).title, measure(_by_name(found, paths), pictures)


def _by_name(found: Mapping[Path, Faces], names: Mapping[Path, str]) -> dict[str, Faces]:
    return {names[path]: faces for path, faces in found.items()}


def _print_sets(scores: Mapping[str, Scores], mtcnns: Sequence[str]) -> None:
    for name, one in scores.items():
        print(f"## {name}\n\n{landmark_table(one, mtcnns) if RULES[name] else precision_table(one)}\n")


def _judge(scores: Mapping[str, Scores], judged: str, others: Sequence[str]) -> list[Target]:
    pairs = ((name, one[judged], {other: one[other] for other in others}) for name, one in scores.items())
    return [row for name, ours, theirs in pairs for row in targets(name, ours, theirs)]


def title(settings: str) -> str:
    """How tables call this package with these settings."""
    return f"{OWN}, {settings}"


if __name__ == "__main__":
    sys.exit(main())
