"""facenet-pytorch's batch mode, run by the Python of its own environment: prints one line of JSON.

python facenet.py --device cuda --batch 32 vga.npy full_hd.npy
"""

from __future__ import annotations

import argparse
import json
import time
from importlib import import_module
from pathlib import Path

import numpy as np


def main() -> None:
    """Measure, and print pictures a second and faces by file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--device", required=True)
    parser.add_argument("--batch", type=int, required=True)
    options = parser.parse_args()
    torch = import_module("torch")
    detector = import_module("facenet_pytorch").MTCNN(
        keep_all=True, min_face_size=20, device=torch.device(options.device)
    )
    result = {}
    for path in options.pictures:
        pictures = np.load(path)
        groups = [pictures[start : start + options.batch] for start in range(0, len(pictures), options.batch)]
        detector.detect(groups[0], landmarks=True)
        started = time.perf_counter()
        found = [boxes for group in groups for boxes in detector.detect(group, landmarks=True)[0]]
        seconds = time.perf_counter() - started
        faces = sum(0 if boxes is None else len(boxes) for boxes in found)
        result[path.stem] = {"seconds": seconds, "pictures": len(pictures), "faces": faces}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
