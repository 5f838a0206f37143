"""What the reference engine finds, computed once and kept: `Oracle`."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.data import ROOT, load_rgb
from facecascade import faces as faces_module
from facecascade import settings as settings_module
from facecascade.engines import reference as reference_module
from facecascade.engines.reference import ReferenceEngine
from facecascade.faces import Faces
from facecascade.settings import Settings
from facecascade.weights import Weights

CACHE: Final = ROOT / ".cache" / "reference"
SOURCES: Final = (reference_module, settings_module, faces_module)
"""Modules whose text decides what the reference finds."""
ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Oracle:
    """The reference engine with its bundled weights and a memory on disk.

    Attributes:
        processes: how many processes compute, each with one thread.
        cache: folder of the results, an .npz a picture and settings.
    """

    processes: int = 2
    cache: Path = CACHE

    def faces(self, paths: Sequence[Path], settings: Settings) -> Iterator[tuple[Path, Faces]]:
        """The faces of each picture, in order."""
        weights = Weights.load()
        find = partial(find_or_load, cache=self.cache, settings=settings, weights=weights, source=source_hash(weights))
        with _start(self.processes) as pool:
            yield from zip(paths, pool.imap(find, paths), strict=True)


def find_or_load(path: Path, *, cache: Path, settings: Settings, weights: Weights, source: str) -> Faces:
    """The faces of one picture, from the cache if they are there."""
    kept = cache / f"{key(path.read_bytes(), settings.to_dict(), source)}.npz"
    if kept.is_file():
        return load(kept)
    found = ReferenceEngine(weights.tensors).detect([load_rgb(path)], settings)[0]
    save(kept, found)
    return found


def _start(processes: int) -> Pool:
    """Processes with one BLAS thread each: two times two threads on two cores only take turns."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        return multiprocessing.get_context("spawn").Pool(processes)  # forking a process that has threads may hang
    finally:
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value


def source_hash(weights: Weights) -> str:
    """A hash of everything but picture and settings that decides what the reference finds."""
    digest = hashlib.sha256(weights.sha256.encode())
    for module in SOURCES:
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()


def key(picture: bytes, settings: dict[str, Any], source: str) -> str:
    """The name of a result."""
    digest = hashlib.sha256(hashlib.sha256(picture).digest())
    digest.update(json.dumps([settings, source], sort_keys=True).encode())
    return digest.hexdigest()


def load(path: Path) -> Faces:
    """A result that `save` wrote."""
    with np.load(path) as columns:
        return Faces(columns["boxes"], columns["scores"], columns["landmarks"])


def save(path: Path, faces: Faces) -> None:
    """Write a result, with landmarks, so that nobody ever reads half of it."""
    if faces.landmarks is None:
        raise ValueError("expected faces with landmarks, got none")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.npz")
    np.savez_compressed(unfinished, boxes=faces.boxes, scores=faces.scores, landmarks=faces.landmarks)
    unfinished.replace(path)
