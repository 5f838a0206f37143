"""Faces to files: one small writer a format, behind one protocol."""

from facecascade.write.coco import CocoWriter
from facecascade.write.columns import Column
from facecascade.write.formats import FORMATS, SUFFIXES, Run, get_writer, named_writer, parsed_order
from facecascade.write.jsonarray import JsonWriter
from facecascade.write.jsonlines import JsonLinesWriter
from facecascade.write.parquet import ParquetWriter
from facecascade.write.table import CsvWriter
from facecascade.write.together import Together
from facecascade.write.wider import WiderFolderWriter, WiderWriter
from facecascade.write.writer import Writer
from facecascade.write.xmp import XmpWriter
from facecascade.write.yolo import YoloWriter

__all__ = [
    "FORMATS",
    "SUFFIXES",
    "CocoWriter",
    "Column",
    "CsvWriter",
    "JsonLinesWriter",
    "JsonWriter",
    "ParquetWriter",
    "Run",
    "Together",
    "WiderFolderWriter",
    "WiderWriter",
    "Writer",
    "XmpWriter",
    "YoloWriter",
    "get_writer",
    "named_writer",
    "parsed_order",
]
