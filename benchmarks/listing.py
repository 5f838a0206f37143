"""What it costs to list pictures, beside a plain walk that asks for each file's size.

python -m benchmarks.listing
python -m benchmarks.listing --files 1000000
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from facecascade.read import find_entries

FILES_A_FOLDER = 500
ROUNDS = 3


def make_folders(root: Path, files: int) -> None:
    """Empty files, 500 in each folder."""
    for number in range(files):
        folder = root / f"{number // FILES_A_FOLDER:05d}"
        if number % FILES_A_FOLDER == 0:
            folder.mkdir()
        (folder / f"IMG_{number:07d}.jpg").touch()


def walk(root: Path) -> int:
    """A plain walk with the size of each file."""
    return sum(
        os.stat(os.path.join(parent, name)).st_size + 1  # noqa: PTH116, PTH118 - the plainest there is
        for parent, _, names in os.walk(root)
        for name in names
    )


def ids(inputs: Iterable[str | Path]) -> int:
    """The ids of all entries, each looked up in a set, as a job does that is done already."""
    done: set[str] = set()
    return sum(entry.id not in done for entry in find_entries(inputs))


def measure(work: Callable[[], int], *, files: int) -> float:
    """Least processor time of some rounds, in seconds."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        found = work()
        seconds.append(time.process_time() - start)
        if found != files:
            raise SystemExit(f"expected {files} files, got {found}")
    return min(seconds)


def main() -> None:
    """Measures a walk, a folder, two inputs and a pattern."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    files = parser.parse_args().files
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        make_folders(root, files)
        plain = measure(lambda: walk(root), files=files)
        print(f"{files} files in folders of {FILES_A_FOLDER}\n{'os.walk and os.stat':<28}{plain:6.2f} s")
        for what, inputs in (
            ("a folder", [root]),
            ("two inputs", [root, root / "00000"]),
            ("a pattern", [root / "**/*.jpg"]),
        ):
            seconds = measure(lambda inputs=inputs: ids(inputs), files=files)  # type: ignore[misc]
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{what:<28}{seconds:6.2f} s {seconds / plain:6.2f} times, {peak:.0f} MB at most so far")


if __name__ == "__main__":
    main()
