"""`python -m benchmarks.compat`: see the package's docstring."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.compat.script import MODULES
from benchmarks.data import DATA, ROOT, list_pictures, load_rgb, to_faces
from benchmarks.parity import Comparison, compare
from benchmarks.peers.environments import python_of
from benchmarks.peers.peer import find_peer
from benchmarks.report import table
from facecascade import Faces

ENVIRONMENTS: Final = {
    "mtcnn_0_1_1": "mtcnn_0_1_1",
    "mtcnn_1_0_0": "mtcnn_1_0_0",
    "facenet_pytorch": "facenet_pytorch",
    "deepface": "mtcnn_1_0_0",
}
"""The package of `benchmarks.peers` in whose environment each package of `script.MODULES` lives."""
HEADER: Final = (
    "package",
    "pictures",
    "its faces",
    "ours",
    "paired",
    "mean IoU",
    "least IoU",
    "pictures of other form",
)

Answer = dict[str, Any]


def main() -> int:
    """Compare all packages, or those named; 1 if the form of a result is another."""
    args = _arguments()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        _save_pixels(list_pictures(args.pictures)[: args.count], Path(folder))
        for name in args.names or MODULES:
            python = python_of(ENVIRONMENTS[name], find_peer(ENVIRONMENTS[name]))
            theirs = _run(python, name, "theirs", Path(folder))
            rows.append(_row(name, theirs, _run(Path(sys.executable), name, "ours", Path(folder))))
    print(table(HEADER, rows))
    return int(any(row[-1] for row in rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compat", description="The drop-ins beside the packages whose calls they have."
    )
    parser.add_argument("names", nargs="*", choices=[[], *MODULES], help=f"packages (default: {', '.join(MODULES)})")
    parser.add_argument("--pictures", type=Path, default=DATA / "photos", help="folder (default: in ../shared/data)")
    parser.add_argument("--count", type=int, default=20, help="how many of them (default: %(default)s)")
    return parser.parse_args()


def _save_pixels(pictures: Sequence[Path], folder: Path) -> None:
    for position, picture in enumerate(pictures):
        np.save(folder / f"{position:04}-{picture.stem}.npy", load_rgb(picture))


def _run(python: Path, name: str, whose: str, folder: Path) -> dict[str, Answer]:
    result = folder / f"{name}-{whose}.json"
    command = [str(python), "-m", "benchmarks.compat.script", name, whose, str(folder), str(result)]
    code = subprocess.run(command, check=False, stdout=sys.stderr, cwd=ROOT).returncode
    if code:
        raise SystemExit(f"expected success, got exit code {code} from: {' '.join(command)}")
    answers: dict[str, Answer] = json.loads(result.read_text(encoding="utf-8"))
    return answers


def _row(name: str, theirs: Mapping[str, Answer], ours: Mapping[str, Answer]) -> tuple[Any, ...]:
    compared = [_compare(picture, ours[picture], theirs[picture]) for picture in theirs]
    overlaps = np.concatenate([one.overlaps for one in compared])
    return (
        name,
        len(compared),
        sum(one.golden for one in compared),
        sum(one.found for one in compared),
        len(overlaps),
        f"{overlaps.mean():.4f}" if len(overlaps) else "",
        f"{overlaps.min():.3f}" if len(overlaps) else "",
        sum(_differs(ours[picture], theirs[picture]) for picture in theirs),
    )


def _compare(picture: str, ours: Answer, theirs: Answer) -> Comparison:
    return compare(picture, _faces(ours), _faces(theirs))


def _faces(answer: Answer) -> Faces:
    # deepface gives no nose and no mouth: boxes are compared, and the points of all are taken as missing.
    return to_faces(face | {"landmarks": face["landmarks"] or [[0.0, 0.0]] * 5} for face in answer["faces"])


def _differs(ours: Answer, theirs: Answer) -> bool:
    """Whether the forms differ where both found something, or both nothing."""
    return bool(ours["faces"]) == bool(theirs["faces"]) and json.dumps(ours["form"]) != json.dumps(theirs["form"])


if __name__ == "__main__":
    sys.exit(main())
