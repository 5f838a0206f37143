"""facenet-pytorch 2.6.0 on a current torch for the CPU, newer than its metadata allows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from benchmarks.peers.detectors.facenet_pytorch import FacenetPytorch
from benchmarks.peers.peer import Options, Peer

STAND_IN: Final = Path(__file__).resolve().parents[1] / "stand_in"
"""Holds a `torchvision` of the few functions that the package calls."""

PEER = Peer(
    title="facenet-pytorch, torch 2.13",
    requirements="facenet_pytorch_torch2_13.txt",
    alone=("facenet-pytorch==2.6.0",),
    newest_python=(3, 13),
    disk=2.0,
    golden="facenet_pytorch_2.6.0.json",
    cascade=True,
    notes=(
        "facenet-pytorch 2.6.0 also runs with torch 2.13.0, which its metadata does not allow; no torchvision for CPUs"
        " fits that one: its NMS comes from `peers/stand_in/` there, which finds the same boxes",
    ),
)


def load(options: Options) -> FacenetPytorch:
    """A detector with its weights loaded; they come with the package."""
    sys.path.insert(0, str(STAND_IN))
    return FacenetPytorch(options, packages=("facenet-pytorch", "torch", "numpy"))
