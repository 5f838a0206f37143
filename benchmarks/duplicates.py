"""How long do near duplicates among a million faces take, and how much memory? Ask `python -m benchmarks.duplicates`.

Each kind of hashes is made and searched in a process of its own. "grown" is what the search added to the most memory
that the process had.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import ROOT
from benchmarks.report import table
from facecascade.extract import near_duplicates

Hashes = NDArray[np.uint64]
Random = np.random.Generator

FILM: Final = 1000
"""Faces of one person, one after the other."""


def main() -> None:
    """Measures every kind of hashes, and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=int, default=1_000_000, help="hashes of each kind (default: 1,000,000)")
    parser.add_argument("--distance", type=int, default=4, help="bits (default: 4)")
    parser.add_argument("--only", choices=KINDS, help="measure one kind here, and print JSON")
    arguments = parser.parse_args()
    if arguments.only:
        sys.stdout.write(json.dumps(measure(arguments.only, arguments.faces, arguments.distance)))
        return
    rows = []
    for kind in KINDS:
        command = [sys.executable, "-m", "benchmarks.duplicates", "--only", kind]
        command += ["--faces", str(arguments.faces), "--distance", str(arguments.distance)]
        result = json.loads(subprocess.run(command, check=True, capture_output=True, cwd=ROOT).stdout)
        rows.append([kind, f"{result['duplicates']:,}", f"{result['seconds']:.1f}", f"{result['grown']:.0f}"])
    print(table(["hashes", "duplicates", "seconds", "MB grown"], rows))


def measure(kind: str, count: int, distance: int) -> dict[str, float]:
    """Seconds and megabytes for so many hashes of a kind."""
    hashes = KINDS[kind](np.random.default_rng(0), count)
    near_duplicates(hashes[:10], distance=distance)
    before = _most_megabytes()
    start = time.perf_counter()
    found = near_duplicates(hashes, distance=distance)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "duplicates": int((found >= 0).sum()), "grown": _most_megabytes() - before}


def different(random: Random, count: int) -> Hashes:
    """Any bits."""
    return random.integers(0, 2**64, count, dtype=np.uint64)


def uneven(random: Random, count: int) -> Hashes:
    """Bits that are set in 10 to 90 % of the faces, as those of faces are."""
    shares = random.uniform(0.1, 0.9, 64)
    bits = [random.random((min(1 << 16, count - begin), 64)) < shares for begin in range(0, count, 1 << 16)]
    return np.concatenate([np.packbits(some, axis=1).view(">u8")[:, 0].astype(np.uint64) for some in bits])


def films(random: Random, count: int) -> Hashes:
    """A thousand faces of each person in turn, up to 3 bits from one another's middle."""
    return _changed(random, np.repeat(different(random, -(-count // FILM)), FILM)[:count], flips=3)


def one_person(random: Random, count: int) -> Hashes:
    """Faces up to 6 bits from one middle."""
    return _changed(random, np.zeros(count, np.uint64), flips=6)


def one_face(random: Random, count: int) -> Hashes:  # noqa: ARG001 (all kinds are called alike)
    """The same hash again and again."""
    return np.zeros(count, np.uint64)


def _changed(random: Random, hashes: Hashes, *, flips: int) -> Hashes:
    for _ in range(flips):
        hashes = hashes ^ (np.uint64(1) << random.integers(0, 64, len(hashes), dtype=np.uint64))
    return hashes


def _most_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


KINDS: Final[dict[str, Callable[[Random, int], Hashes]]] = {
    "different": different,
    "uneven": uneven,
    "films": films,
    "one person": one_person,
    "one face": one_face,
}

if __name__ == "__main__":
    main()
