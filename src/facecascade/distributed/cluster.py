"""The Ray cluster that a job runs on: `Cluster`."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from facecascade.distributed.actor import Actor, Task
from facecascade.distributed.parts import records_table
from facecascade.distributed.units import Unit
from facecascade.errors import FacecascadeError, SettingsError
from facecascade.extract.record import FACE
from facecascade.extras import load

WAVE: Final = 512
"""Units that Ray is given at a time, at least: what it remembers of each is forgotten with the wave."""
RAISED: Final = "raised"
"""The column for what an actor raised."""
COUNTED: Final = {
    "pictures": "Pictures that were worked on.",
    "faces": "Faces that were kept.",
    "errors": "Pictures that could not be read, or at which processes ended.",
}
"""What the dashboard shows."""
A_ACTOR: Final = 32
"""Units of a wave for each actor, at least, so that the end of a wave, when some wait for others, is a small part."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Where a job runs, and how much of it.

    Attributes:
        address: of a cluster that this machine belongs to, "auto" or "10.0.0.1:6379"; None for the one that this
            process is connected to, or else one on this machine that ends with the job.
        actors: how many, at most; by default as many as the cluster has room for at the beginning.
        cpus: of an actor, as Ray counts them.
        gpus: of an actor; with a detector of engine="keras".
        memory: bytes of an actor, as Ray counts them; None for what is there.
        options: further arguments of `ray.init`.

    Raises:
        SettingsError: a number that cannot work.
    """

    address: str | None = None
    actors: int | None = None
    cpus: float = 1
    gpus: float = 0
    memory: int | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.actors is not None and self.actors < 1:
            raise SettingsError(f"expected at least 1 actor, got {self.actors}")
        if self.cpus <= 0 or self.gpus < 0:
            raise SettingsError(f"expected cpus above 0 and gpus of at least 0, got {self.cpus:g} and {self.gpus:g}")

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """Ray, connected to the cluster; what was begun here ends here.

        Raises:
            MissingExtra: Ray is not installed.
            ConnectionError: there is no cluster at the address.
        """
        ray = load("ray", feature="a job on several machines", extra="ray")
        load("ray.data", feature="a job on several machines", extra="ray")
        if ray.is_initialized():
            yield ray
            return
        ray.init(**{"address": self.address or "local", "log_to_driver": False, **self.options})
        try:
            yield ray
        finally:
            ray.shutdown()

    def work(self, units: Iterable[Unit], *, task: Task) -> Iterator[Any]:
        """Each unit done by one of the actors; what comes back are the tables of its records, in any order.

        Ray starts a process that ended again, and gives its unit to it or to another one, however often that takes; the
        `Ledger` of the unit sees to it that it comes to an end. Closing the iterator drops what is in work.

        Raises:
            MissingExtra: Ray is not installed.
            ConnectionError: there is no cluster at the address.
            OSError, FacecascadeError: what an actor raised.
        """
        waiting = iter(units)
        with self.connected() as ray:
            room = self.room(ray)
            while wave := [pickle.dumps(unit) for unit in islice(waiting, max(WAVE, A_ACTOR * room))]:
                for table in _tables(wave, task=task, cluster=self, room=min(room, len(wave)), ray=ray):
                    yield _checked(table)

    def room(self, ray: Any) -> int:
        """How many actors there may be, as far as the machines go that are there now."""
        if self.actors is not None:
            return self.actors
        there = ray.cluster_resources()
        by_cpu = there.get("CPU", 0) / self.cpus
        return max(1, int(min(by_cpu, there.get("GPU", 0) / self.gpus) if self.gpus else by_cpu))


class CountedActor(Actor):
    """An actor that tells Ray's dashboard how many pictures, faces and errors it has come to.

    Args:
        task: what there is to do.
    """

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        if task.stored is None and Path(task.folder).is_dir():
            os.chdir(task.folder)  # paths of pictures may be relative, and this process has no other purpose
        counter = load("ray.util.metrics", feature="a job on several machines", extra="ray").Counter
        self._counters = {name: counter(f"facecascade_{name}", description=text) for name, text in COUNTED.items()}

    def __call__(self, batch: Any) -> Any:
        """A table with one row, a pickled `Unit`, to the table of its records, with what was raised as one more column.

        Ray Data keeps of an exception its text alone, and tells it among many lines of its own.
        """
        try:
            table = super().__call__(batch)
        except (OSError, FacecascadeError) as error:
            return _with_raised(records_table([]), error)
        self._count(table)
        return _with_raised(table, None)

    def _count(self, table: Any) -> None:
        pictures = table.filter(load("pyarrow.compute", feature="counting", extra="ray").invert(table["whole"]))
        counts = {
            "pictures": pictures.num_rows,
            "faces": sum(map(len, pictures["faces"].to_pylist())) // FACE.itemsize,
            "errors": pictures.num_rows - pictures["error"].null_count,
        }
        for name, count in counts.items():
            if count:
                self._counters[name].inc(count)


def _with_raised(table: Any, error: BaseException | None) -> Any:
    """The table with a column for what was raised; a row of its own holds it."""
    arrow = load("pyarrow", feature="a job on several machines", extra="ray")
    schema = table.schema.append(arrow.field(RAISED, arrow.binary()))
    if error is not None:
        return arrow.Table.from_pylist([{RAISED: pickle.dumps(error)}], schema=schema)
    return table.append_column(RAISED, arrow.nulls(table.num_rows, arrow.binary()))


def _checked(table: Any) -> Any:
    """The table without that column.

    Raises:
        OSError, FacecascadeError: what is in it.
    """
    for raised in table.column(RAISED).drop_null().to_pylist():
        raise pickle.loads(raised)  # noqa: S301  # of an actor of ours
    return table.drop_columns([RAISED])


def _tables(wave: list[bytes], *, task: Task, cluster: Cluster, room: int, ray: Any) -> Iterator[Any]:
    """Tables of the records of each pickled unit, in any order.

    Each is a block of its own, made here: from tables, Ray would begin a task for each to count its rows.
    """
    units = ray.data.from_items([{"unit": unit} for unit in wave], override_num_blocks=len(wave))
    done = units.map_batches(
        CountedActor,
        batch_size=None,
        batch_format="pyarrow",
        fn_constructor_args=(task,),
        num_cpus=cluster.cpus,
        num_gpus=cluster.gpus or None,
        memory=cluster.memory,
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=room),
    )
    done.context.enable_progress_bars = False
    yield from done.iter_batches(batch_size=None, batch_format="pyarrow")
