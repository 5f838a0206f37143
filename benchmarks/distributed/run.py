"""One job, in a process of its own: python -m benchmarks.distributed.run WAY PICTURES OUTPUT .

Prints the seconds that pictures were worked on, and of the lists at the end, without the start of Python and of Ray.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.distributed.pair import OPTIONS, detector, local_cluster, on_one_machine, quiet
from facecascade.distributed import Amounts, DistributedJob


def main() -> None:
    """Does it."""
    way, pictures, output = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    count = int(way.partition(":")[2] or 2)
    if way.startswith("one"):
        started = time.perf_counter()
        on_one_machine(pictures, output, threads=count)
        print(time.perf_counter() - started)
    else:
        with quiet():
            print(_on_cluster(pictures, output, count))


def _on_cluster(pictures: Path, output: Path, actors: int) -> float:
    cluster = local_cluster(cpus=actors)
    job = DistributedJob(pictures, output, detector=detector, options=OPTIONS, amounts=Amounts())
    with job, cluster.connected():
        started = time.perf_counter()
        _all(job, cluster)
        job.finish()
        return time.perf_counter() - started


def _all(job: DistributedJob, cluster: Any) -> None:
    for _ in job.run(cluster=cluster):
        pass


if __name__ == "__main__":
    main()
