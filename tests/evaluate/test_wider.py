"""The WIDER FACE protocol: small cases by hand, a slow retelling of its loops, and the official ground truth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facecascade.evaluate.annotations import read_marked
from facecascade.evaluate.detections import read_detections
from facecascade.evaluate.truth import Marked
from facecascade.evaluate.wider import SUBSETS, Curve, evaluate, judge
from facecascade.faces import Faces
from facecascade.overlap import iou

PROTOCOL = Path(__file__).resolve().parents[3] / "shared" / "data" / "wider_protocol"

NEAR = [0.0, 0.0, 10.0, 10.0]
FAR = [100.0, 0.0, 110.0, 10.0]
NOWHERE = [500.0, 500.0, 510.0, 510.0]


def marked(*boxes: list[float], easy: list[bool] | None = None) -> Marked:
    """Faces that all belong to medium and hard, and to easy as told."""
    everyone = np.ones(len(boxes), np.bool_)
    chosen = everyone if easy is None else np.array(easy, np.bool_)
    return Marked(np.array(boxes).reshape(-1, 4), {"easy": chosen, "medium": everyone, "hard": everyone})


def found(*boxes: list[float], scores: list[float]) -> Faces:
    return Faces(np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32))


def easy(faces: Mapping[str, Faces], truth: Mapping[str, Marked], *, inclusive: bool = False) -> float:
    return evaluate(faces, truth, inclusive=inclusive)["easy"].average_precision


def test_all_found_and_nothing_else_is_1() -> None:
    assert easy({"a": found(NEAR, FAR, scores=[0.9, 0.8])}, {"a": marked(NEAR, FAR)}) == 1.0


def test_nothing_found_is_0() -> None:
    curves = evaluate({"a": Faces.empty()}, {"a": marked(NEAR)})
    assert {subset: curve.average_precision for subset, curve in curves.items()} == dict.fromkeys(SUBSETS, 0.0)
    assert curves["easy"].faces == 1


def test_half_of_the_faces_is_half() -> None:
    assert easy({"a": found(NEAR, scores=[0.9])}, {"a": marked(NEAR, FAR)}) == 0.5


@pytest.mark.parametrize(("wrong_score", "expected"), [(0.95, 0.5), (0.7, 1.0)])
def test_a_false_positive_costs_by_its_rank(wrong_score: float, expected: float) -> None:
    """Before the only hit it halves the precision; after it, it lies beyond the recall that counts."""
    faces = found(NEAR, NOWHERE, scores=[0.9, wrong_score])
    assert easy({"a": faces}, {"a": marked(NEAR)}) == expected


def test_wrong_between_two_right_ones() -> None:
    """Precision 1 up to recall 1/2, then 2/3: 1/2 + 1/2 * 2/3."""
    faces = found(NEAR, NOWHERE, FAR, scores=[0.9, 0.8, 0.7])
    assert easy({"a": faces}, {"a": marked(NEAR, FAR)}) == pytest.approx(5 / 6)


def test_precision_is_the_best_at_this_recall_or_higher() -> None:
    """A false positive first: precision 1/2 at recall 1/2, 2/3 at recall 1; the curve is 2/3 all along."""
    faces = found(NOWHERE, NEAR, FAR, scores=[0.9, 0.8, 0.7])
    assert easy({"a": faces}, {"a": marked(NEAR, FAR)}) == pytest.approx(2 / 3)


def test_the_second_detection_of_a_face_is_wrong() -> None:
    """Right, wrong, right: as above 5/6, whichever order they come in."""
    faces = found(FAR, NEAR, NEAR, scores=[0.7, 0.9, 0.8])
    assert easy({"a": faces}, {"a": marked(NEAR, FAR)}) == pytest.approx(5 / 6)


def test_faces_outside_the_subset_are_ignored_and_so_are_all_detections_of_them() -> None:
    truth = {"a": marked(NEAR, FAR, easy=[True, False])}
    curves = evaluate({"a": found(FAR, FAR, NEAR, scores=[0.95, 0.9, 0.8])}, truth)
    assert (curves["easy"].average_precision, curves["easy"].faces) == (1.0, 1)
    assert curves["hard"].faces == 2
    assert curves["hard"].average_precision == pytest.approx(5 / 6)


def test_a_detection_belongs_to_the_face_it_overlaps_most_even_if_that_is_ignored() -> None:
    ignored, counted = [0.0, 0.0, 10.0, 10.0], [2.0, 0.0, 12.0, 10.0]
    truth = {"a": marked(ignored, counted, easy=[False, True])}
    assert easy({"a": found([0.5, 0, 10.5, 10], scores=[0.9])}, truth) == 0.0
    assert easy({"a": found([1.5, 0, 11.5, 10], scores=[0.9])}, truth) == 1.0


@pytest.mark.parametrize(("height", "expected"), [(5.0, 1.0), (4.99, 0.0)])
def test_an_iou_of_a_half_is_enough(height: float, expected: float) -> None:
    assert easy({"a": found([0, 0, 10, height], scores=[0.9])}, {"a": marked(NEAR)}) == expected


def test_another_overlap_may_be_asked_for() -> None:
    truth, faces = {"a": marked(NEAR)}, {"a": found([0, 0, 10, 4.5], scores=[0.9])}
    assert evaluate(faces, truth, least=0.4)["easy"].average_precision == 1
    assert evaluate(faces, truth, least=0.46)["easy"].average_precision == 0
    with pytest.raises(ValueError, match="above 0 and up to 1, got 0"):
        evaluate(faces, truth, least=0)


def test_inclusive_boxes_are_a_pixel_wider() -> None:
    """4.9 of 10 rows are below a half; (4.9 + 1) of (10 + 1) rows are above it."""
    faces = {"a": found([0, 0, 10, 4.9], scores=[0.9])}
    assert (easy(faces, {"a": marked(NEAR)}), easy(faces, {"a": marked(NEAR)}, inclusive=True)) == (0.0, 1.0)


def test_scores_are_stretched_over_the_whole_set() -> None:
    """Any increasing line of the scores gives the same curve, one that leaves 0 to 1 too."""
    truth = {"a": marked(NEAR, FAR), "b": marked(NEAR)}
    scores = np.array([0.9, 0.8, 0.7, 0.6])
    curves = [
        evaluate({"a": found(NEAR, NOWHERE, FAR, scores=list(line[:3])), "b": found(NEAR, scores=[line[3]])}, truth)[
            "easy"
        ].precision
        for line in (scores, 40 * scores - 7)
    ]
    assert np.array_equal(curves[0], curves[1])


def test_one_score_for_all_is_the_highest() -> None:
    assert easy({"a": found(NEAR, NOWHERE, scores=[0.5, 0.5])}, {"a": marked(NEAR)}) == 0.5


def test_scores_closer_than_a_threshold_are_one_step() -> None:
    """The false positive is .0004 below the hit: the same step, so precision is a half."""
    faces = found(NEAR, NOWHERE, FAR, scores=[1.0, 0.9996, 0.0])
    assert evaluate({"a": faces}, {"a": marked(NEAR, FAR)})["easy"].precision[0] == 0.5


def test_curves_are_read_from_999_down_to_0() -> None:
    faces = found(NEAR, FAR, scores=[1.0, 0.0])
    curve = evaluate({"a": faces}, {"a": marked(NEAR, FAR)})["easy"]
    assert curve.recall.shape == curve.precision.shape == (1000,)
    assert (curve.recall[0], curve.recall[998], curve.recall[999]) == (0.5, 0.5, 1.0)


def test_pictures_without_marked_faces_count_for_nothing() -> None:
    truth = {"a": marked(NEAR), "b": marked()}
    assert easy({"a": found(NEAR, scores=[0.5]), "b": found(NEAR, scores=[0.9])}, truth) == 1.0


def test_a_subset_without_faces_is_0_and_no_error() -> None:
    truth = {"a": marked(NEAR, easy=[False])}
    assert easy({"a": found(NEAR, scores=[0.5])}, truth) == 0.0
    assert easy({"a": found(NOWHERE, scores=[0.5])}, truth) == 0.0


def test_pictures_must_be_the_same() -> None:
    with pytest.raises(ValueError, match=r"1 pictures in one of the two only, such as 'b': give Faces.empty\(\)"):
        evaluate({"a": Faces.empty()}, {"a": marked(NEAR), "b": marked(NEAR)})
    with pytest.raises(ValueError, match="such as 'a'"):
        evaluate({"a": Faces.empty()}, {})


def test_masks_must_fit_the_boxes() -> None:
    with pytest.raises(ValueError, match="expected masks of 1 faces, got lengths"):
        Marked(np.array([NEAR]), {"easy": np.ones(1, np.bool_), "medium": np.ones(2, np.bool_)})


def hits(faces: Faces, truth: Marked) -> list[bool]:
    found: list[bool] = judge({"a": faces}, {"a": truth})["a"].found().tolist()
    return found


def test_hits_are_faces_that_a_detection_belongs_to() -> None:
    truth = marked(NEAR, FAR, [2.0, 0.0, 12.0, 10.0])
    assert hits(found(NEAR, NOWHERE, scores=[0.1, 0.9]), truth) == [True, False, False]
    assert hits(Faces.empty(), truth) == [False] * 3
    assert hits(found(NEAR, scores=[0.1]), marked()) == []


def slow_average_precision(faces: Mapping[str, Faces], truth: Mapping[str, Marked], subset: str) -> float:
    """The protocol's own loops, threshold by threshold, on detections that are sorted by score."""
    everyone = np.concatenate([one.scores.astype(np.float64) for one in faces.values()])
    low, high = everyone.min(), everyone.max()
    proposals, recalls = np.zeros(1000), np.zeros(1000)
    for name, picture in truth.items():
        overlap = iou(faces[name].boxes, picture.boxes)
        state = np.zeros(len(picture.boxes))
        counts: list[tuple[int, int]] = []
        proposed = 0
        for row in overlap:
            best = int(row.argmax())
            ignored = row[best] >= 0.5 and not picture.members[subset][best]
            proposed += not ignored
            if row[best] >= 0.5 and not ignored:
                state[best] = 1
            counts.append((proposed, int(state.sum())))
        scores = (faces[name].scores.astype(np.float64) - low) / (high - low)
        for step in range(1000):
            above = np.flatnonzero(scores >= 1 - (step + 1) / 1000)
            if len(above):
                proposals[step] += counts[above[-1]][0]
                recalls[step] += counts[above[-1]][1]
    total = sum(int(picture.members[subset].sum()) for picture in truth.values())
    area, best_precision, later = 0.0, 0.0, recalls[-1] / total
    for step in range(999, -1, -1):
        recall = recalls[step] / total
        area += (later - recall) * best_precision
        best_precision = max(best_precision, recalls[step] / proposals[step] if proposals[step] else 0.0)
        later = recall
    return float(area + later * best_precision)


@pytest.mark.parametrize("seed", range(5))
def test_it_equals_the_slow_loops_on_crowded_random_pictures(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth: dict[str, Marked] = {}
    faces: dict[str, Faces] = {}
    for name in "abcdef":
        corners = random.uniform(0, 80, (12, 2))
        boxes = np.concatenate([corners, corners + random.uniform(10, 30, (12, 2))], axis=1)
        members: dict[str, NDArray[np.bool_]] = {subset: random.random(12) < 0.6 for subset in SUBSETS}
        truth[name] = Marked(boxes, members)
        guesses = boxes[random.integers(0, 12, 20)] + random.normal(0, 3, (20, 4))
        scores = np.sort(random.choice(np.linspace(0.5, 1, 60), 20))[::-1]
        faces[name] = Faces(guesses.astype(np.float32), scores.astype(np.float32))
    curves = evaluate(faces, truth)
    for subset in SUBSETS:
        expected = slow_average_precision(faces, truth, subset)
        assert 0.1 < expected < 0.95
        assert curves[subset].average_precision == pytest.approx(expected, abs=1e-12)


@pytest.fixture(scope="module")
def official() -> tuple[dict[str, Faces], dict[str, Marked]]:
    """Detections of YOLOv7-face and the ground truth of all 3226 validation pictures."""
    if not PROTOCOL.is_dir():
        pytest.skip(f"the official ground truth is not here: {PROTOCOL.name} is missing in the data folder")
    truth = read_marked(PROTOCOL / "ground_truth.json.gz")
    return read_detections(PROTOCOL / "detections_yolov7face.json.gz"), truth


def test_the_official_ground_truth(official: tuple[dict[str, Faces], dict[str, Marked]]) -> None:
    curves: dict[str, Curve] = evaluate(*official)
    assert [curves[subset].faces for subset in SUBSETS] == [7211, 13319, 31958]
    precisions = [curves[subset].average_precision for subset in SUBSETS]
    assert precisions == pytest.approx([0.930, 0.909, 0.817], abs=0.002)


def test_the_official_ground_truth_with_inclusive_boxes(
    official: tuple[dict[str, Faces], dict[str, Marked]],
) -> None:
    curves = evaluate(*official, inclusive=True)
    precisions = [curves[subset].average_precision for subset in SUBSETS]
    assert precisions == pytest.approx([0.9325, 0.9128, 0.8297], abs=0.0001)
