"""The WIDER FACE protocol from detections to a `Result`: for one detector, or for several on the same pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from facecascade.evaluate import plots
from facecascade.evaluate.bootstrap import ROUNDS, Interval, difference_interval, precision_interval
from facecascade.evaluate.calibration import Reliability, judged_scores, reliability
from facecascade.evaluate.exhibits import false_positives, misses
from facecascade.evaluate.operating_report import measure_operating, threshold_figure
from facecascade.evaluate.recall import SizeRecall, recall_by_height
from facecascade.evaluate.result import Result, Table
from facecascade.evaluate.truth import Marked, subsets_of
from facecascade.evaluate.wider import LEAST_IOU, Curve, Judged, Tally, curve, judge, tally
from facecascade.faces import Faces

ENDS: Final = ("95 % from", "to")

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def measure_wider(
    found: Mapping[str, Mapping[str, Faces]],
    marked: Mapping[str, Marked],
    *,
    inclusive: bool = False,
    least: float = LEAST_IOU,
    rounds: int = ROUNDS,
) -> Result:
    """Average precision, recall by size and calibration of each detector, and their paired differences.

    Args:
        found: what each detector found, by its name, then by picture; the others are compared with the first, whose
            mistakes are the galleries.
        marked: the marked faces of the same pictures.
        inclusive: count boxes a pixel wider, see `wider`.
        least: overlap from which a detection belongs to a face; another one than .5 is not the protocol.
        rounds: resamples for the confidence intervals; 0 for none.

    Raises:
        AnnotationError: detections and annotations do not name the same pictures.
    """
    subsets = subsets_of(marked)
    judged = {name: judge(faces, marked, inclusive=inclusive, least=least) for name, faces in found.items()}
    scored = {name: _score(found[name], one, subsets, rounds=rounds) for name, one in judged.items()}
    points = {name: measure_operating(found[name], one, subsets[-1], rounds=rounds) for name, one in judged.items()}
    base = next(iter(scored))
    differences = {name: one.minus(scored[base], rounds=rounds) for name, one in scored.items() if name != base}
    return Result(
        (
            *_precision_tables(scored, differences),
            _recall_table(scored),
            *_score_tables(scored),
            *(one.table(name) for name, one in points.items()),
        ),
        {
            "protocol": "wider",
            "inclusive": inclusive,
            "iou": least,
            "pictures": len(marked),
            "detectors": {name: one.values | {"thresholds": points[name].values} for name, one in scored.items()},
            "differences": {name: _plain(one) for name, one in differences.items()},
        },
        _figures(scored, subsets) | {"thresholds": partial(threshold_figure, points)},
        {
            "misses": misses(found[base], scored[base].judged, subsets[-1]),
            "false-positives": false_positives(found[base], scored[base].judged, subsets[-1]),
        },
    )


@dataclass(frozen=True, eq=False)
class _Scored:
    """One detector."""

    judged: Mapping[str, Judged]
    tallies: Mapping[str, Tally]
    recall: tuple[SizeRecall, ...]
    reliability: Reliability
    intervals: Mapping[str, Interval]

    @cached_property
    def curves(self) -> dict[str, Curve]:
        return {subset: curve(one) for subset, one in self.tallies.items()}

    @property
    def detections(self) -> int:
        return sum(len(picture.order) for picture in self.judged.values())

    def minus(self, other: _Scored, *, rounds: int) -> dict[str, Interval]:
        """The paired difference of each subset that has faces."""
        return {
            s: difference_interval(other.tallies[s], self.tallies[s], rounds=rounds)
            for s in self.tallies
            if rounds and self.curves[s].faces
        }

    @property
    def values(self) -> dict[str, Any]:
        table = self.reliability
        return {
            "average_precision": {s: one.average_precision for s, one in self.curves.items()},
            "interval": _plain(self.intervals),
            "faces": {s: one.faces for s, one in self.curves.items()},
            "detections": self.detections,
            "recall_by_height": [asdict(one) for one in self.recall],
            "calibration": {
                "error": table.error,
                **{name: getattr(table, name).tolist() for name in ("edges", "count", "true", "mean_score")},
            },
            "curves": {
                s: {"recall": one.recall.tolist(), "precision": one.precision.tolist()}
                for s, one in self.curves.items()
            },
        }


def _score(
    found: Mapping[str, Faces], judged: Mapping[str, Judged], subsets: tuple[str, ...], *, rounds: int
) -> _Scored:
    tallies = {subset: tally(judged, subset) for subset in subsets}
    return _Scored(
        judged,
        tallies,
        recall_by_height(judged, subsets[-1]),
        reliability(*judged_scores(found, judged, subsets[-1])),
        {s: precision_interval(one, rounds=rounds) for s, one in tallies.items() if rounds and one.faces.sum()},
    )


def _precision_tables(
    scored: Mapping[str, _Scored], differences: Mapping[str, Mapping[str, Interval]]
) -> tuple[Table, ...]:
    rows = tuple(
        (name, subset, f"{one.average_precision:.4f}", *_ends(scored[name].intervals.get(subset)), str(one.faces))
        for name, detector in scored.items()
        for subset, one in detector.curves.items()
    )
    table = Table("Average precision", ("detector", "subset", "AP", *ENDS, "faces"), rows)
    paired = tuple(
        (name, subset, f"{one.value:+.4f}", *_ends(one, sign="+"))
        for name, intervals in differences.items()
        for subset, one in intervals.items()
    )
    title = f"Difference to {next(iter(scored))}, paired by picture"
    return (table, Table(title, ("detector", "subset", "AP", *ENDS), paired)) if paired else (table,)


def _ends(interval: Interval | None, *, sign: str = "") -> tuple[str, str]:
    return ("", "") if interval is None else (f"{interval.low:{sign}.4f}", f"{interval.high:{sign}.4f}")


def _recall_table(scored: Mapping[str, _Scored]) -> Table:
    rows = tuple(
        (name, size.label, str(size.found), str(size.marked), "" if size.share is None else f"{size.share:.1%}")
        for name, one in scored.items()
        for size in one.recall
    )
    return Table("Faces found, at any score", ("detector", "height in px", "found", "of", "share"), rows)


def _score_tables(scored: Mapping[str, _Scored]) -> tuple[Table, ...]:
    return tuple(
        Table(
            f"What the scores of {name} mean; calibration error {one.reliability.error:.3f}",
            ("score", "detections", "mean score", "share that are faces"),
            tuple(_bin(one.reliability, place) for place in range(len(one.reliability.count))),
        )
        for name, one in scored.items()
    )


def _bin(table: Reliability, place: int) -> tuple[str, ...]:
    limits = f"{table.edges[place]:.3f} to {table.edges[place + 1]:.3f}"
    if not table.count[place]:
        return limits, "0", "", ""
    return limits, str(table.count[place]), f"{table.mean_score[place]:.3f}", f"{table.share[place]:.1%}"


def _figures(scored: Mapping[str, _Scored], subsets: tuple[str, ...]) -> dict[str, Callable[[], Figure]]:
    figures: dict[str, Callable[[], Figure]] = {
        f"precision-recall-{s}": partial(
            plots.precision_recall, {name: one.curves[s] for name, one in scored.items()}, title=_title(s)
        )
        for s in subsets
    }
    recalls = {name: one.recall for name, one in scored.items()}
    tables = {name: one.reliability for name, one in scored.items()}
    figures["recall-by-size"] = partial(plots.recall_by_size, recalls, title="Faces found, by size")
    figures["calibration"] = partial(plots.calibration, tables, title="What a score means")
    return figures


def _title(subset: str) -> str:
    return "Precision and recall" if subset == "all" else f"Precision and recall: {subset}"


def _plain(intervals: Mapping[str, Interval]) -> dict[str, Any]:
    return {subset: asdict(interval) for subset, interval in intervals.items()}
