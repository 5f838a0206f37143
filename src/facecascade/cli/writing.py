"""What a command writes: its own output, and what `--write` asks for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from facecascade import __version__
from facecascade.read import stored_orientation
from facecascade.write import Column, Run, Together, Writer, named_writer

if TYPE_CHECKING:
    from facecascade.detector import MTCNN
    from facecascade.extract.inputs import Inputs


def run_of(
    detector: MTCNN,
    inputs: Inputs,
    *,
    crops: bool = False,
    columns: Sequence[Column] = (),
    orientation: Callable[[Any], int] = stored_orientation,
) -> Run:
    """What the formats want to know of this run.

    Args:
        detector: what looks for the faces.
        inputs: the pictures.
        crops: whether the faces are cut out into files.
        columns: what is known of each face beside the usual.
        orientation: EXIF orientation of a picture.
    """
    return Run(
        crops=crops,
        columns=columns,
        metadata={
            "version": __version__,
            "settings": json.dumps(detector.settings.to_dict()),
            "weights": detector.weights.name,
            "weights_sha256": detector.weights.sha256,
        },
        names=inputs.names.name,
        orientation=orientation,
        sources=inputs,
        files=inputs.total is not None,
    )


def writers(orders: Iterable[str], *, run: Run, first: Callable[[Run], Sequence[Writer]]) -> Together:
    """All writers of a command; where one cannot be had, none leaves a trace.

    Args:
        orders: what `--write` asks for.
        run: what the formats want to know.
        first: makes those that come before.
    """
    made = list(first(run))
    try:
        for order in orders:
            made.append(named_writer(order, run=run))  # noqa: PERF401  # the ones before must be known
    except BaseException as error:
        Together(made).__exit__(type(error), error, error.__traceback__)
        raise
    return Together(made)
