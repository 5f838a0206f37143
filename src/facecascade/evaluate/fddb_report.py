"""The FDDB protocol from detections to a `Result`: for one detector, or for several on the same pictures."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from facecascade.evaluate import plots
from facecascade.evaluate.detections import Regions
from facecascade.evaluate.exhibits import fddb_mistakes
from facecascade.evaluate.fddb import FALSE_POSITIVES, Floats, Roc, roc
from facecascade.evaluate.result import Result, Table


def measure_fddb(found: Mapping[str, Mapping[str, Regions]], marked: Mapping[str, Floats]) -> Result:
    """True positive rates against false positives of each detector.

    Args:
        found: what each detector found, by its name, then by picture; the mistakes of the first are the galleries.
        marked: (n, 5) ellipses of the same pictures, by the same names; see `fddb`.

    Raises:
        AnnotationError: detections and annotations do not name the same pictures.
        MissingExtra: SciPy is not installed.
    """
    curves = {name: roc(regions, marked) for name, regions in found.items()}
    missed, wrong = fddb_mistakes(next(iter(found.values())), marked)
    return Result(
        (_table(curves, continuous=False), _table(curves, continuous=True)),
        {
            "protocol": "fddb",
            "pictures": len(marked),
            "faces": sum(map(len, marked.values())),
            "detectors": {name: _values(one) for name, one in curves.items()},
        },
        {
            "roc-discrete": partial(plots.roc, curves, title="FDDB, discrete score", continuous=False),
            "roc-continuous": partial(plots.roc, curves, title="FDDB, continuous score", continuous=True),
        },
        {"misses": missed, "false-positives": wrong},
    )


def _table(curves: Mapping[str, Roc], *, continuous: bool) -> Table:
    kind = "continuous" if continuous else "discrete"
    header = ("detector", *(f"{number} FP" for number in FALSE_POSITIVES), "all", "FP of all")
    rows = tuple((name, *_cells(one, continuous=continuous)) for name, one in curves.items())
    return Table(f"True positive rate, {kind} score, by false positives", header, rows)


def _cells(one: Roc, *, continuous: bool) -> tuple[str, ...]:
    at = one.continuous_at if continuous else one.discrete_at
    most = int(one.false_positives[-1]) if len(one.false_positives) else 0
    return (*(f"{at(number):.4f}" for number in FALSE_POSITIVES), f"{at(most):.4f}", str(most))


def _values(one: Roc) -> dict[str, Any]:
    return {
        "discrete": {str(number): one.discrete_at(number) for number in FALSE_POSITIVES},
        "continuous": {str(number): one.continuous_at(number) for number in FALSE_POSITIVES},
        "curve": {
            name: getattr(one, name).tolist() for name in ("scores", "false_positives", "discrete", "continuous")
        },
    }
