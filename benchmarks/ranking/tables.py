"""What the comparison prints: a table for each set, and one of the targets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from benchmarks.ranking.scores import Score, Scores, errors_of, found_by_all, nme, nme_difference
from benchmarks.ranking.targets import Target
from benchmarks.report import table, verdict
from facecascade.evaluate import SUBSETS, Interval

BESIDE: Final = ("pictures", "what", "ours", "best", "theirs", "ours - theirs")


def precision_table(scores: Scores) -> str:
    """Average precision of each subset and recall of the hard one, a row a detector."""
    rows = [
        (name, *(f"{value:.4f}" for value in one.precisions.values()), _recall(one), one.detections)
        for name, one in scores.items()
    ]
    return table(("detector", *(f"AP {subset}" for subset in SUBSETS), "recall of hard", "detections"), rows)


def _recall(score: Score) -> str:
    return f"{score.recall:.4f} ({score.found}/{score.marked})"


def landmark_table(scores: Scores, mtcnns: Sequence[str]) -> str:
    """Recall and landmark error, a row a detector.

    The error is paired on two groups of faces, since one detector that misses many would leave the others few to be
    compared on.

    Args:
        scores: by detector; differences are to the first.
        mtcnns: names of those that share the first group, the first among them.
    """
    errors = errors_of(scores)
    groups = {"MTCNNs find": found_by_all(errors[name] for name in mtcnns), "all find": found_by_all(errors.values())}
    header = ("detector", "recall", "NME, its own", *(f"{mask.sum()} that {who}" for who, mask in groups.items()))
    base = errors[next(iter(scores))]
    rows = [
        (
            name,
            _recall(score),
            _number(errors[name].by_eyes().mean),
            *(_number(nme(errors[name], mask)) for mask in groups.values()),
            _interval(nme_difference(base, errors[name], groups["MTCNNs find" if name in mtcnns else "all find"])),
            score.detections,
        )
        for name, score in scores.items()
    ]
    return table((*header, "more than the first", "detections"), rows)


def _number(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else ""


def _interval(one: Interval | None) -> str:
    return f"{one.value:+.4f} ({one.low:+.4f} to {one.high:+.4f})" if one is not None else ""


def target_table(rows: Sequence[Target]) -> str:
    """A row a target, with its verdict."""
    return table((*BESIDE, "target", "verdict"), [(*_beside(row), *_verdict(row)) for row in rows])


def beside_table(rows: Sequence[Target]) -> str:
    """The same without verdicts, for figures that are no targets."""
    return table(BESIDE, [_beside(row) for row in rows])


def _beside(row: Target) -> tuple[str, ...]:
    return row.pictures, row.what, f"{row.ours:.4f}", row.best, f"{row.theirs:.4f}", _interval(row.difference)


def _verdict(row: Target) -> tuple[str, str]:
    sign = ">=" if row.rising else "<="
    return f"{sign} {row.limit:.4f}", verdict(row.ours, limit=row.limit, at_least=row.rising)
