"""One picture and its faces, to the crops and measures of those that are kept: `take_out`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from facecascade.extract.cropping import Cropping, Crops
from facecascade.extract.measures import MEASURED, Measures, measure_faces
from facecascade.extract.resample import BLACK, Pixels
from facecascade.extract.select import Selection, select
from facecascade.faces import Faces

ALL: Final = Selection()


@dataclass(frozen=True, eq=False)
class Taken:
    """What was taken out of one picture: one of each a face.

    Attributes:
        faces: those that were kept, in their order.
        crops: their pixels and matrices.
        measures: None if nobody asked for them.
    """

    faces: Faces
    crops: Crops
    measures: tuple[Measures, ...] | None


def take_out(
    picture: Pixels, faces: Faces, *, cropping: Cropping, selection: Selection = ALL, measure: bool = False
) -> Taken:
    """The crops, and if asked the measures, of the faces that a selection keeps.

    Args:
        picture: (h, w, 3) uint8, RGB; it is not changed.
        faces: in pixels of that picture.
        cropping: how they are cut out.
        selection: which of them.
        measure: whether to return measures even where no limit needs them.

    Raises:
        ValueError: `picture` has another shape or dtype.
        SettingsError: crops are aligned or chosen by pose, and the faces have no landmarks.
    """
    size = picture.shape[1], picture.shape[0]
    # Measuring costs as much as cutting out: limits that need none come first.
    first = selection.without_measures if selection.by_measures else selection
    faces = faces[select(faces, selection=first, picture_size=size)]
    if not (measure or selection.by_measures):
        return Taken(faces, cropping.cut(picture, faces), None)
    as_measured = cropping.template == MEASURED and cropping.fill == BLACK
    crops = cropping.cut(picture, faces) if as_measured else None
    measures = measure_faces(picture, faces, crops=None if crops is None else crops.pixels)
    kept = select(faces, selection=selection, picture_size=size, measures=measures)
    faces = faces[kept]
    crops = cropping.cut(picture, faces) if crops is None else crops[kept]
    return Taken(faces, crops, tuple(measures[place] for place in kept))
