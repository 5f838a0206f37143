"""Whether scores mean what they say: the reliability of a detector's scores.

Source: Niculescu-Mizil and Caruana, "Predicting Good Probabilities with Supervised Learning", ICML 2005; the expected
calibration error is that of Naeini, Cooper, Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian
Binning", AAAI 2015. A detection is a true face where the WIDER FACE protocol calls it right, at IoU .5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facecascade.evaluate.wider import Judged
from facecascade.faces import Faces

BINS: Final = 10


@dataclass(frozen=True, eq=False)
class Reliability:
    """True faces among detections of like scores.

    Attributes:
        edges: (bins + 1,) rising scores; a bin holds its lower edge, the last one both.
        count: (bins,) detections in each bin.
        true: (bins,) those that are faces.
        mean_score: (bins,) mean score of the bin; NaN where it is empty.
    """

    edges: NDArray[np.float64]
    count: NDArray[np.int64]
    true: NDArray[np.int64]
    mean_score: NDArray[np.float64]

    @property
    def share(self) -> NDArray[np.float64]:
        """(bins,) share of true faces; NaN where a bin is empty."""
        share = np.full(len(self.count), np.nan)
        np.divide(self.true, self.count, out=share, where=self.count > 0)
        return share

    def interval(self, *, z: float = 1.96) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(bins,) ends of Wilson's interval of the share, 95 % by default; NaN where a bin is empty."""
        return wilson_interval(self.true, self.count, z=z)

    @property
    def error(self) -> float:
        """Expected calibration error: mean distance of score and share, bins weighed by their detections; 0 is best."""
        filled = self.count > 0
        distance = np.abs(self.share[filled] - self.mean_score[filled])
        return float(np.sum(distance * self.count[filled]) / max(int(self.count.sum()), 1))


def wilson_interval(
    true: NDArray[np.int64], count: NDArray[np.int64], *, z: float = 1.96
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ends of Wilson's interval of the shares true / count, 95 % by default; NaN where there is nothing to count.

    Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22(158), 1927. It holds
    for shares of 0 and 1 too.
    """
    counted = np.where(count > 0, count, np.nan)
    share = true / counted
    middle = (share + z**2 / (2 * counted)) / (1 + z**2 / counted)
    half = z * np.sqrt(share * (1 - share) / counted + (z / (2 * counted)) ** 2) / (1 + z**2 / counted)
    return middle - half, middle + half


def reliability(
    scores: NDArray[np.float64], true: NDArray[np.bool_], *, bins: int | Sequence[float] = BINS
) -> Reliability:
    """Detections in bins of scores.

    Args:
        scores: (n,) as the detector gave them; probabilities where the result shall mean anything.
        true: (n,) whether each is a face.
        bins: how many of equal width, from the lowest score rounded down to tenths, to 1; or their edges, rising.
            Scores outside the edges are in no bin.
    """
    edges = _edges(scores, bins) if isinstance(bins, int) else np.asarray(bins, np.float64)
    count, _ = np.histogram(scores, edges)
    hits, _ = np.histogram(scores[true], edges)
    sums, _ = np.histogram(scores, edges, weights=scores)
    mean = np.divide(sums, count, out=np.full(len(count), np.nan), where=count > 0)
    return Reliability(edges, count.astype(np.int64), hits.astype(np.int64), mean)


def _edges(scores: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    low = min(np.floor(scores.min() * 10) / 10, 0.9) if len(scores) else 0.0
    high = max(scores.max(), 1.0) if len(scores) else 1.0
    return np.linspace(low, high, bins + 1)


def judged_scores(
    found: Mapping[str, Faces], judged: Mapping[str, Judged], subset: str
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Score, and whether it is right, of each detection that a subset counts; for `reliability`."""
    scores, right = [np.zeros(0)], [np.zeros(0, np.bool_)]
    for name, picture in judged.items():
        counted = picture.counted(subset)
        scores.append(found[name].scores[picture.order][counted].astype(np.float64))
        right.append(picture.right(subset)[counted])
    return np.concatenate(scores), np.concatenate(right)
