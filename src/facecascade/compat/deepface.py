"""`extract_faces` with the call of deepface 0.0.9x and later.

from facecascade.compat import deepface as DeepFace       # was: from deepface import DeepFace
"""

from __future__ import annotations

import base64
import binascii
import math
import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facecascade.compat.arguments import check_choice, warn
from facecascade.compat.mtcnn import MTCNN1
from facecascade.errors import FacecascadeError, ImageError, SettingsError
from facecascade.read import read_picture
from facecascade.settings import Geometry

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["FaceNotDetected", "ImgNotFound", "extract_faces"]

COLORS: Final = ("rgb", "bgr", "gray")
BORDER: Final = 0.5
"""A widened box may reach this share of the picture's width and height beyond it, where faces are aligned."""

Point = tuple[int, int]


class FaceNotDetected(FacecascadeError, ValueError):  # noqa: N818 - the name that deepface gives it
    """No face was found, and `enforce_detection` asks for one."""


class ImgNotFound(ImageError, ValueError):  # noqa: N818 - likewise
    """The picture cannot be read; the message names it."""


class Area(NamedTuple):
    """What was found: the box and the eyes in pixels, left and right being the person's own."""

    x: int
    y: int
    w: int
    h: int
    left_eye: Point | None = None
    right_eye: Point | None = None
    confidence: float = 0.0


def extract_faces(
    img_path: Any,
    detector_backend: str = "mtcnn",
    enforce_detection: bool = True,
    align: bool = True,
    expand_percentage: float = 0,
    grayscale: bool = False,
    color_face: str = "rgb",
    normalize_face: bool = True,
    anti_spoofing: bool = False,
    *,
    geometry: Geometry = "classic",
) -> list[Any]:
    """Faces of a picture, or of each of several, cut out and turned so that the eyes are level.

    Each call makes a detector, in some milliseconds: pass many pictures as one list.

    Args:
        img_path: a path, a binary file, a picture as a data: URL in base64, or a BGR array (h, w, 3); or a list of
            these, or an array (n, h, w, 3).
        detector_backend: "mtcnn", which is this detector, or "skip" to take the whole picture as a face; another name
            gives a warning and this detector.
        enforce_detection: an error for a picture without faces; otherwise the whole picture counts as one.
        align: turn each face.
        expand_percentage: by how much the box's width and height grow.
        grayscale: the same as `color_face="gray"`.
        color_face: "rgb", "bgr" or "gray", which has no third axis.
        normalize_face: levels from 0 to 1, float64, instead of 0 to 255, uint8.
        anti_spoofing: must be False: no network for it is here.
        geometry: "classic" for boxes like those of mtcnn, "subpixel" for more exact ones.

    Returns:
        A dict a face: "face", an array (h, w, 3) or (h, w); "facial_area" with x, y, w, h, left_eye and right_eye in
        pixels of the upright picture, the eyes (x, y) or None where they lie outside, left and right being the
        person's own; "confidence", rounded to two digits, 0.0 for a whole picture. For several pictures a list of such
        lists.

    Raises:
        FaceNotDetected: there is no face, and `enforce_detection`.
        ImgNotFound: a picture cannot be read.
        SettingsError: an argument has a value that cannot work.
    """
    check_choice("color_face", color_face, COLORS)
    if anti_spoofing:
        raise SettingsError("expected anti_spoofing=False, got True: facecascade has no network that tells spoofs")
    if not expand_percentage >= 0:
        raise SettingsError(f"expected expand_percentage of at least 0, got {expand_percentage!r}")
    if detector_backend not in {"mtcnn", "skip"}:
        warn(f"facecascade is the detector here: detector_backend={detector_backend!r} has no effect")
    detector = None if detector_backend == "skip" else MTCNN1(geometry=geometry)
    color = "gray" if grayscale else color_face
    several = isinstance(img_path, list) or (isinstance(img_path, np.ndarray) and img_path.ndim == 4)
    results = []
    for source in img_path if several else [img_path]:
        picture = _read(source)
        areas = [] if detector is None else _areas(detector, picture, align=align, percentage=expand_percentage)
        if detector is not None and enforce_detection and not areas:
            raise FaceNotDetected(f"expected a face in {_name(source)}, got none; or say enforce_detection=False")
        faces = [(_cut(picture, area, align=align), area) for area in areas] or [_whole(picture)]
        results.append([_answer(face, area, picture, color=color, normalize=normalize_face) for face, area in faces])
    return results if several else results[0]


def _read(source: Any) -> Image:
    from PIL.Image import fromarray

    if isinstance(source, str) and source.startswith("data:image/"):
        source = _decoded(source)
    if isinstance(source, str) and source.lower().startswith(("http://", "https://")):
        raise ImgNotFound(f"{source}: expected a file, got an address; facecascade opens no connection: download it")
    try:
        return fromarray(read_picture(source, color="bgr"))
    except ImageError as error:
        raise ImgNotFound(str(error)) from error


def _decoded(url: str) -> bytes:
    try:
        return base64.b64decode(url.partition(",")[2], validate=True)
    except binascii.Error as error:
        raise ImgNotFound(f"{url[:40]}...: expected a picture in base64, got: {error}") from error


def _name(source: Any) -> str:
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)[:200]
    return f"the {type(source).__name__}"


def _areas(detector: MTCNN1, picture: Image, *, align: bool, percentage: float) -> list[Area]:
    """The faces, widened, that cover a pixel at least."""
    found = detector.detect_faces(np.asarray(picture), fit_to_image=not align)
    areas = [_widened(_area(face), picture, border=BORDER if align else 0.0, percentage=percentage) for face in found]
    return [area for area in areas if area.w > 0 and area.h > 0]


def _area(face: dict[str, Any]) -> Area:
    left, right = ((int(x), int(y)) for x, y in (face["keypoints"]["right_eye"], face["keypoints"]["left_eye"]))
    x, y, w, h = face["box"]
    return Area(x, y, w, h, left, right, float(face["confidence"]))


def _widened(area: Area, picture: Image, *, border: float, percentage: float) -> Area:
    """The area grown around its centre, cut to the picture and a border around it, as shares of its sides."""
    x, w = _grown(area.x, area.w, picture.width, border=int(border * picture.width), percentage=percentage)
    y, h = _grown(area.y, area.h, picture.height, border=int(border * picture.height), percentage=percentage)
    return area._replace(x=x, y=y, w=w, h=h)


def _grown(start: int, length: int, limit: int, *, border: int, percentage: float) -> tuple[int, int]:
    """Start and length along one axis; what would begin before the border is moved, not cut, as in deepface."""
    grown = length + int(length * percentage / 100)
    start = max(start - (grown - length) // 2, -border)
    return start, max(min(grown, limit + border - start), 0)


def _cut(picture: Image, area: Area, *, align: bool) -> Image:
    """The area, black where the picture ends; turned by the eyes within a window of twice its sides."""
    x, y, w, h, left, right, _ = area
    if not align or left is None or right is None:
        return picture.crop((x, y, x + w, y + h))
    from PIL.Image import Resampling

    around = picture.crop((x - w // 2, y - h // 2, x + w + w // 2, y + h + h // 2))
    angle = math.atan2(left[1] - right[1], left[0] - right[0])
    # Pillow counts from the corner of a pixel, OpenCV, whose turn this is, from its centre.
    centre = around.width // 2 + 0.5, around.height // 2 + 0.5
    turned = around.rotate(math.degrees(angle), Resampling.BICUBIC, center=centre)
    return turned.crop(_turned_box((w, h), (around.width, around.height), angle))


def _turned_box(face: tuple[int, int], window: tuple[int, int], angle: float) -> tuple[int, int, int, int]:
    """Where a face lies in its window after the turn, cut to whole pixels and to the window.

    Its centre is half a pixel off that of the window where its side is odd, and turns with it.
    """
    (w, h), (width, height) = face, window
    dx, dy = w // 2 + w / 2 - width / 2, h // 2 + h / 2 - height / 2
    x = dx * math.cos(angle) + dy * math.sin(angle) + width / 2
    y = dy * math.cos(angle) - dx * math.sin(angle) + height / 2
    left, top = max(int(x - w / 2), 0), max(int(y - h / 2), 0)
    return left, top, min(int(x + w / 2), width), min(int(y + h / 2), height)


def _whole(picture: Image) -> tuple[Image, Area]:
    return picture, Area(0, 0, picture.width, picture.height)


def _answer(face: Image, area: Area, picture: Image, *, color: str, normalize: bool) -> dict[str, Any]:
    x, y = max(0, area.x), max(0, area.y)
    facial_area = {
        "x": x,
        "y": y,
        "w": min(picture.width - x - 1, area.w),
        "h": min(picture.height - y - 1, area.h),
        "left_eye": _inside(area.left_eye, picture),
        "right_eye": _inside(area.right_eye, picture),
    }
    levels = _levels(face, color=color)
    return {
        "face": levels / 255 if normalize else levels,
        "facial_area": facial_area,
        "confidence": round(area.confidence, 2),
    }


def _levels(face: Image, *, color: str) -> NDArray[np.uint8]:
    if color == "gray":
        return np.asarray(face.convert("L"))
    levels = np.asarray(face)
    return levels if color == "rgb" else levels[:, :, ::-1]


def _inside(point: Point | None, picture: Image) -> Point | None:
    """The point if it lies in the picture."""
    if point is None or not (0 <= point[0] < picture.width and 0 <= point[1] < picture.height):
        return None
    return point
