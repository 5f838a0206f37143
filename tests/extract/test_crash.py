"""The job as a process: killed at any moment, on a full disk; what is there in the end."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.extract.rows import content

from facecascade.extract import Journal

COMMAND = [sys.executable, "-m", "facecascade.cli", "extract"]
OPTIONS = ["--crop", "aligned", "--threads", "2", "--manifest", "csv", "--manifest", "jsonl"]
KILLS = 12


@pytest.fixture
def pictures(samples: dict[str, Path], tmp_path: Path) -> Path:
    """Sixty portraits."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(60):
        shutil.copyfile(samples["astronaut" if number % 2 else "grace_hopper"], folder / f"{number:02d}.jpg")
    return folder


def command(pictures: Path, out: Path) -> list[str]:
    return [*COMMAND, str(pictures), "-o", str(out), *OPTIONS]


def run(pictures: Path, out: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(pictures, out), capture_output=True, text=True, timeout=300, check=False)


def done(out: Path) -> int:
    if not (out / "journal.sqlite").exists():
        return 0
    with Journal(out) as journal:
        return journal.counts().pictures


def test_killed_at_any_moment_it_loses_nothing_and_does_nothing_twice(pictures: Path, tmp_path: Path) -> None:
    assert run(pictures, tmp_path / "whole").returncode == 0
    chance = random.Random(3)
    before = 0
    for _ in range(KILLS):
        process = subprocess.Popen(command(pictures, tmp_path / "killed"), stderr=subprocess.DEVNULL)
        # Some before it has begun, some in the middle: once there is a journal, it is at work.
        limit = time.monotonic() + 120
        while chance.random() < 0.9 and not (tmp_path / "killed" / "journal.sqlite").exists():
            assert time.monotonic() < limit
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 1))
        process.send_signal(signal.SIGKILL)
        process.wait()
        now = done(tmp_path / "killed")
        assert now >= before
        before = now
    last = run(pictures, tmp_path / "killed")
    assert last.returncode == 0, last.stderr
    assert done(tmp_path / "killed") == 60
    assert content(tmp_path / "killed") == content(tmp_path / "whole")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("no small file system can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_on_a_full_disk_it_says_so_and_goes_on_when_there_is_room(
    pictures: Path, small_disk: Path, tmp_path: Path
) -> None:
    out = small_disk / "faces"
    ballast = small_disk / "ballast"
    ballast.write_bytes(np.random.default_rng(1).bytes(3_600_000))
    full = run(pictures, out)
    assert full.returncode == 2, full.stderr
    assert "Traceback" not in full.stderr
    assert "full" in full.stderr or "No space left" in full.stderr
    assert len([line for line in full.stderr.splitlines() if "error" in line]) == 1
    assert not list(out.rglob("*.part"))
    ballast.unlink()
    again = run(pictures, out)
    assert again.returncode == 0, again.stderr
    assert done(out) == 60
    run(pictures, tmp_path / "whole")
    assert content(out) == content(tmp_path / "whole")
