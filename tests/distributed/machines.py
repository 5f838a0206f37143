"""Machines that are this process, or processes that may end, and both jobs beside each other."""

from __future__ import annotations

import multiprocessing
import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as arrow
import pyarrow.parquet as parquet
from tests.extract.rows import FacesInARow, Pixels

from facecascade.distributed import Amounts, DistributedJob, Summary
from facecascade.distributed.actor import Actor, Task
from facecascade.distributed.units import Unit
from facecascade.extract import ExtractJob, ExtractOptions, Inputs
from facecascade.extract.manifest import COLUMNS
from facecascade.extract.record import Record
from facecascade.faces import Faces
from facecascade.write import ParquetWriter

DEADLY = 77
"""A first value of a picture at which `Deadly` ends its process."""
SMALL = Amounts(pictures=4)


class Here:
    """One actor, in this process."""

    def __init__(self) -> None:
        self.units: list[Unit] = []

    def work(self, units: Iterable[Unit], *, task: Task) -> Iterator[Any]:
        actor = Actor(pickle.loads(pickle.dumps(task)))
        for unit in units:
            self.units.append(unit)
            yield actor(arrow.table({"unit": arrow.array([pickle.dumps(unit)], arrow.binary())}))


class Processes:
    """A process for each try of a unit, and another one as long as they end before it is done, as Ray does it."""

    def __init__(self) -> None:
        self.ended = 0

    def work(self, units: Iterable[Unit], *, task: Task) -> Iterator[Any]:
        context = multiprocessing.get_context("spawn")
        for unit in units:
            while True:
                here, there = context.Pipe(duplex=False)
                process = context.Process(target=_do, args=(task, unit, there))
                process.start()
                there.close()
                try:
                    table = here.recv()
                except EOFError:
                    table = None
                process.join()
                if table is not None:
                    yield table
                    break
                self.ended += 1
                assert self.ended < 50, "a unit that comes to no end"


def _do(task: Task, unit: Unit, answer: Any) -> None:
    answer.send(Actor(task)(arrow.table({"unit": arrow.array([pickle.dumps(unit)], arrow.binary())})))


class Deadly(FacesInARow):
    """A detector whose process ends at a picture with a certain first value."""

    def detect_batch(self, pictures: Sequence[Pixels], /) -> Sequence[Faces]:
        if any(int(one[0, 0, 0]) == DEADLY for one in pictures):
            os._exit(3)
        return super().detect_batch(pictures)


def one_machine(
    *inputs: Path, to: Path, detector: FacesInARow | None = None, options: ExtractOptions | None = None, **how: Any
) -> None:
    """An `ExtractJob` from its beginning to its end, with a Parquet list."""
    pictures = Inputs(inputs, output=to, **how)
    with ExtractJob(pictures, to, detector=detector or FacesInARow(), options=options) as job:
        for _ in job.run():
            pass
        with ParquetWriter(to / "faces.parquet", crops=True, columns=COLUMNS) as writer:
            job.finish([writer])


def distributed(
    source: Any,
    *,
    to: Any,
    machines: Any = None,
    detector: Callable[[], Any] = FacesInARow,
    amounts: Amounts = SMALL,
    **how: Any,
) -> tuple[list[Record], Summary]:
    """A `DistributedJob` from its beginning to its end."""
    with DistributedJob(source, to, detector=detector, amounts=amounts, **how) as job:
        return list(job.run(cluster=machines or Here())), job.finish()


def faces(folder: Path) -> list[dict[str, Any]]:
    """Rows of the list of faces."""
    return parquet.read_table(folder / "faces.parquet").to_pylist()  # type: ignore[no-any-return]


def errors(folder: Path) -> dict[str, str]:
    """Reasons by source."""
    rows = parquet.read_table(folder / "errors.parquet").to_pylist()
    return {row["source"]: row["error"] for row in rows}


def crops(folder: Path) -> dict[str, bytes]:
    """Files of faces by name, below the folder."""
    found = (path for path in folder.rglob("*.jpg") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
