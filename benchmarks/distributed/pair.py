"""The one-machine job and the cluster's, over the same pictures, and what differs between them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.data import ROOT
from facecascade import MTCNN
from facecascade.distributed import Amounts, Cluster, Summary, extract
from facecascade.extract import Cropping, ExtractJob, ExtractOptions, Inputs
from facecascade.extract.agreement import FaceDetector
from facecascade.extract.manifest import COLUMNS
from facecascade.write import ParquetWriter

OPTIONS: Final = ExtractOptions(cropping=Cropping(kind="aligned"))
STORE_BYTES: Final = 100_000_000
"""Of Ray's object store: only names and records pass through it."""

detector: Final = partial(MTCNN, min_face_size=40, threads=1)


def local_cluster(*, cpus: int) -> Cluster:
    """Ray on this machine alone, for one job."""
    return Cluster(
        options={
            "num_cpus": cpus,
            "include_dashboard": False,
            "object_store_memory": STORE_BYTES,
            "logging_level": "ERROR",
        }
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Ray says nothing to anybody, and finds this package's benchmarks on every node."""
    before = {name: os.environ.get(name) for name in ("RAY_USAGE_STATS_ENABLED", "PYTHONPATH")}
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", PYTHONPATH=str(ROOT))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def on_one_machine(pictures: Path, output: Path, *, threads: int = 2, finder: FaceDetector | None = None) -> int:
    """An `ExtractJob` from its beginning to its end, with a Parquet list; returns how many pictures it worked on."""
    inputs = Inputs([pictures], output=output)
    finder = finder or MTCNN(min_face_size=40, threads=threads)
    with ExtractJob(inputs, output, detector=finder, options=OPTIONS, threads=threads) as job:
        done = sum(1 for _ in job.run())
        with ParquetWriter(output / "faces.parquet", crops=True, columns=COLUMNS) as writer:
            job.finish([writer])
    return done


def on_cluster(
    pictures: Path,
    output: Path,
    *,
    cluster: Cluster,
    finder: Callable[[], FaceDetector] = detector,
    amounts: Amounts | None = None,
    **job: Any,
) -> Summary:
    """The same on a cluster."""
    return extract(pictures, output, detector=finder, options=OPTIONS, cluster=cluster, amounts=amounts, **job)


def differences(one: Path, many: Path, *, moved: tuple[str, str] | None = None) -> tuple[int, int, int]:
    """How many crops, how many rows of the lists of faces, and how many errors differ, are missing or too many.

    Args:
        one: results of the one-machine job.
        many: those of the other.
        moved: where the pictures of the one lay, and those of the other.
    """
    import pyarrow.parquet as parquet

    first, second = (parquet.read_table(folder / "faces.parquet") for folder in (one, many))
    rows = 0 if first.equals(second) else _unequal(_placed(first.to_pylist(), moved), second.to_pylist())
    crops = [{str(path.relative_to(folder)): path for path in folder.rglob("*.jpg")} for folder in (one, many)]
    names = crops[0].keys() | crops[1].keys()
    differ = sum(not all(name in some for some in crops) or _differ(crops, name) for name in names)
    errors = _unequal(_placed(_errors(one), moved), parquet.read_table(many / "errors.parquet").to_pylist())
    return differ, rows, errors


def _placed(rows: list[dict[str, Any]], moved: tuple[str, str] | None) -> list[dict[str, Any]]:
    if moved is None:
        return rows
    before, after = moved
    return [{**row, "source": row["source"].replace(before, after, 1)} for row in rows]


def _differ(crops: list[dict[str, Path]], name: str) -> bool:
    return crops[0][name].read_bytes() != crops[1][name].read_bytes()


def _unequal(first: list[Any], second: list[Any]) -> int:
    one, other = ({repr(row) for row in rows} for rows in (first, second))
    return len(one ^ other)


def _errors(folder: Path) -> list[dict[str, str]]:
    import csv

    path = folder / "faces.parquet.errors.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
