"""MTCNN face detection with a C++ core: boxes, scores, five landmarks, crops and contact sheets.

    from facecascade import MTCNN

    faces = MTCNN().detect("group.jpg")
    faces.boxes, faces.scores, faces.landmarks

Importing this package imports NumPy alone; each public name brings in what it needs when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from facecascade.version import VERSION

if TYPE_CHECKING:
    from facecascade.detector import MTCNN as MTCNN
    from facecascade.draw import draw_faces as draw_faces
    from facecascade.errors import AnnotationError as AnnotationError
    from facecascade.errors import EngineError as EngineError
    from facecascade.errors import FacecascadeError as FacecascadeError
    from facecascade.errors import ImageError as ImageError
    from facecascade.errors import MissingExtra as MissingExtra
    from facecascade.errors import SettingsError as SettingsError
    from facecascade.errors import WeightsError as WeightsError
    from facecascade.extract import aligned_crops as aligned_crops
    from facecascade.extract import contact_sheet as contact_sheet
    from facecascade.extract import crop_faces as crop_faces
    from facecascade.faces import LANDMARK_NAMES as LANDMARK_NAMES
    from facecascade.faces import Face as Face
    from facecascade.faces import Faces as Faces
    from facecascade.read import read_picture as read_picture
    from facecascade.redact import Redaction as Redaction
    from facecascade.redact import redact_faces as redact_faces
    from facecascade.settings import Settings as Settings
    from facecascade.study import Study as Study
    from facecascade.trace import Trace as Trace
    from facecascade.weights import Weights as Weights

__version__ = VERSION

_HOMES = {
    "LANDMARK_NAMES": "faces",
    "MTCNN": "detector",
    "AnnotationError": "errors",
    "EngineError": "errors",
    "ExportError": "errors",
    "Face": "faces",
    "FacecascadeError": "errors",
    "Faces": "faces",
    "ImageError": "errors",
    "MissingExtra": "errors",
    "Redaction": "redact",
    "Settings": "settings",
    "SettingsError": "errors",
    "Study": "study",
    "Trace": "trace",
    "Weights": "weights",
    "WeightsError": "errors",
    "aligned_crops": "extract",
    "contact_sheet": "extract",
    "crop_faces": "extract",
    "draw_faces": "draw",
    "read_picture": "read",
    "redact_faces": "redact",
}

__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
