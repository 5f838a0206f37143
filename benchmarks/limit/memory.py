"""Memory of a detector in a process of its own: beyond a large picture, and over many pictures of many sizes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.data import ROOT, Picture
from benchmarks.limit.bench import Bench
from benchmarks.limit.pnet import SIZES, stretched
from facecascade.detector import MTCNN

STATUS: Final = Path("/proc/self/status")
"""Linux's page about this process."""
LARGE: Final = "4K"
KINDS: Final = 200
"""Different sizes of pictures."""
PASSES: Final = 5
"""Times that each size comes."""
MEBI: Final = 1024


def report(bench: Bench) -> str:
    """Lines about both; a reason where this system does not tell."""
    if not STATUS.is_file():
        return f"skipped: {STATUS} is not on this system"
    large = _in_a_process("large", bench, stretched(bench.picture, SIZES[LARGE]))
    many = _in_a_process("many", bench, bench.picture)
    resident = ", ".join(f"{kibi / MEBI:.1f}" for kibi in many["resident"])
    growth = (many["resident"][-1] - many["resident"][0]) / MEBI
    return "\n".join(
        [
            f"one {LARGE} picture of {large['picture'] / MEBI:.1f} MiB: {large['beyond'] / MEBI:.1f} MiB beyond it at "
            f"the most, {large['left'] / MEBI:.1f} MiB of it kept afterwards, {large['faces']} faces",
            f"{KINDS * PASSES} pictures of {KINDS} sizes: {resident} MiB in use after each {KINDS}, "
            f"{growth:+.1f} MiB from the first to the last, {many['peak'] / MEBI:.1f} MiB at the most",
        ]
    )


def sizes(height: int, width: int) -> list[tuple[int, int]]:
    """(height, width) of `KINDS` parts of a picture, the same every time, no two equal."""
    random = np.random.default_rng(0)
    found: dict[tuple[int, int], None] = {}
    while len(found) < KINDS:
        found[int(random.integers(40, height // 2)), int(random.integers(40, width // 2))] = None
    return list(found)


def resident(field: str, status: Path = STATUS) -> int:
    """A line of Linux's page about this process, in KiB: VmRSS is the memory in use, VmHWM the most there was."""
    lines = dict(line.split(":", 1) for line in status.read_text(encoding="ascii", errors="replace").splitlines())
    return int(lines[field].split()[0])


def _in_a_process(what: str, bench: Bench, picture: Picture) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.npy"
        np.save(path, picture)
        options = [what, str(path), str(bench.threads), str(bench.settings.min_face_size)]
        command = [sys.executable, "-m", "benchmarks.limit.memory", *options]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _large(detector: MTCNN, picture: Picture) -> dict[str, Any]:
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forgets the most there was
    faces = detector.detect(picture)
    beyond, left = resident("VmHWM") - before, resident("VmRSS") - before
    return {"picture": picture.nbytes // 1024, "beyond": beyond, "left": left, "faces": len(faces)}


def _many(detector: MTCNN, picture: Picture) -> dict[str, Any]:
    return {"resident": list(_passes(detector, picture)), "peak": resident("VmHWM")}


def _passes(detector: MTCNN, picture: Picture) -> Iterator[int]:
    for _ in range(PASSES):
        for height, width in sizes(*picture.shape[:2]):
            detector.detect(np.ascontiguousarray(picture[:height, :width]))
        yield resident("VmRSS")


def _child() -> None:
    what, path, threads, size = sys.argv[1:]
    picture = np.load(path)
    with MTCNN(min_face_size=float(size), threads=int(threads)) as detector:
        detector.detect(np.zeros((48, 48, 3), np.uint8))
        print(json.dumps(_large(detector, picture) if what == "large" else _many(detector, picture)))


if __name__ == "__main__":
    _child()
