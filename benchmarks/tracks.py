"""How well are faces of a video linked into tracks, the fewer frames are looked at? Ask `python -m benchmarks.tracks`.

Nobody has marked who is who in these clips. The tracks over all frames stand in for it, so look at them first:
`--sheets FOLDER` draws some faces of each. Then every step takes every Nth frame, from several first frames:

- "mixed": links of two faces that are on different tracks where all frames are looked at;
- "extra": tracks beyond the first of each face, counting those of at least ten sights over all frames.

Both are means over the first frames. The speed is that of five wandering faces over 100,000 frames.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import DATA
from benchmarks.report import table
from facecascade import MTCNN
from facecascade.extract import contact_sheet, crop_faces, link_faces
from facecascade.read import expand, find_entries

Boxes = NDArray[np.float32]
Indices = NDArray[np.int64]

STEPS: Final = (1, 2, 5, 12, 25)
STARTS: Final = 5
"""First frames of a step, at most."""
SIGHTS: Final = 10
"""Of a face that is no slip of the detector."""
SHOWN: Final = 16
"""Faces of a track on a sheet."""
FRAMES: Final = 100_000
FACES: Final = 5


@dataclass(frozen=True)
class Clip:
    """The faces of all frames of a video."""

    times: list[float]
    boxes: list[Boxes]
    crops: list[NDArray[np.uint8]]


def main() -> None:
    """Prints how tracks fall apart or mix in each clip, and the speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    videos = sorted((DATA / "videos").glob("*.mp4"))
    parser.add_argument("videos", type=Path, nargs="*", default=videos, help="video files")
    parser.add_argument("--sheets", type=Path, metavar="FOLDER", help="draw the faces of each track into this folder")
    arguments = parser.parse_args()
    with MTCNN(min_face_size=40) as detector:
        for path in arguments.videos:
            clip = read_clip(path, detector)
            tracks = link_faces(clip.times, boxes=clip.boxes)
            print(f"\n{path.name}: {len(clip.times)} frames, {sum(map(len, clip.boxes))} faces\n")
            print(table(["every Nth frame", "tracks", "mixed", "extra"], [_row(clip, tracks, step) for step in STEPS]))
            if arguments.sheets:
                draw(clip, tracks, arguments.sheets / path.stem)
    print(f"\n{FRAMES:,} frames of {FACES} faces: {seconds_for(FRAMES, FACES):.1f} seconds")


def read_clip(path: Path, detector: MTCNN) -> Clip:
    """Detects the faces of every frame."""
    clip = Clip([], [], [])
    for frame in expand(find_entries([str(path)])):
        pixels = frame.read()
        faces = detector.detect(pixels)
        clip.times.append(frame.time or 0.0)
        clip.boxes.append(faces.boxes)
        clip.crops.append(crop_faces(pixels, faces, size=64))
    return clip


def mixed_and_extra(tracks: Sequence[Indices], truth: Sequence[Indices]) -> tuple[int, int]:
    """Links of faces that are not one in truth, and tracks beyond the first of each face that is often seen.

    Args:
        tracks: (k,) of each frame, as `link_faces` returns them.
        truth: likewise, below 0 for faces that are seldom seen.
    """
    found = [pair for one, other in zip(tracks, truth, strict=True) for pair in zip(one, other, strict=True)]
    mixed = extra = 0
    for track in {track for track, _ in found}:
        mixed += sum(a != b for a, b in pairwise(face for own, face in found if own == track))
    for face in {face for _, face in found if face >= 0}:
        extra += len({track for track, own in found if own == face}) - 1
    return mixed, extra


def seconds_for(frames: int, faces: int) -> float:
    """Seconds that it takes to link so many faces that wander about in a picture."""
    random = np.random.default_rng(0)
    corners = np.cumsum(random.normal(0, 2, (frames, faces, 2)), axis=0) + random.uniform(0, 1900, (faces, 2))
    boxes = list(np.concatenate([corners, corners + 60], axis=2).astype(np.float32))
    start = time.perf_counter()
    link_faces(np.arange(frames) / 25, boxes=boxes)
    return time.perf_counter() - start


def draw(clip: Clip, tracks: Sequence[Indices], folder: Path) -> None:
    """A contact sheet for each track, of some of its faces in order of time."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers, crops = np.concatenate(tracks), np.concatenate(clip.crops)
    for track in range(int(numbers.max(initial=-1)) + 1):
        own = np.flatnonzero(numbers == track)
        some = own[np.unique(np.linspace(0, len(own) - 1, SHOWN).round().astype(int))]
        contact_sheet(crops[some], columns=SHOWN).save(folder / f"{track:03d}-of-{len(own)}.png")


def _row(clip: Clip, tracks: Sequence[Indices], step: int) -> list[str]:
    numbers = np.concatenate(tracks)
    often = np.bincount(numbers, minlength=1) >= SIGHTS
    starts = range(0, min(step, len(tracks)), max(1, step // STARTS))
    counts = []
    for start in starts:
        some = slice(start, None, step)
        linked = link_faces(clip.times[some], boxes=clip.boxes[some])
        truth = [np.where(often[own], own, -1 - own) for own in tracks[some]]
        mixed, extra = mixed_and_extra(linked, truth)
        counts.append((int(np.concatenate(linked).max(initial=-1)) + 1, mixed, extra))
    return [str(step), *(f"{mean:.1f}" for mean in np.mean(counts, axis=0))]


if __name__ == "__main__":
    main()
