"""How good detections are, by the field's own protocols: WIDER FACE, FDDB, landmark error.

    from facecascade.evaluate import evaluate, read_detections, read_marked

    curves = evaluate(found, marked)
    curves["hard"].average_precision

`measure_wider`, `measure_fddb` and `measure_landmarks` give all that the command `facecascade evaluate` shows. Reading
`.mat` files and FDDB's matching need SciPy, plots need Matplotlib: the extra "evaluate".
"""

from facecascade.evaluate.annotations import read_marked
from facecascade.evaluate.bootstrap import Interval, difference_interval, precision_interval
from facecascade.evaluate.calibration import Reliability, judged_scores, reliability
from facecascade.evaluate.detections import MISSING, Missing, Regions, align, read_detections, read_regions, to_regions
from facecascade.evaluate.fddb import Roc, read_ellipses, roc
from facecascade.evaluate.fddb_report import measure_fddb
from facecascade.evaluate.landmark_report import measure_landmarks
from facecascade.evaluate.landmarks import RULES, Errors, LandmarkErrors, Rule, landmark_errors
from facecascade.evaluate.names import pair_names
from facecascade.evaluate.operating import OperatingPoints, operating_points
from facecascade.evaluate.recall import SizeRecall, recall_by_height
from facecascade.evaluate.result import Result, Table, save_result
from facecascade.evaluate.truth import Marked
from facecascade.evaluate.wider import SUBSETS, Curve, Judged, Tally, curve, evaluate, judge, tally
from facecascade.evaluate.wider_report import measure_wider
from facecascade.overlap import iou, match_greedily

__all__ = [
    "MISSING",
    "RULES",
    "SUBSETS",
    "Curve",
    "Errors",
    "Interval",
    "Judged",
    "LandmarkErrors",
    "Marked",
    "Missing",
    "OperatingPoints",
    "Regions",
    "Reliability",
    "Result",
    "Roc",
    "Rule",
    "SizeRecall",
    "Table",
    "Tally",
    "align",
    "curve",
    "difference_interval",
    "evaluate",
    "iou",
    "judge",
    "judged_scores",
    "landmark_errors",
    "match_greedily",
    "measure_fddb",
    "measure_landmarks",
    "measure_wider",
    "operating_points",
    "pair_names",
    "precision_interval",
    "read_detections",
    "read_ellipses",
    "read_marked",
    "read_regions",
    "recall_by_height",
    "reliability",
    "roc",
    "save_result",
    "tally",
    "to_regions",
]
