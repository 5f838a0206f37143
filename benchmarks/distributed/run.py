"""One job, in a process of its own: python -m benchmarks.distributed.run WAY PICTURES OUTPUT [UNIT] .

On a cluster, pictures and output may be URLs. Prints how many pictures were worked on, and the seconds of that and of
the lists at the end, without the start of Python and of Ray.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks.distributed.pair import OPTIONS, detector, local_cluster, on_one_machine, quiet
from facecascade.distributed import Amounts, DistributedJob


def main() -> None:
    """Does it."""
    way, pictures, output = sys.argv[1:4]
    count = int(way.partition(":")[2] or 2)
    if way.startswith("one"):
        started = time.perf_counter()
        done = on_one_machine(Path(pictures), Path(output), threads=count)
        print(done, time.perf_counter() - started)
    else:
        with quiet():
            print(*_on_cluster(pictures, output, count, unit=int(sys.argv[4]) if sys.argv[4:] else None))


def _on_cluster(pictures: str, output: str, actors: int, *, unit: int | None) -> tuple[int, float]:
    cluster = local_cluster(cpus=actors)
    job = DistributedJob(pictures, output, detector=detector, options=OPTIONS, amounts=Amounts(pictures=unit))
    with job, cluster.connected():
        started = time.perf_counter()
        done = sum(1 for _ in job.run(cluster=cluster))
        job.finish()
        return done, time.perf_counter() - started


if __name__ == "__main__":
    main()
