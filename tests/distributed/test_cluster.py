"""The job on Ray: three nodes on this machine, of which one is lost, and processes that are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import ROOT
from tests.distributed.machines import crops, errors, faces, one_machine
from tests.distributed.test_job import same

from benchmarks.distributed.processes import descendants
from facecascade.distributed import Cluster
from facecascade.errors import SettingsError

LONGEST = 900
"""Seconds for all jobs; on two idle cores they take one minute."""


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Where the results of `tests.distributed.on_ray` are, and what it tells; none of its processes is left behind."""
    pytest.importorskip("ray", reason="Ray is not installed")
    pytest.importorskip("moto.server", reason="moto, which stands in for S3, is not installed")
    folder = tmp_path_factory.mktemp("on_ray")
    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.distributed.on_ray", str(folder)]
    with (folder / "log.txt").open("wb") as log:
        program = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            code = program.wait(LONGEST)
        finally:
            for pid in descendants(program.pid) if program.poll() is None else ():
                os.kill(pid, signal.SIGKILL)
            program.wait()
    assert code == 0, (folder / "log.txt").read_text(errors="replace")[-4000:]
    return folder, json.loads((folder / "told.json").read_text())


def test_the_result_is_that_of_one_machine_and_a_deadly_picture_is_listed(
    jobs: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, told = jobs
    pictures = folder / "deadly/in"
    reasons = errors(folder / "deadly/out")
    assert reasons.keys() == {str(pictures / "broken.jpg"), str(pictures / "day/004x.png")}
    assert reasons[str(pictures / "day/004x.png")].endswith("the process ended 3 times")
    (pictures / "day/004x.png").unlink()
    one_machine(pictures, to=tmp_path / "one")
    same(tmp_path / "one", folder / "deadly/out")
    assert told["deadly"] == 0, "a second run has nothing to do"


def test_an_object_store_has_the_same_result_after_a_job_that_was_left(
    jobs: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, told = jobs
    pictures = folder / "stored/in"
    one_machine(pictures, to=tmp_path / "one")
    there = [
        {**row, "source": row["source"].replace("s3://pictures/in", str(pictures))}
        for row in faces(folder / "stored/out")
    ]
    assert there == faces(tmp_path / "one")
    assert crops(folder / "stored/out") == crops(tmp_path / "one")
    assert told["stored"]["left"] == 8
    assert told["stored"]["both"] == 0, "what was told of is done"
    assert 0 < told["stored"]["again"] <= 29 - 8
    assert told["stored"]["errors"] == 1


def test_killed_processes_and_a_lost_node_cost_time_and_no_result(
    jobs: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, told = jobs
    assert told["killed"] == 3
    one_machine(folder / "killed/in", to=tmp_path / "one")
    same(tmp_path / "one", folder / "killed/out")
    assert errors(folder / "killed/out") == {}


def test_what_an_actor_raises_reaches_the_caller(jobs: tuple[Path, dict[str, Any]]) -> None:
    _, told = jobs
    assert told["raised"] == "IsADirectoryError"


@pytest.mark.parametrize("how", [{"actors": 0}, {"cpus": 0}, {"gpus": -1}])
def test_clusters_that_cannot_work(how: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="expected"):
        Cluster(**how)
