"""What `--write` asks for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from facecascade import __version__
from facecascade.read import stored_orientation
from facecascade.write import Run, Together, Writer, named_writer

if TYPE_CHECKING:
    from facecascade.cli.inputs import Inputs
    from facecascade.detector import MTCNN


def run_of(detector: MTCNN, inputs: Inputs, *, crops: bool = False) -> Run:
    """What the formats want to know of this run.

    Args:
        detector: what looks for the faces.
        inputs: the pictures.
        crops: whether the faces are cut out into files.
    """
    return Run(
        crops=crops,
        metadata={
            "version": __version__,
            "settings": json.dumps(detector.settings.to_dict()),
            "weights": detector.weights.name,
            "weights_sha256": detector.weights.sha256,
        },
        names=inputs.names.name,
        orientation=stored_orientation,
        sources=inputs.entries(),
    )


def named_writers(orders: Iterable[str], *, run: Run, first: Sequence[Writer]) -> list[Writer]:
    """The writers that `--write` asks for, behind those there are; where one cannot be had, none leaves a trace."""
    writers = list(first)
    try:
        for order in orders:
            writers.append(named_writer(order, run=run))  # noqa: PERF401  # the ones before must be known
    except BaseException as error:
        Together(writers).__exit__(type(error), error, error.__traceback__)
        raise
    return writers
