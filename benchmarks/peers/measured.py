"""Packages timed on one picture, and whether they find the same faces: `measure`, `Result`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.data import Picture
from benchmarks.peers.client import Client, start
from benchmarks.peers.peer import OWN, Options
from benchmarks.peers.rounds import QUIET, Timing, alternate
from facecascade.faces import Faces
from facecascade.overlap import iou, match_greedily

SAME: Final = 0.5
"""IoU from which two boxes are of the same face, as usual."""


@dataclass(frozen=True)
class Plan:
    """How every picture is measured.

    Attributes:
        rounds: that are kept, at least 7.
        warm_up: rounds before those.
        rest: seconds before each turn.
    """

    rounds: int
    warm_up: int
    rest: float


@dataclass(frozen=True)
class Result:
    """The times of packages on one picture, and what they found there.

    Attributes:
        picture: its name.
        width: in pixels.
        height: in pixels.
        timings: by package.
        common: by package, the faces of it that are also among those of the first one.
    """

    picture: str
    width: int
    height: int
    timings: Mapping[str, Timing]
    common: Mapping[str, int]

    @property
    def base(self) -> str:
        """The package that the others are compared with: this one where it takes part."""
        return OWN if OWN in self.timings else next(iter(self.timings))

    def ratio(self, name: str) -> float:
        """How many times as long as the base a package took, by the medians."""
        return self.timings[name].ratio_of_medians(self.timings[self.base])

    def faces(self, name: str) -> str:
        """How many faces a package found, and how many of them the base found too."""
        return f"{self.timings[name].faces}, {self.common[name]}"


@contextmanager
def started(names: Sequence[str], options: Options) -> Iterator[dict[str, Client]]:
    """The packages, each loaded in a process of its own, until the block is left."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(start(name, options)) for name in names}


def measure(clients: Mapping[str, Client], name: str, pixels: Picture, *, plan: Plan) -> Result:
    """Let the packages take turns on a picture."""
    with tempfile.TemporaryDirectory() as folder:
        shared = Path(folder) / "pixels.npy"
        np.save(shared, pixels)
        for client in clients.values():
            client.set_picture(shared)
        timings = alternate(clients, rounds=plan.rounds, warm_up=plan.warm_up, rest=plan.rest)
    found = {name: client.faces() for name, client in clients.items()}
    base = found[OWN if OWN in found else next(iter(found))]
    common = {name: in_common(base, faces) for name, faces in found.items()}
    return Result(name, pixels.shape[1], pixels.shape[0], timings, common)


def in_common(some: Faces, others: Faces) -> int:
    """How many faces are in both, by an IoU of at least .5, one to one."""
    return len(match_greedily(iou(some.boxes, others.boxes), least=SAME))


def disturbance(results: Sequence[Result]) -> str:
    """A line on how quiet the machine was."""
    most = max(timing.waited for result in results for timing in result.timings.values())
    if most <= QUIET:
        return f"Quiet: threads waited for a core for at most {most:.1%} of a turn."
    return (
        f"WARNING: others took cores away ({most:.0%} waiting, {QUIET:.0%} is quiet). Packages whose threads "
        "wait for each other in a busy loop, such as torch, suffer most: do not quote these figures."
    )
