"""Jobs on three nodes of a Ray cluster, in a process of their own: python -m tests.distributed.on_ray FOLDER

Their results lie below the folder, and what else there is to tell in told.json. Ray begins many processes and keeps
some of their handles for ever, which the warnings of a test run would be full of; those of this one nobody sees.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import ray
from ray.cluster_utils import Cluster as Nodes
from tests.distributed.machines import DEADLY, SMALL, Deadly, distributed
from tests.distributed.test_job import album
from tests.extract.rows import FacesInARow, put

from benchmarks.distributed.faults import kill_actors
from benchmarks.distributed.store import BUCKET, KEYS, download, served, upload
from facecascade.distributed import Amounts, Cluster, DistributedJob, Place

STORE = 80_000_000
TWO = Cluster(actors=2)


class Slow(FacesInARow):
    """A detector that gives others the time to do harm."""

    def detect_batch(self, pictures: Any, /) -> Any:
        time.sleep(0.05 * len(pictures))
        return super().detect_batch(pictures)


def main() -> None:
    folder = Path(sys.argv[1])
    os.environ.update(KEYS)  # before there are nodes, whose processes have them from here
    nodes = begun()
    try:
        ray.init(address=nodes.address, log_to_driver=False, logging_level="ERROR")
        told = {"deadly": deadly(folder / "deadly"), "raised": raised(folder / "raised")}
        told["stored"] = stored(folder / "stored")
        told["killed"] = killed(folder / "killed", nodes)
        (folder / "told.json").write_text(json.dumps(told))
    finally:
        ray.shutdown()
        nodes.shutdown()


def begun(attempts: int = 3) -> Any:
    """A head without processors and two nodes of one; Ray gives a node 30 seconds to start, too few if it is busy."""
    while True:
        nodes = Nodes()
        try:
            nodes.add_node(num_cpus=0, include_dashboard=False, object_store_memory=STORE)
            nodes.others = [nodes.add_node(num_cpus=1, object_store_memory=STORE) for _ in range(2)]
        except Exception as error:
            nodes.shutdown()
            attempts -= 1
            if not attempts or "timed out" not in str(error):
                raise
        else:
            return nodes


def deadly(folder: Path) -> int:
    """An album with a picture that ends its process; returns what a second run finds to do."""
    album(folder / "in")
    put(folder / "in/day/004x.png", DEADLY)
    distributed(folder / "in", to=folder / "out", machines=TWO, detector=Deadly)
    return len(distributed(folder / "in", to=folder / "out", machines=TWO, detector=Deadly)[0])


def raised(folder: Path) -> str:
    """A crop that cannot be written; returns what the driver sees of it."""
    put(folder / "in/a.png", 1)
    (folder / "out/a_00.jpg").mkdir(parents=True)
    try:
        distributed(folder / "in", to=folder / "out", machines=TWO)
    except OSError as error:
        return type(error).__name__
    return "nothing"


def stored(folder: Path) -> dict[str, int]:
    """An album in a bucket, whose job is left in its middle and begun again; returns how many each run did."""
    album(folder / "in")
    with served() as query:
        upload(folder / "in", Place(f"s3://{BUCKET}/in{query}"))
        source, out = (f"s3://{BUCKET}/{name}{query}" for name in ("in", "out"))
        with DistributedJob(source, out, detector=Slow, amounts=SMALL) as job:
            records = job.run(cluster=TWO)
            left = {next(records).key for _ in range(8)}
            records.close()
        again, summary = distributed(source, to=out, machines=TWO, detector=Slow)
        download(Place(out), folder / "out")
    both = left & {record.key for record in again}
    return {"left": len(left), "again": len(again), "both": len(both), "errors": summary.errors}


def killed(folder: Path, nodes: Any) -> int:
    """Three processes are killed, and a node is lost; returns how many were."""
    for seed in range(120):
        put(folder / f"in/{seed:03d}.png", seed % 4, seed)
    done: list[int] = []
    helper = threading.Thread(target=lambda: done.append(trouble(nodes, folder / "out")))
    helper.start()
    distributed(folder / "in", to=folder / "out", machines=TWO, detector=Slow, amounts=Amounts(pictures=5))
    helper.join()
    return sum(done)


def trouble(nodes: Any, out: Path) -> int:
    """Does harm whenever there are more results than before."""
    count, done = 0, 0
    while count < 3:
        done = wait_for_more(out, done)
        count += kill_actors(most=1)
    wait_for_more(out, done)
    nodes.remove_node(nodes.others.pop(), allow_graceful=False)
    return count


def wait_for_more(out: Path, done: int) -> int:
    until = time.monotonic() + 120
    while (now := len(list(out.glob("_job/records/*/*/*.parquet")))) <= done:
        assert time.monotonic() < until, "no result for two minutes"
        time.sleep(0.05)
    return now


if __name__ == "__main__":
    main()
