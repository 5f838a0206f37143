"""Reading: anything a picture may come as, to upright RGB pixels.

`read_picture` reads one, `find_pictures` lists those of folders, `read_ahead` decodes many in threads, in order. Pillow
is imported by the first picture that needs it, not by this package.
"""

from facecascade.read.ahead import ReadResult, read_ahead
from facecascade.read.arrays import Color
from facecascade.read.decoding import MAX_PIXELS, stored_orientation
from facecascade.read.folders import SUFFIXES, find_pictures
from facecascade.read.metadata import metadata_of, read_metadata
from facecascade.read.pictures import PictureSource, read_picture

__all__ = [
    "MAX_PIXELS",
    "SUFFIXES",
    "Color",
    "PictureSource",
    "ReadResult",
    "find_pictures",
    "metadata_of",
    "read_ahead",
    "read_metadata",
    "read_picture",
    "stored_orientation",
]
