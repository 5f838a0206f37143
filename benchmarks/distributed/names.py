"""A job over names, in a process of its own: python -m benchmarks.distributed.names PICTURES OUTPUT .

All that the driver does is done, on Ray: listing, units, journal, near duplicates, lists. No actor opens a picture:
each has one face of its own, which is a constant but for its hash, and no crop. Prints the most memory of this
process so far, in MB, once all is listed, once all is worked on, and then what the lists hold.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.distributed.pair import detector, local_cluster, quiet
from benchmarks.distributed.processes import peak_megabytes
from facecascade.distributed import Amounts, DistributedJob, cluster
from facecascade.distributed.actor import Actor, Task
from facecascade.distributed.parts import records_table
from facecascade.distributed.units import Item, Unit
from facecascade.extract.record import FACE, Record


class Constant(Actor):
    """An actor that looks at no picture."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def __call__(self, batch: Any) -> Any:
        """The records of a unit."""
        unit: Unit = pickle.loads(batch.column("unit")[0].as_py())
        return cluster._with_raised(records_table([_record(item) for item in unit.items]), None)


def _record(item: Item) -> Record:
    faces = np.zeros(1, FACE)
    faces["box"], faces["score"] = (10, 10, 50, 60), 0.9
    faces["hash"] = int.from_bytes(hashlib.blake2b(item.key.encode(), digest_size=8).digest(), "big")
    return Record(key=item.key, path=item.key, stamp=item.stamp, width=640, height=480, faces=faces, name=item.key[:-4])


def main() -> None:
    """Does it."""
    cluster.CountedActor = Constant  # type: ignore[misc,assignment]  # in the place of the one that looks at pictures
    with (
        quiet(),
        DistributedJob(Path(sys.argv[1]), sys.argv[2], detector=detector, amounts=Amounts(pictures=512)) as job,
    ):
        print(f"{peak_megabytes(os.getpid()):.0f}")
        for _ in job.run(cluster=local_cluster(cpus=1)):
            pass
        print(f"{peak_megabytes(os.getpid()):.0f}")
        print(job.finish())


if __name__ == "__main__":
    main()
