"""Three nodes on this machine, and what may happen to them: is the result that of one undisturbed machine?"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.distributed.pair import STORE_BYTES, detector, differences, on_cluster, on_one_machine
from benchmarks.distributed.processes import ACTORS, descendants, kind_of
from benchmarks.report import table
from facecascade import MTCNN, Faces
from facecascade.distributed import Amounts, Cluster
from facecascade.distributed.ledger import MOST_TRIES

SIZE: Final = 61, 53
"""(width, height) of the picture that ends a process; no other one has it."""


class Deadly(MTCNN):
    """A detector whose process ends at a picture of one size, as a decoder's or a driver's bug might end it."""

    def detect_batch(self, pictures: Iterable[Any], **how: Any) -> list[Faces]:
        """Faces of each picture."""
        some = list(pictures)
        if any(picture.shape[:2] == SIZE[::-1] for picture in some):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().detect_batch(some, **how)


def deadly() -> Deadly:
    """Makes it."""
    return Deadly(min_face_size=40, threads=1)


def report(pictures: Path, work: Path, *, kills: int, seed: int = 7) -> str:
    """Runs the job once for each kind of fault, and compares it with an undisturbed one on one machine."""
    on_one_machine(pictures, work / "one")
    rows: list[list[object]] = []
    for name, fault in (("undisturbed", None), ("a node removed", _remove), ("processes killed", _Killer(kills, seed))):
        seconds, told = _run(pictures, work / name, fault)
        rows.append([name, f"{seconds:.0f}", *differences(work / "one", work / name), told])
    seconds, results = _poisoned(pictures, work)
    rows.append(["a picture that ends its process", f"{seconds:.0f}", *results])
    return table(["fault", "seconds", "crops that differ", "rows", "errors", "what happened"], rows)


def _run(pictures: Path, output: Path, fault: Any, finder: Any = detector) -> tuple[float, str]:
    """One job on three nodes; returns its seconds and what the fault tells."""
    import ray
    from ray.cluster_utils import Cluster as Nodes

    nodes = Nodes(
        initialize_head=True,
        head_node_args={"num_cpus": 0, "include_dashboard": False, "object_store_memory": STORE_BYTES},
    )
    try:
        others = [nodes.add_node(num_cpus=1, object_store_memory=STORE_BYTES) for _ in range(2)]
        ray.init(address=nodes.address, log_to_driver=False, logging_level="ERROR")
        told: list[str] = []
        over = threading.Event()
        helper = threading.Thread(target=lambda: told.append(fault(nodes, others, output, over)) if fault else None)
        started = time.perf_counter()
        helper.start()
        try:
            on_cluster(pictures, output, cluster=Cluster(actors=2), finder=finder, amounts=Amounts(pictures=16))
            seconds = time.perf_counter() - started
        finally:
            over.set()
            helper.join()
        return seconds, told[0] if told else ""
    finally:
        ray.shutdown()
        nodes.shutdown()


def _remove(nodes: Any, others: list[Any], output: Path, over: threading.Event) -> str:
    """Ends one of the two nodes that work as soon as some results are there."""
    while not over.is_set() and len(list(output.glob("_job/records/*/*/*.parquet"))) < 3:
        time.sleep(0.1)
    done = len(list(output.glob("_job/records/*/*/*.parquet")))
    nodes.remove_node(others[0], allow_graceful=False)
    return f"after {done} units"


class _Killer:
    """Kills one of the actors again and again, at random moments."""

    def __init__(self, kills: int, seed: int) -> None:
        self._kills = kills
        self._chance = random.Random(seed)

    def __call__(self, _nodes: Any, _others: list[Any], _output: Path, over: threading.Event) -> str:
        killed = 0
        while killed < self._kills and not over.wait(self._chance.uniform(0.5, 3)):
            killed += kill_actors(most=1, chance=self._chance)
        return f"{killed} times"


def kill_actors(*, most: int, chance: random.Random | None = None) -> int:
    """Kill some of the actors that this process has begun; returns how many."""
    pids = actor_processes()
    (chance or random).shuffle(pids)
    for pid in pids[:most]:
        os.kill(pid, signal.SIGKILL)
    return len(pids[:most])


def actor_processes() -> list[int]:
    """The actors among the processes that this one has begun, directly or not."""
    return [pid for pid in descendants(os.getpid()) if kind_of(pid) == ACTORS]


def _poisoned(pictures: Path, work: Path) -> tuple[float, list[Any]]:
    """One more picture, that ends every process that looks at it; it is taken away again."""
    poison = next(pictures.rglob("*.jpg")).parent / "000000-poison.png"
    colours: NDArray[np.uint8] = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    Image.fromarray(colours).save(poison)
    try:
        seconds, _ = _run(pictures, work / "poisoned", None, deadly)
    finally:
        poison.unlink()
    crops, rows, errors = differences(work / "one", work / "poisoned")
    import pyarrow.parquet as parquet

    listed = parquet.read_table(work / "poisoned" / "errors.parquet").to_pylist()
    named = [row for row in listed if row["source"] == str(poison)]
    told = f"listed: {named[0]['error']}" if named else f"NOT listed after {MOST_TRIES} tries"
    return seconds, [crops, rows, errors - len(named), told]
