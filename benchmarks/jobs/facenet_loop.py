"""What people write with facenet-pytorch: one picture after the other, each face into a file. Run in its environment.

    python facenet_loop.py OUTPUT PICTURE...

Prints the seconds that the loop took, without what was imported and loaded.
"""

from __future__ import annotations

import sys
import time
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Cuts the faces out of the pictures that the command line names."""
    import_module("torch").set_num_threads(2)
    read = import_module("PIL.Image").open
    output, *pictures = map(Path, sys.argv[1:])
    detector = import_module("facenet_pytorch").MTCNN(
        image_size=112, margin=0, min_face_size=40, keep_all=True, post_process=False
    )
    detector(read(pictures[0]), save_path=str(output / "first.jpg"))  # what is done once is not counted
    started = time.perf_counter()
    for picture in pictures:
        detector(read(picture), save_path=str(output / f"{picture.stem}.jpg"))
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main()
