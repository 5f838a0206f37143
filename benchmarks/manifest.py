"""What does a manifest of many faces cost? Ask `python -m benchmarks.manifest`.

The same columns are written to Parquet four times, each in a process of its own: by pyarrow, from a table that is in
memory already; by `ParquetWriter.write`, picture by picture; by `ParquetWriter.write_many`, in one call a million
faces; and by a job, out of its journal, near duplicates looked for, which has some columns more. All columns that the
extractor has are there: box, score, landmarks, crop, matrix, sharpness, pose, hash, track. Numbers are random, which is
the worst case for any encoding. Seconds are of the processor, so that other programs disturb them little, and the
fastest of some runs counts.

"memory" is the most that the process had, all it had loaded included; "grown" is what writing added to it.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.report import table, verdict
from facecascade import Faces
from facecascade.extract import Journal, link
from facecascade.extract.journal import Run
from facecascade.extract.manifest import COLUMNS as JOB_COLUMNS
from facecascade.extract.manifest import list_faces
from facecascade.extract.record import FACE, Record, Stamp
from facecascade.extract.root import Root
from facecascade.write import Column, ParquetWriter
from facecascade.write.columns import BOX_COLUMNS, POINT_COLUMNS

FACES_A_PICTURE: Final = 3
POOL: Final = 1000
"""Pictures whose numbers are made beforehand and used in turn, so that making them is not measured."""
MOST_TIMES: Final = 5.0
MOST_MEGABYTES: Final = 500.0
COLUMNS: Final = (
    Column("matrix", "float64", size=6),
    Column("sharpness", "float32"),
    Column("roll", "float32"),
    Column("yaw", "float32"),
    Column("hash", "uint64"),
    Column("track", "int32"),
)


def main() -> int:
    """Measures all three, and says what they cost."""
    options = _options()
    if options.only:
        sys.stdout.write(json.dumps(_measured(options.only, options.faces)))
        return 0
    results = {kind: _fastest(kind, options.faces, options.runs) for kind in KINDS}
    base = results["pyarrow"]["seconds"]
    rows = []
    missed = False
    for kind, result in results.items():
        times = result["seconds"] / base
        word = verdict(max(times / MOST_TIMES, result["memory"] / MOST_MEGABYTES), limit=1, at_least=False)
        missed |= kind != "pyarrow" and word == "MISSED"
        cells = [f"{result['seconds']:.2f}", f"{times:.2f}", f"{result['memory']:.0f}", f"{result['grown']:.0f}"]
        rows.append([kind, *cells, f"{result['size']:.0f}", word if kind != "pyarrow" else ""])
    print(
        f"{options.faces} faces, {FACES_A_PICTURE} a picture; at most {MOST_TIMES:g} times pyarrow and "
        f"{MOST_MEGABYTES:g} MB\n"
    )
    print(table(["written by", "CPU s", "times", "memory MB", "grown MB", "file MB", ""], rows))
    return int(missed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.manifest", description=__doc__.partition("\n")[0])
    parser.add_argument("--faces", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=KINDS, help="measure one of them in this process")
    return parser.parse_args()


def _fastest(kind: str, faces: int, runs: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.manifest", "--only", kind, "--faces", str(faces)]
    results = [json.loads(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(runs)]
    best: dict[str, float] = min(results, key=lambda result: float(result["seconds"]))
    return best


def _measured(kind: str, count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "faces.parquet"
        write = KINDS[kind](path, count)
        before = _peak()
        start = time.process_time()
        write()
        seconds = time.process_time() - start
        size = path.stat().st_size / 1e6
    return {"seconds": seconds, "memory": _peak(), "grown": _peak() - before, "size": size}


def _peak() -> float:
    """The most memory that this process had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def _faces(count: int, seed: int = 1) -> Faces:
    numbers = np.random.default_rng(seed)
    boxes = numbers.uniform(0, 2000, (count, 4)).astype(np.float32)
    points = numbers.uniform(0, 2000, (count, 5, 2)).astype(np.float32)
    return Faces(boxes, numbers.uniform(0.7, 1, count).astype(np.float32), points)


def _extras(count: int, seed: int = 1) -> dict[str, Any]:
    numbers = np.random.default_rng(seed)
    pose = {name: numbers.uniform(-1, 1, count).astype(np.float32) for name in ("sharpness", "roll", "yaw")}
    return {
        "matrix": numbers.random((count, 6)),
        **pose,
        "hash": numbers.integers(0, 2**64, count, np.uint64),
        "track": np.zeros(count, np.int32),
    }


def _source(number: int) -> str:
    return f"photos/folder-{number // 1000:04d}/picture-{number:07d}.jpg"


def _crops(number: int) -> list[str]:
    return [f"folder-{number // 1000:04d}/picture-{number:07d}_{face:02d}.jpg" for face in range(FACES_A_PICTURE)]


def _picture_by_picture(path: Path, count: int) -> Callable[[], None]:
    pool = [(_faces(FACES_A_PICTURE, seed), _extras(FACES_A_PICTURE, seed)) for seed in range(POOL)]
    names = [(_source(number), _crops(number)) for number in range(count // FACES_A_PICTURE)]

    def write() -> None:
        with ParquetWriter(path, crops=True, columns=COLUMNS) as writer:
            for number, (source, crops) in enumerate(names):
                faces, extras = pool[number % POOL]
                writer.write(source, faces, width=1920, height=1080, crops=crops, extras=extras)

    return write


def _all_at_once(path: Path, count: int) -> Callable[[], None]:
    pictures = count // FACES_A_PICTURE
    faces, extras = _faces(pictures * FACES_A_PICTURE), _extras(pictures * FACES_A_PICTURE)
    sources = [_source(number) for number in range(pictures)]
    crops = [crop for number in range(pictures) for crop in _crops(number)]

    def write() -> None:
        with ParquetWriter(path, crops=True, columns=COLUMNS) as writer:
            writer.write_many(
                sources,
                faces,
                counts=np.full(pictures, FACES_A_PICTURE),
                widths=np.full(pictures, 1920),
                heights=np.full(pictures, 1080),
                crops=crops,
                extras=extras,
            )

    return write


def _by_pyarrow(path: Path, count: int) -> Callable[[], None]:
    """The same columns and types, coded as pyarrow does unless told otherwise."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pictures = count // FACES_A_PICTURE
    faces, extras = _faces(pictures * FACES_A_PICTURE), _extras(pictures * FACES_A_PICTURE)
    points = faces.landmarks.reshape(-1, 10) if faces.landmarks is not None else np.zeros((0, 10))
    columns: dict[str, Any] = {
        "source": pa.array([_source(number) for number in range(pictures) for _ in range(FACES_A_PICTURE)]),
        "width": np.full(len(faces), 1920, np.int32),
        "height": np.full(len(faces), 1080, np.int32),
        "face": np.tile(np.arange(FACES_A_PICTURE, dtype=np.int32), pictures),
        **dict(zip(BOX_COLUMNS, np.column_stack([faces.boxes, faces.scores]).T.copy(), strict=True)),
        **dict(zip(POINT_COLUMNS, points.T.copy(), strict=True)),
        "crop": pa.array([crop for number in range(pictures) for crop in _crops(number)]),
        **extras,
        "matrix": pa.FixedSizeListArray.from_arrays(extras["matrix"].reshape(-1), 6),
    }
    in_memory = pa.table(columns)
    return lambda: pq.write_table(in_memory, path)


def _by_a_job(path: Path, count: int) -> Callable[[], None]:
    """Out of a journal, which is on the disk beforehand."""
    numbers = np.random.default_rng(1)
    pool = np.zeros((POOL, FACES_A_PICTURE), FACE)
    faces, extras = _faces(POOL * FACES_A_PICTURE), _extras(POOL * FACES_A_PICTURE)
    flat = pool.reshape(-1)
    flat["box"], flat["score"], flat["landmarks"] = faces.boxes, faces.scores, faces.landmarks
    flat["matrix"] = extras["matrix"].reshape(-1, 2, 3)
    for name in ("sharpness", "roll", "yaw"):
        flat[name] = extras[name]
    with Journal(path.parent) as journal, journal.together():
        journal.begin(Run({}, "facecascade", "0" * 64), started="2024-05-31T18:20:01+00:00")
        journal.tell_root(Root("/photos", "photos"))
        journal.tell("suffix", "jpg")
        for number in range(count // FACES_A_PICTURE):
            rows = pool[number % POOL].copy()
            rows["hash"] = numbers.integers(0, 2**64, FACES_A_PICTURE, np.uint64)
            key = _source(number).removeprefix("photos/")
            stamp = Stamp(1, 1)
            name = key.removesuffix(".jpg")
            record = Record(key=key, path=key, stamp=stamp, faces=rows, name=name, width=1920, height=1080)
            journal.add(record, suffix="jpg")

    def write() -> None:
        with Journal(path.parent) as journal, ParquetWriter(path, crops=True, columns=JOB_COLUMNS) as writer:
            list_faces(journal, link(journal), [writer])

    return write


KINDS: Final[dict[str, Callable[[Path, int], Callable[[], None]]]] = {
    "pyarrow": _by_pyarrow,
    "write": _picture_by_picture,
    "write_many": _all_at_once,
    "a job": _by_a_job,
}

if __name__ == "__main__":
    sys.exit(main())
