"""A virtual environment for each package, made on first use and kept under .venvs/."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from benchmarks.data import ROOT
from benchmarks.peers.peer import Peer

VENVS: Final = ROOT / ".venvs"
STAMP: Final = "requirements.sha256"
"""File in an environment that says what was installed: it is written last, so a broken install is made again."""


def python_of(name: str, peer: Peer) -> Path:
    """The Python to run a package with; its environment is made or made again where needed.

    Raises:
        SystemExit: no fitting Python, too little disk, or the installation failed.
    """
    if peer.requirements is None:
        return Path(sys.executable)
    requirements = Path(__file__).parent / peer.requirements
    folder = VENVS / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = hashlib.sha256(requirements.read_bytes() + "\n".join(peer.alone).encode()).hexdigest()
    if _read(folder / STAMP) != stamp:
        _install(peer, requirements, folder, python)
        (folder / STAMP).write_text(stamp, encoding="utf-8")
    return python


def find_base(newest: tuple[int, int] | None) -> str:
    """A Python that is not newer than `newest`: this one, or else one on the search path.

    Raises:
        SystemExit: there is none.
    """
    if newest is None or sys.version_info[:2] <= newest:
        return sys.executable
    wanted = [f"python{newest[0]}.{minor}" for minor in range(newest[1], 10, -1)]
    found = next(filter(None, map(shutil.which, wanted)), None)
    if found is None:
        raise SystemExit(f"expected one of {', '.join(wanted)} on the search path, got none: install one")
    return found


def _install(peer: Peer, requirements: Path, folder: Path, python: Path) -> None:
    VENVS.mkdir(exist_ok=True)
    free = shutil.disk_usage(VENVS).free / 1e9
    if free < peer.disk:
        raise SystemExit(f"expected {peer.disk:g} GB of free disk for {peer.title}, got {free:.1f} GB")
    print(f"installing {peer.title} into {folder} (once, about {peer.disk:g} GB)", file=sys.stderr)
    _run([find_base(peer.newest_python), "-m", "venv", "--clear", str(folder)])
    install = [str(python), "-m", "pip", "install", "--quiet"]
    _run([*install, "--requirement", str(requirements)])
    if peer.alone:
        _run([*install, "--no-deps", *peer.alone])


def _run(command: list[str]) -> None:
    code = subprocess.run(command, check=False, stdout=sys.stderr).returncode
    if code:
        raise SystemExit(f"expected success, got exit code {code} from: {' '.join(command)}")


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
