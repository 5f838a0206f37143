"""The Python API on the same pictures; a process of its own, told by lines what to do, as `clients` is."""

from __future__ import annotations

import json
import pickle
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from facecascade import MTCNN


def main() -> None:
    """Work until standard input ends."""
    file, min_face_size = sys.argv[1:]
    pictures = pickle.loads(Path(file).read_bytes())
    with MTCNN(min_face_size=float(min_face_size)) as detector:
        for line in sys.stdin:
            started, cpu = time.perf_counter(), time.process_time()
            until = started + json.loads(line)["seconds"]
            count = sum(1 for _ in detector.detect_stream(_until(until, pictures)))
            answer = {"count": count, "seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu}
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


def _until(end: float, pictures: list[bytes]) -> Iterator[bytes]:
    for picture in cycle(pictures):
        if time.perf_counter() >= end:
            return
        yield picture


if __name__ == "__main__":
    main()
