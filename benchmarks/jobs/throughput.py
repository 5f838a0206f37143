"""Pictures a second of the whole job, beside decoding and detecting alone, and beside a loop with facenet-pytorch."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.peers.environments import python_of
from benchmarks.peers.peer import find_peer
from benchmarks.report import table, verdict
from facecascade import MTCNN
from facecascade.extract import Cropping, ExtractJob, ExtractOptions, Inputs, detect_each
from facecascade.extract.manifest import COLUMNS
from facecascade.write import ParquetWriter

SHARE: Final = 0.85
TIMES: Final = 8.0


def report(pictures: Path, work: Path, *, runs: int, peer_pictures: int) -> str:
    """Runs both in turn, and facenet-pytorch on the first pictures between them.

    Args:
        pictures: a folder of JPEGs.
        work: for the crops.
        runs: of each.
        peer_pictures: how many pictures facenet-pytorch gets, which takes them one by one.
    """
    paths = sorted(pictures.rglob("*.jpg"))
    few = paths[:peer_pictures]
    ways: dict[str, Callable[[], float]] = {
        "decode and detect": lambda: len(paths) / _seconds(lambda: _detect(pictures)),
        "the job": lambda: len(paths) / _seconds(lambda: _extract(pictures, work / "faces")),
        "facenet-pytorch": lambda: len(few) / _facenet(few, work / "facenet"),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, rate in ways.items():
            rates[name].append(rate())
    middle = {name: statistics.median(values) for name, values in rates.items()}
    share, times = middle["the job"] / middle["decode and detect"], middle["the job"] / middle["facenet-pytorch"]
    rows = [[name, f"{middle[name]:.1f}", f"{min(some):.1f} to {max(some):.1f}"] for name, some in rates.items()]
    kept, faster = (verdict(value, limit=limit, at_least=True) for value, limit in ((share, SHARE), (times, TIMES)))
    return "\n".join(
        [
            f"{len(paths)} pictures (facenet-pytorch: the first {len(few)}), medians of {runs} runs in turn:\n",
            table(["what", "pictures/s", "from, to"], rows),
            "",
            f"- the job beside decode and detect: {share:.0%}, at least {SHARE:.0%}: {kept}",
            f"- beside facenet-pytorch: {times:.1f} times, at least {TIMES:g}: {faster}",
        ]
    )


def _seconds(step: Callable[[], None]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


def _detect(pictures: Path) -> None:
    with MTCNN(min_face_size=40, threads=2) as detector:
        for _ in detect_each(Inputs([pictures]).read(threads=2), detector=detector):
            pass


def _extract(pictures: Path, output: Path) -> None:
    shutil.rmtree(output, ignore_errors=True)
    options = ExtractOptions(cropping=Cropping(kind="aligned", size=112))
    with (
        MTCNN(min_face_size=40, threads=2) as detector,
        ExtractJob(Inputs([pictures]), output, detector=detector, options=options, threads=2) as job,
    ):
        for _ in job.run():
            pass
        with ParquetWriter(output / "faces.parquet", crops=True, columns=COLUMNS) as writer:
            job.finish([writer])


def _facenet(pictures: list[Path], output: Path) -> float:
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    python = python_of("facenet_pytorch", find_peer("facenet_pytorch"))
    command = [str(python), str(Path(__file__).with_name("facenet_loop.py")), str(output), *map(str, pictures)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
