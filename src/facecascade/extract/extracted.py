"""What a job tells of one picture: `Extracted`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facecascade.extract.measures import Measures
from facecascade.extract.names import StrPath
from facecascade.faces import Faces


@dataclass(frozen=True, eq=False)
class Extracted:
    """The faces of one picture, and the files they are in.

    Attributes:
        source: the picture: its path, and where it has one an `id`, which is what outputs call it.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        faces: those that were kept, in pixels of that picture.
        crops: one file a face, relative to the output folder.
        matrices: (n, 2, 3) float64, picture -> crop, by pixel centres; see `Crops`.
        measures: one a face; none where nobody measured them.
        captured: when the picture was taken, in ISO 8601; None where it does not say.
    """

    source: StrPath
    width: int
    height: int
    faces: Faces
    crops: tuple[Path, ...]
    matrices: NDArray[np.float64]
    measures: tuple[Measures, ...] = ()
    captured: str | None = None
