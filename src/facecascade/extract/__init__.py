"""Faces to pictures of faces: crops, contact sheets, and folders of them."""

from facecascade.extract.crop import crop_faces
from facecascade.extract.detections import Detected, Detector, Picture, Unreadable, detect_each
from facecascade.extract.job import Extracted, ExtractOptions, extract_faces
from facecascade.extract.montage import contact_sheet, contact_sheets
from facecascade.extract.names import Names
from facecascade.extract.pictures import save_picture

__all__ = [
    "Detected",
    "Detector",
    "ExtractOptions",
    "Extracted",
    "Names",
    "Picture",
    "Unreadable",
    "contact_sheet",
    "contact_sheets",
    "crop_faces",
    "detect_each",
    "extract_faces",
    "save_picture",
]
