"""Make the pictures of docs/how-it-works.md: one scene on its way through the cascade, stage by stage.

    python -m scripts.tutorial_pictures

Run it in the root of the repository. The scene is a part of the composed wall of portraits; what is drawn comes from
`MTCNN.study`, by `facecascade.plates`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facecascade import MTCNN, Faces, Study, read_picture
from facecascade.draw import BOX_COLOUR
from facecascade.engines.reference import GEOMETRIES
from facecascade.plates import GAP, draw_heat, draw_look, draw_pyramid, draw_windows, side_by_side
from facecascade.settings import Geometry
from facecascade.study import Look
from scripts.sample_pictures import sample_pictures

OUTPUT: Final = Path(__file__).resolve().parents[1] / "docs" / "images" / "tutorial"
SCENE: Final = (slice(30, 800), slice(40, 660))
"""Rows and columns of the wall: eight of its portraits."""
MIN_FACE_SIZE: Final = 30
ONE_FACE: Final = (345, 15, 615, 255)
"""One portrait of the scene, x1 y1 x2 y2, where single boxes can be told apart."""
SMALL_FACE: Final = (slice(685, 770), slice(1075, 1150))
"""Rows and columns of the wall: its smallest portrait, where a pixel is much."""

GEOMETRY_COLOURS: Final[dict[Geometry, tuple[int, int, int]]] = {"classic": (255, 150, 60), "subpixel": BOX_COLOUR}
PANEL: Final = 320
ZOOM: Final = 10
"""Side of a pixel of the small face, as it is drawn in a panel."""

Pixels = NDArray[np.uint8]


def scene() -> Pixels:
    """What the tutorial looks at, (770, 620, 3) uint8 RGB."""
    return wall()[SCENE]


def wall() -> Pixels:
    """The whole composed scene."""
    return read_picture(sample_pictures()["group"])


def overview(picture: Pixels, study: Study) -> Image.Image:
    """What each network leaves."""
    trace = study.trace
    stages = (("P-Net", trace.proposals), ("R-Net", trace.refined), ("O-Net", trace.faces))
    plates = [(draw_windows(picture, faces, width=320), f"{name}: {len(faces)}") for name, faces in stages]
    return side_by_side(plates, columns=3)


def suppression(picture: Pixels, study: Study) -> Image.Image:
    """One portrait: P-Net's windows, those that suppression leaves, and where their regression moves them."""
    stages = (
        ("windows from .6", study.windows),
        ("after suppression", study.kept),
        ("moved and square", study.trace.proposals),
    )
    plates = []
    for name, faces in stages:
        part, there = zoomed(picture, faces, ONE_FACE)
        plates.append((draw_windows(part, there, width=320), f"{name}: {len(there)}"))
    return side_by_side(plates, columns=3)


def zoomed(picture: Pixels, faces: Faces, area: tuple[int, int, int, int]) -> tuple[Pixels, Faces]:
    """A part of the picture, x1 y1 x2 y2, and the boxes whose centre lies in it, in its pixels."""
    x1, y1, x2, y2 = area
    centres = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
    inside = np.asarray(((centres >= (x1, y1)) & (centres < (x2, y2))).all(axis=1), np.bool_)
    there = faces[inside]
    return picture[y1:y2, x1:x2], Faces(there.boxes - np.array([x1, y1, x1, y1], np.float32), there.scores)


def geometries() -> Image.Image:
    """A face of 20 pixels in both geometries: the square that O-Net is shown, and what it sees in it."""
    picture = small_face()
    looks = {name: _look(picture, name) for name in GEOMETRY_COLOURS}
    crops = [(_one_crop(look), f"{name}: what O-Net sees") for name, look in looks.items()]
    return side_by_side([(_enlarged(picture, looks), "the squares around it"), *crops], columns=3)


def small_face() -> Pixels:
    """The smallest portrait of the wall, made smaller still."""
    portrait = Image.fromarray(wall()[SMALL_FACE])
    return np.asarray(portrait.resize((portrait.width * 2 // 3, portrait.height * 2 // 3), Image.Resampling.LANCZOS))


def _look(picture: Pixels, geometry: Geometry) -> Look:
    look = MTCNN(geometry=geometry).study(picture).onet
    assert look is not None
    best = [int(np.argmax(look.squares.scores))]
    return Look(look.crops[best], look.squares[best], look.passed[best])


def _one_crop(look: Look) -> Image.Image:
    return draw_look(look, side=PANEL).crop((GAP, GAP, GAP + PANEL, GAP + PANEL))


def _enlarged(picture: Pixels, looks: dict[Geometry, Look]) -> Image.Image:
    """The pixels around the face as blocks, with the square that each geometry crops."""
    left, top = (looks["subpixel"].squares.boxes[0].reshape(2, 2).mean(axis=0) - PANEL / ZOOM / 2).round().astype(int)
    image = Image.fromarray(picture[top : top + PANEL // ZOOM, left : left + PANEL // ZOOM])
    image = image.resize((image.width * ZOOM, image.height * ZOOM), Image.Resampling.NEAREST)
    for name, look in looks.items():
        x1, y1, x2, y2 = look.squares.boxes[0].tolist()
        first = GEOMETRIES[name].last  # where boxes count pixels from 1, x1 is the number of the first one inside
        corners = (x1 - first - left, y1 - first - top, x2 - left, y2 - top)
        ImageDraw.Draw(image).rectangle([at * ZOOM for at in corners], outline=GEOMETRY_COLOURS[name], width=3)
    return image


def pictures() -> dict[str, Image.Image]:
    """All pictures by the names of their files."""
    picture = scene()
    with MTCNN(min_face_size=MIN_FACE_SIZE) as detector:
        study = detector.study(picture)
    onet: Look | None = study.onet
    assert onet is not None
    return {
        "overview.jpg": overview(picture, study),
        "pyramid.jpg": draw_pyramid(study),
        "heat.jpg": draw_heat(study),
        "suppression.jpg": suppression(picture, study),
        "rnet.jpg": draw_look(study.rnet),
        "onet.jpg": draw_look(onet),
        "geometries.jpg": geometries(),
    }


def main() -> None:
    """Draw them all, save them, and say how large they are."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for name, image in pictures().items():
        image.save(OUTPUT / name, quality=85, optimize=True)
        print(f"{OUTPUT / name}: {image.width} x {image.height}, {(OUTPUT / name).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
