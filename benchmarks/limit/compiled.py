"""C++ sources compiled at run time into shared libraries: `compiled`."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.data import ROOT

CACHE: Final = ROOT / ".cache" / "compiled"
"""Libraries are kept here, by the hash of the source and the command."""
COMPILERS: Final = ("c++", "g++", "clang++")


def compiled(source: Path, *, flags: Sequence[str]) -> ctypes.CDLL:
    """The shared library of one C++ source, compiled unless the cache has it.

    Args:
        source: the file.
        flags: the compiler's options besides those for a shared library.

    Raises:
        SystemExit: no compiler, or it failed.
    """
    command = [compiler(), "-std=c++20", "-fPIC", *flags]
    digest = hashlib.sha256(source.read_bytes() + "\0".join(command).encode()).hexdigest()[:16]
    library = CACHE / f"{source.stem}-{digest}.so"
    if not library.is_file():
        build(source, library=library, command=command)
    return ctypes.CDLL(str(library))


def build(source: Path, *, library: Path, command: Sequence[str]) -> None:
    """Compile and link in two steps.

    A linker told of -ffast-math adds start-up code that makes the whole process round subnormal numbers to zero,
    and a benchmark must not change the arithmetic of what it is measured beside.

    Raises:
        SystemExit: a step failed.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    aside = library.with_suffix(f".{os.getpid()}")
    unit = aside.with_suffix(f".{os.getpid()}.o")
    linked = [word for word in command if word != "-ffast-math"]
    for step in (
        [*command, "-c", str(source), "-o", str(unit)],
        [*linked, "-shared", str(unit), "-o", str(aside)],
    ):
        if subprocess.run(step, check=False).returncode:
            raise SystemExit(f"expected {source.name} to compile, got the errors above")
    unit.unlink()
    aside.replace(library)


def compiler() -> str:
    """The system's C++ compiler, or the one that CXX names.

    Raises:
        SystemExit: there is none.
    """
    names = (os.environ["CXX"],) if os.environ.get("CXX") else COMPILERS
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit(f"expected a C++ compiler, found none of {', '.join(names)}: install one, or set CXX")
    return found
