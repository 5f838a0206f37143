"""How much of facenet-pytorch's time the stand-in for torchvision takes.

    .venvs/facenet_pytorch_torch2_13/bin/python -m benchmarks.peers.stand_in.share group.jpg

runs in that package's own environment and prints it for several sizes of a picture.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from statistics import median
from typing import Any, Final

import numpy as np
from PIL import Image

from benchmarks.peers.detectors import facenet_pytorch_torch2_13
from benchmarks.peers.peer import Options

HEIGHTS: Final = (480, 720, 1080, 2160)
ROUNDS: Final = 5


class Watched:
    """A function, and the time that its calls took.

    Attributes:
        seconds: of all calls since it was last set to 0.
        boxes: that the largest of them was given.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.seconds = 0.0
        self.boxes = 0

    def __call__(self, boxes: Any, *args: Any) -> Any:
        """What the function returns."""
        start = time.perf_counter()
        try:
            return self._function(boxes, *args)
        finally:
            self.seconds += time.perf_counter() - start
            self.boxes = max(self.boxes, len(boxes))


def main() -> None:
    """Print a line for each size."""
    parser = argparse.ArgumentParser(description="Share of the stand-in for torchvision.")
    parser.add_argument("picture")
    parser.add_argument("--threads", type=int, default=2, help="(%(default)s)")
    args = parser.parse_args()
    detector = facenet_pytorch_torch2_13.load(Options(threads=args.threads))
    cascade: Any = import_module("facenet_pytorch.models.utils.detect_face")
    watched = cascade.batched_nms = Watched(cascade.batched_nms)
    picture = Image.open(args.picture).convert("RGB")
    for height in HEIGHTS:
        size = (round(picture.width * height / picture.height), height)
        pixels = np.asarray(picture.resize(size, Image.Resampling.LANCZOS))
        detector.detect(pixels)
        watched.boxes = 0
        shares = [_share(partial(detector.detect, pixels), watched) for _ in range(ROUNDS)]
        print(f"{size[0]} x {height}: {median(shares):.1%}; up to {watched.boxes} boxes in a call")


def _share(call: Callable[[], object], watched: Watched) -> float:
    watched.seconds = 0.0
    start = time.perf_counter()
    call()
    return watched.seconds / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
