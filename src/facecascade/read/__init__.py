"""Reading: anything a picture may come as, to upright RGB pixels.

`read_picture` reads one. `find_entries` lists those of files, folders, patterns and lists, `expand` those in
archives, videos and animated pictures, and `read_ahead` decodes many in threads, in order. Pillow is imported by the
first picture that needs it, PyAV by the first video, not by this package.
"""

from facecascade.read.ahead import ReadResult, read_ahead, read_parts
from facecascade.read.arrays import Color
from facecascade.read.decoding import MAX_PIXELS
from facecascade.read.entries import Entry, printable
from facecascade.read.expand import Frames, expand
from facecascade.read.find import find_entries
from facecascade.read.folders import SUFFIXES, find_pictures
from facecascade.read.metadata import metadata_of, read_metadata, stored_orientation
from facecascade.read.pictures import PictureSource, read_picture
from facecascade.read.sampling import Sampling

__all__ = [
    "MAX_PIXELS",
    "SUFFIXES",
    "Color",
    "Entry",
    "Frames",
    "PictureSource",
    "ReadResult",
    "Sampling",
    "expand",
    "find_entries",
    "find_pictures",
    "metadata_of",
    "printable",
    "read_ahead",
    "read_metadata",
    "read_parts",
    "read_picture",
    "stored_orientation",
]
