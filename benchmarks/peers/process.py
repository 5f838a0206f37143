"""One picture from the command line, a whole process each time: `report`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from PIL import Image

from benchmarks.data import GROUP_PHOTO, ROOT, load_rgb, within
from benchmarks.peers.client import worker_environment
from benchmarks.peers.detectors.facenet_pytorch_torch2_13 import STAND_IN
from benchmarks.peers.environments import python_of
from benchmarks.peers.peer import OWN, find_peer
from benchmarks.report import table, verdict

VGA: Final = (640, 480)
SCRIPT: Final = Path(__file__).with_name("facenet_script.py")
WATCH: Final = """
import os, sys, time
start = time.perf_counter()
to = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
_, status, usage = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=to), 0)
print(time.perf_counter() - start, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Prints the time and memory of a command. Small, since Linux counts what a parent had in memory as its child's."""
FASTER: Final = 8.0
"""How many times as long the other script must take."""
RESIDENT: Final = 80.0
"""Megabytes that this package's process may have in memory."""
HEADER: Final = ("process", "seconds", "least", "ratio", "target", "", "MB resident", "target", "")


@dataclass(frozen=True)
class Run:
    """One process.

    Attributes:
        seconds: from its start to its end.
        megabytes: the most it had in memory.
    """

    seconds: float
    megabytes: float


def report(data: Path, *, rounds: int, threads: int) -> str:
    """Time and memory of `facecascade detect` and of the script with facenet-pytorch, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "one-vga.jpg"
        Image.fromarray(within(load_rgb(data / "photos" / GROUP_PHOTO), VGA)).save(picture, quality=90)
        commands = _commands(picture, threads)
        for command, environment in commands.values():
            run(command, environment)  # once for the disk's cache
        turns = [{name: run(*commands[name]) for name in commands} for _ in range(rounds)]
    return table(HEADER, [_row(name, turns) for name in commands])


def run(command: list[str], environment: Mapping[str, str]) -> Run:
    """Run a command to its end, its output dropped.

    Raises:
        SystemExit: it failed.
    """
    watched = [sys.executable, "-I", "-S", "-c", WATCH, *command]
    done = subprocess.run(watched, env=environment, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"expected success, got exit code {done.returncode} from: {' '.join(command)}")
    seconds, resident = map(float, done.stdout.split())
    return Run(seconds, resident * (1 if sys.platform == "darwin" else 1024) / 1e6)


def _commands(picture: Path, threads: int) -> dict[str, tuple[list[str], dict[str, str]]]:
    """The command and the environment of each process, by the package's name."""
    own = [sys.executable, "-m", "facecascade.cli", "detect", "--threads", str(threads), str(picture)]
    source = {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT / "src"), os.environ.get("PYTHONPATH"))))}
    commands = {OWN: (own, worker_environment(threads, isolated=False) | source)}
    for name, more in (
        ("facenet_pytorch", {}),
        ("facenet_pytorch_torch2_13", {"PYTHONPATH": str(STAND_IN)}),
    ):
        python = python_of(name, find_peer(name))
        command = [str(python), str(SCRIPT), str(picture)]
        commands[name] = (command, worker_environment(threads, isolated=True) | more)
    return commands


def _row(name: str, turns: list[dict[str, Run]]) -> tuple[str, ...]:
    seconds = [turn[name].seconds for turn in turns]
    megabytes = max(turn[name].megabytes for turn in turns)
    measured = (f"{median(seconds):.3f}", f"{min(seconds):.3f}")
    if name == OWN:
        fits = (f"{RESIDENT:g}", verdict(megabytes, limit=RESIDENT, at_least=False))
        return "facecascade detect one-vga.jpg", *measured, "", "", "", f"{megabytes:.0f}", *fits
    ratio = median(seconds) / median(turn[OWN].seconds for turn in turns)
    judged = (f"{ratio:.2f}", f"{FASTER:g}", verdict(ratio, limit=FASTER, at_least=True))
    return f"a script with {find_peer(name).title}", *measured, *judged, f"{megabytes:.0f}", "", ""
