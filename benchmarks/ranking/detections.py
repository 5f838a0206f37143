"""What each detector finds in a list of pictures: other packages once, and then from the disk; this one anew."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks import peers
from benchmarks.data import ROOT, load_rgb
from benchmarks.oracle import key, load, save
from benchmarks.peers import mtcnn_form
from benchmarks.peers.client import start
from benchmarks.peers.peer import Options, find_peer
from facecascade import MTCNN, Faces

CACHE: Final = ROOT / ".cache" / "peers"
PEERS: Final = Path(str(peers.__file__)).parent


def own_faces(settings: Mapping[str, Any], paths: Sequence[Path], *, threads: int) -> dict[Path, Faces]:
    """What this package finds in each picture with these arguments of `MTCNN`."""
    with MTCNN(**settings, threads=threads) as detector:
        return {path: detector.detect(load_rgb(path)) for path in paths}


def peer_faces(name: str, paths: Sequence[Path], *, options: Options, cache: Path = CACHE) -> dict[Path, Faces]:
    """What another package finds in each picture; its process is started if one of them is not in the cache.

    Raises:
        SystemExit: its environment cannot be made.
        PeerError: the package could not be loaded, or failed.
    """
    source = source_hash(name)
    kept = {path: cache / name / f"{key(path.read_bytes(), asdict(options), source)}.npz" for path in paths}
    missing = {path: file for path, file in kept.items() if not file.is_file()}
    if missing:
        print(f"{find_peer(name).title}: {len(missing)} of {len(paths)} pictures are new", file=sys.stderr)
        _find(name, missing, options=options)
    return {path: load(file) for path, file in kept.items()}


def source_hash(name: str) -> str:
    """A hash of everything but picture and options that decides what a package finds: its pins and how it is called."""
    requirements = find_peer(name).requirements
    if requirements is None:
        raise ValueError(f"expected a package with an environment of its own, got {name}: what it finds is not kept")
    files = (PEERS / requirements, PEERS / "detectors" / f"{name}.py", Path(mtcnn_form.__file__))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _find(name: str, files: Mapping[Path, Path], *, options: Options) -> None:
    """Detect in each picture and write the result to its file at once, so that an interrupted run is not lost."""
    with start(name, options) as client, tempfile.TemporaryDirectory() as folder:
        pixels = Path(folder) / "pixels.npy"
        for path, file in files.items():
            np.save(pixels, load_rgb(path))
            client.set_picture(pixels)
            client.detect()
            save(file, client.faces())
