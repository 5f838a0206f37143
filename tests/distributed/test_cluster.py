"""The job on Ray: three nodes on this machine, of which one is lost, and processes that are killed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import ROOT
from tests.distributed.machines import DEADLY, Deadly, distributed, errors, one_machine
from tests.distributed.test_job import album, same
from tests.extract.rows import FacesInARow, put

from benchmarks.distributed.faults import kill_actors
from facecascade.distributed import Amounts, Cluster
from facecascade.errors import SettingsError

ray = pytest.importorskip("ray", reason="Ray is not installed")

STORE = 80_000_000
TWO = Cluster(actors=2)

pytestmark = [
    # Ray's own modules, as they are imported and as they run.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    """A head without processors, and two nodes with one each; all of their processes end with the tests."""
    before = os.environ.copy()
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", PYTHONPATH=str(ROOT))
    try:
        cluster = _begun()
        try:
            ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
            yield cluster
        finally:
            ray.shutdown()
            cluster.shutdown()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _begun(attempts: int = 3) -> Any:
    """The nodes; Ray gives a node 30 seconds to start, which on a busy machine may be too few."""
    from ray.cluster_utils import Cluster as Nodes

    while True:
        cluster = Nodes()
        try:
            cluster.add_node(num_cpus=0, include_dashboard=False, object_store_memory=STORE)
            cluster.others = [cluster.add_node(num_cpus=1, object_store_memory=STORE) for _ in range(2)]
        except Exception as error:
            cluster.shutdown()
            attempts -= 1
            if not attempts or "timed out" not in str(error):
                raise
        else:
            return cluster


def test_the_result_is_that_of_one_machine_and_deadly_pictures_are_listed(nodes: Any, tmp_path: Path) -> None:
    folder = album(tmp_path / "in")
    one_machine(folder, to=tmp_path / "one")
    put(folder / "day/004x.png", DEADLY)
    _, summary = distributed(folder, to=tmp_path / "out", machines=TWO, detector=Deadly)
    same(tmp_path / "one", tmp_path / "out")
    assert summary.errors == 2
    assert errors(tmp_path / "out")[str(folder / "day/004x.png")].endswith("the process ended 3 times")
    assert distributed(folder, to=tmp_path / "out", machines=TWO, detector=Deadly)[0] == []


def test_killed_processes_and_a_lost_node_cost_time_and_no_result(nodes: Any, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for seed in range(120):
        put(folder / f"{seed:03d}.png", seed % 4, seed)
    one_machine(folder, to=tmp_path / "one")
    told: list[int] = []
    helper = threading.Thread(target=lambda: told.append(_trouble(nodes, tmp_path / "out")))
    helper.start()
    distributed(folder, to=tmp_path / "out", machines=TWO, detector=Slow, amounts=Amounts(pictures=5))
    helper.join()
    assert told == [3]
    same(tmp_path / "one", tmp_path / "out")
    assert errors(tmp_path / "out") == {}


class Slow(FacesInARow):
    """A detector that gives others the time to do harm."""

    def detect_batch(self, pictures: Any, /) -> Any:
        time.sleep(0.05 * len(pictures))
        return super().detect_batch(pictures)


def _trouble(nodes: Any, out: Path) -> int:
    """Kills processes at work three times, and takes one node away; returns how many were killed."""
    killed, done = 0, 0
    while killed < 3:
        done = _wait_for_more(out, done)
        killed += kill_actors(most=1)
    _wait_for_more(out, done)
    nodes.remove_node(nodes.others.pop(), allow_graceful=False)
    nodes.others.append(nodes.add_node(num_cpus=1, object_store_memory=STORE))
    return killed


def _wait_for_more(out: Path, done: int) -> int:
    until = time.monotonic() + 120
    while (now := len(list(out.glob("_job/records/*/*/*.parquet")))) <= done:
        assert time.monotonic() < until, "no result for two minutes"
        time.sleep(0.05)
    return now


def test_what_an_actor_raises_reaches_the_caller(nodes: Any, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    put(folder / "a.png", 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a_00.jpg").mkdir()
    with pytest.raises(IsADirectoryError):
        distributed(folder, to=tmp_path / "out", machines=TWO)


@pytest.mark.parametrize("how", [{"actors": 0}, {"cpus": 0}, {"gpus": -1}])
def test_clusters_that_cannot_work(how: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="expected"):
        Cluster(**how)
