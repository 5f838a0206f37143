"""What all runs in one folder have in common: settings, weights, and the folder of the pictures."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Protocol

from facecascade.errors import SettingsError
from facecascade.extract.detections import Detector
from facecascade.extract.journal import Run
from facecascade.extract.names import StrPath
from facecascade.extract.root import Root
from facecascade.extract.work import ExtractOptions
from facecascade.read import Frames, Sampling
from facecascade.version import VERSION


class FaceDetector(Detector, Protocol):
    """What finds the faces and can say how: `facecascade.MTCNN`."""

    @property
    def settings(self) -> Any:
        """`to_dict()` gives plain values by name."""

    @property
    def weights(self) -> Any:
        """`sha256` tells them from others."""


class Sampled(Protocol):
    """What says which frames are taken: `Inputs`."""

    frames: Frames
    """Of animated pictures, "first" or "all"."""
    sampling: Sampling
    """Of videos."""


def run_of(detector: FaceDetector, options: ExtractOptions, inputs: Sampled) -> Run:
    """What decides on the faces and crops of a run."""
    settings = {**detector.settings.to_dict(), **options.to_dict(), "frames": inputs.frames, **asdict(inputs.sampling)}
    return Run(settings, f"facecascade {VERSION}", detector.weights.sha256)


def checked_root(before: Root | None, given: Root, *, folder: StrPath, moved: bool) -> Root:
    """What the keys of a folder are relative to.

    Args:
        before: the same in the runs before.
        given: of the pictures of this run.
        folder: with the results; for the message.
        moved: the pictures lie elsewhere than before.

    Raises:
        SettingsError: the pictures do not lie below the root of before, and have not moved.
    """
    if before is None or moved:
        return given
    if given.seen_from(before) is None:
        raise SettingsError(
            f"{folder} holds the faces of pictures in {before.folder}, got pictures in {given.folder}: "
            "use another output folder, or say that they have moved (--moved)"
        )
    return before
