"""Faces to pictures of faces: crops, contact sheets, and folders of them."""

from facecascade.extract.align import aligned_crops, alignments, similarity, warp
from facecascade.extract.crop import box_crops, crop_faces
from facecascade.extract.cropping import Cropping, Crops
from facecascade.extract.detections import Detected, Detector, Picture, Unreadable, detect_each
from facecascade.extract.hashes import hamming_distance, perceptual_hash
from facecascade.extract.job import Extracted, ExtractOptions, extract_faces
from facecascade.extract.measures import Measures, measure_faces
from facecascade.extract.montage import contact_sheet, contact_sheets
from facecascade.extract.names import Names
from facecascade.extract.pictures import save_picture
from facecascade.extract.report import write_report
from facecascade.extract.select import Selection, select
from facecascade.extract.sheets import SheetPage, Sheets, write_sheets
from facecascade.extract.taken import Taken, take_out
from facecascade.extract.templates import TEMPLATES, Template, get_template

__all__ = [
    "TEMPLATES",
    "Cropping",
    "Crops",
    "Detected",
    "Detector",
    "ExtractOptions",
    "Extracted",
    "Measures",
    "Names",
    "Picture",
    "Selection",
    "SheetPage",
    "Sheets",
    "Taken",
    "Template",
    "Unreadable",
    "aligned_crops",
    "alignments",
    "box_crops",
    "contact_sheet",
    "contact_sheets",
    "crop_faces",
    "detect_each",
    "extract_faces",
    "get_template",
    "hamming_distance",
    "measure_faces",
    "perceptual_hash",
    "save_picture",
    "select",
    "similarity",
    "take_out",
    "warp",
    "write_report",
    "write_sheets",
]
