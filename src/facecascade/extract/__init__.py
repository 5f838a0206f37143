"""Faces to pictures of faces: crops, contact sheets, and folders of them."""

from facecascade.extract.align import aligned_crops, alignments, similarity, warp
from facecascade.extract.crop import box_crops, crop_faces
from facecascade.extract.cropping import Cropping, Crops
from facecascade.extract.detections import Detected, Detector, Picture, Unreadable, detect_each
from facecascade.extract.duplicates import near_duplicates
from facecascade.extract.extracted import Extracted
from facecascade.extract.hashes import hamming_distance, perceptual_hash
from facecascade.extract.inputs import Inputs
from facecascade.extract.job import ExtractJob, dry_run
from facecascade.extract.journal import Journal
from facecascade.extract.links import Links, link
from facecascade.extract.measures import Measures, measure_faces
from facecascade.extract.merge import merge_shards
from facecascade.extract.montage import contact_sheet, contact_sheets
from facecascade.extract.names import Names
from facecascade.extract.pictures import save_picture
from facecascade.extract.report import write_report
from facecascade.extract.select import Selection, select
from facecascade.extract.shards import Shard
from facecascade.extract.sheets import SheetPage, Sheets, write_sheets
from facecascade.extract.taken import Taken, take_out
from facecascade.extract.templates import TEMPLATES, Template, get_template
from facecascade.extract.tracks import Tracker, Tracking, best_of_tracks, link_faces
from facecascade.extract.work import ExtractOptions, Harvest, Work

__all__ = [
    "TEMPLATES",
    "Cropping",
    "Crops",
    "Detected",
    "Detector",
    "ExtractJob",
    "ExtractOptions",
    "Extracted",
    "Harvest",
    "Inputs",
    "Journal",
    "Links",
    "Measures",
    "Names",
    "Picture",
    "Selection",
    "Shard",
    "SheetPage",
    "Sheets",
    "Taken",
    "Template",
    "Tracker",
    "Tracking",
    "Unreadable",
    "Work",
    "aligned_crops",
    "alignments",
    "best_of_tracks",
    "box_crops",
    "contact_sheet",
    "contact_sheets",
    "crop_faces",
    "detect_each",
    "dry_run",
    "get_template",
    "hamming_distance",
    "link",
    "link_faces",
    "measure_faces",
    "merge_shards",
    "near_duplicates",
    "perceptual_hash",
    "save_picture",
    "select",
    "similarity",
    "take_out",
    "warp",
    "write_report",
    "write_sheets",
]
