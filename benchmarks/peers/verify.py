"""Does a package run true here? Its results beside those that were recorded elsewhere."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from benchmarks.data import load_rgb, read_golden
from benchmarks.peers.client import Client
from benchmarks.peers.peer import find_peer
from facecascade.faces import Faces
from facecascade.overlap import iou, match_greedily

HEADER = ("detector", "picture", "faces", "recorded", "paired", "least IoU")

Row = tuple[str, str, int, int, int, str]


def verified(clients: Mapping[str, Client], data: Path, *, count: int) -> list[Row]:
    """A row for each package that has a record and each of its first `count` pictures, under `HEADER`."""
    return [row for name, client in clients.items() for row in _rows(name, client, data, count)]


def _rows(name: str, client: Client, data: Path, count: int) -> Iterator[Row]:
    peer = find_peer(name)
    if peer.golden is None:
        return
    golden = read_golden(data / "golden" / peer.golden)
    with tempfile.TemporaryDirectory() as folder:
        pixels = Path(folder) / "pixels.npy"
        for picture in list(golden)[:count]:
            np.save(pixels, load_rgb(data / "photos" / picture))
            client.set_picture(pixels)
            client.detect()
            yield peer.title, picture, *agreement(client.faces(), golden[picture].faces)


def agreement(found: Faces, recorded: Faces) -> tuple[int, int, int, str]:
    """Number of faces found, recorded and paired by an IoU of at least .5, and the least IoU of a pair."""
    overlap = iou(found.boxes, recorded.boxes)
    pairs = match_greedily(overlap, least=0.5)
    least = f"{min(overlap[pair] for pair in pairs):.4f}" if pairs else "no pair"
    return len(found), len(recorded), len(pairs), least
