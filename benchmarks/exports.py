"""Does the ONNX cascade find what the native engine finds, and how long does it take? `python -m benchmarks.exports`.

Every photograph through ONNX Runtime and through the native engine, each with one thread. Times are processor time,
since others may use the machine too: medians of rounds in which the two take turns. Ends with exit code 1 if the faces
are not the same.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.data import DATA, GROUP_PHOTO, Picture, list_pictures, load_rgb, resized
from benchmarks.equality import Gap, measure
from benchmarks.report import table
from facecascade.engines.native import NativeEngine
from facecascade.export import export
from facecascade.faces import Faces
from facecascade.settings import Settings
from facecascade.weights import Weights

HEIGHTS: Final = (480, 720, 1080)
"""Of the group photo, when time is measured."""
BOX_LIMIT: Final = 0.05
"""Largest difference of a corner, and of a landmark, in pixels."""
SCORE_LIMIT: Final = 1e-4

Detect = Callable[[Picture], Faces]


def main() -> int:
    """Measure both, and say where they differ; 1 if a limit is broken."""
    args = _arguments()
    with TemporaryDirectory() as folder, closing(NativeEngine(Weights.load().tensors, threads=1)) as native:
        path = Path(folder, "cascade.onnx")
        done = export(path, to="onnx")
        print(f"cascade.onnx: {done.size:,} bytes\n")
        ours: Detect = lambda picture: native.detect([picture], Settings())[0]  # noqa: E731
        theirs = _runtime(path)
        photo = load_rgb(args.folder / GROUP_PHOTO)
        print(_times({height: resized(photo, height) for height in HEIGHTS}, ours, theirs, rounds=args.rounds))
        gaps = {file.name: measure(theirs(rgb), ours(rgb)) for file in _files(args) for rgb in [load_rgb(file)]}
    return _judge(gaps)


def _runtime(path: Path) -> Detect:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session: Any = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda picture: Faces(*session.run(["boxes", "scores", "landmarks"], {"picture": picture}))


def _times(pictures: dict[int, Picture], ours: Detect, theirs: Detect, *, rounds: int) -> str:
    rows = []
    for height, picture in pictures.items():
        faces = len(ours(picture)), len(theirs(picture))
        spent = [(_seconds(ours, picture), _seconds(theirs, picture)) for _ in range(rounds)]
        native, runtime = (median(column) * 1000 for column in zip(*spent, strict=True))
        name = f"{height}p, {picture.shape[1]} x {height}"
        rows.append([name, f"{faces[0]} / {faces[1]}", f"{native:.1f}", f"{runtime:.1f}", f"{runtime / native:.1f}"])
    return table(["group photo", "faces", "native, ms", "ONNX Runtime, ms", "ratio"], rows)


def _seconds(detect: Detect, picture: Picture) -> float:
    start = time.process_time()
    detect(picture)
    return time.process_time() - start


def _judge(gaps: dict[str, Gap]) -> int:
    wrong = {
        name: gap
        for name, gap in gaps.items()
        if gap.ours != gap.theirs or gap.score > SCORE_LIMIT or max(gap.box, gap.landmark) > BOX_LIMIT
    }
    print(
        f"\n{len(gaps)} photographs, {sum(gap.theirs for gap in gaps.values())} faces; largest differences: "
        f"{max(gap.box for gap in gaps.values()):.2g} px of a box, {max(gap.score for gap in gaps.values()):.2g} of a "
        f"score, {max(gap.landmark for gap in gaps.values()):.2g} px of a landmark"
    )
    for name, gap in wrong.items():
        print(f"DIFFERS {name}: {gap}")
    return int(bool(wrong))


def _files(args: argparse.Namespace) -> list[Path]:
    return list_pictures(args.folder)[: args.first]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exports", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--folder", type=Path, default=DATA / "photos", help="photographs, the group photo among them")
    parser.add_argument("--first", type=int, help="only so many photographs")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is timed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
