"""What a run came to, counted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from facecascade.errors import ImageError
from facecascade.extract import Extracted, Measures, Unreadable, tally
from facecascade.extract.tally import OTHER_KIND, PER_PICTURE, ErrorKind, FolderCount, Tally
from facecascade.faces import Faces


def extracted(name: str, sizes: Sequence[float], measures: tuple[Measures, ...] = ()) -> Extracted:
    """A picture with faces that are twice as high as wide."""
    boxes = np.array([[3, 5, 3 + size, 5 + 2 * size] for size in sizes], np.float32).reshape(-1, 4)
    faces = Faces(boxes, np.full(len(sizes), 0.9, np.float32))
    crops = tuple(Path(f"{number}.jpg") for number in range(len(sizes)))
    return Extracted(name, 640, 480, faces, crops, np.zeros((len(sizes), 2, 3)), measures)


def unreadable(name: str, problem: str) -> Unreadable:
    return Unreadable(name, ImageError(f"{name}: {problem}"))


def counted(outcomes: Sequence[Extracted | Unreadable]) -> Tally:
    result = Tally()
    for outcome in outcomes:
        result.add(outcome)
    return result


def test_pictures_faces_and_folders() -> None:
    result = counted(
        [
            extracted("a/1.jpg", [20, 30]),
            extracted("a/2.jpg", []),
            unreadable("a/3.jpg", "expected a picture, got an empty file"),
            extracted("zip.zip/b/1.jpg", [40]),
            extracted("alone.jpg", [50]),
        ]
    )
    assert result.total == FolderCount(pictures=5, with_faces=3, faces=4, errors=1)
    assert result.folders == {
        "a": FolderCount(3, 1, 2, 1),
        "zip.zip/b": FolderCount(1, 1, 1, 0),
        "": FolderCount(1, 1, 1, 0),
    }
    assert result.later_folders == FolderCount()


def test_sizes_are_the_shorter_sides() -> None:
    result = counted([extracted("a.jpg", [21, 45]), extracted("b.jpg", [22])])
    assert [(round(one.low), one.count) for one in result.sizes.bins()] == [(20, 2), (28, 0), (40, 1)]
    assert (result.sizes.least, result.sizes.most) == (21, 45)
    assert [one.count for one in result.scores.bins()] == [3]


def test_measures_where_there_are_any() -> None:
    measures = (Measures(100.0, 5.0, -30.0, 1), Measures(3.0, math.nan, math.nan, 1))
    result = counted([extracted("a.jpg", [20, 30], measures), extracted("b.jpg", [20])])
    assert sum(one.count for one in result.sharpness.bins()) == 2
    assert [(one.low, one.count) for one in result.yaw.bins()] == [(-30, 1)]
    assert [(one.low, one.count) for one in result.roll.bins()] == [(0, 1)]
    assert (result.yaw.unknown, result.roll.unknown) == (1, 1)


@pytest.mark.parametrize(
    ("faces", "place"), [(0, 0), (1, 1), (5, 5), (6, 6), (9, 6), (10, 7), (99, 9), (100, 10), (500, 10)]
)
def test_faces_per_picture(faces: int, place: int) -> None:
    result = counted([extracted("a.jpg", [20] * faces)])
    assert result.per_picture == [int(n == place) for n in range(len(PER_PICTURE))]


def test_the_pictures_with_the_most_faces() -> None:
    result = counted([extracted(f"{n}.jpg", [20] * (n % 12)) for n in range(40)])
    assert result.crowded[:4] == [("11.jpg", 11), ("23.jpg", 11), ("35.jpg", 11), ("10.jpg", 10)]
    assert len(result.crowded) == 10


def test_errors_by_kind_with_what_is_their_own() -> None:
    result = counted(
        [
            unreadable("a", "expected a whole picture, got one that cannot be read: broken stream"),
            unreadable("b", "expected a whole picture, got one that cannot be read: truncated (8 bytes)"),
            unreadable("c", "expected at most 100 pixels, got 20 x 30 = 600; raise max_pixels if you trust the file"),
            unreadable("d", "expected at most 100 pixels, got 40 x 30 = 1200; raise max_pixels if you trust the file"),
            unreadable("e", "expected a file that can be read, got: Permission denied"),
            Unreadable("f", ImageError("something else altogether")),
        ]
    )
    assert {kind: one.count for kind, one in result.errors.items()} == {
        "expected a whole picture, got one that cannot be read": 2,
        "expected at most N pixels, got N x N = N": 2,
        "expected a file that can be read, got: Permission denied": 1,
        "something else altogether": 1,
    }
    whole = result.errors["expected a whole picture, got one that cannot be read"]
    assert whole == ErrorKind(2, [("a", "broken stream"), ("b", "truncated (8 bytes)")])
    assert (
        result.errors["expected at most N pixels, got N x N = N"]
        .examples[0][1]
        .startswith("expected at most 100 pixels, got 20 x 30 = 600; raise")
    )


def test_nothing_grows_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MOST_FOLDERS", 3)
    monkeypatch.setattr(tally, "MOST_KINDS", 4)
    monkeypatch.setattr(tally, "MOST_EXAMPLES", 5)
    outcomes = [unreadable(f"folder {n}/a.jpg", f"expected letters, got {'x' * n}") for n in range(20)]
    result = counted([*outcomes, extracted("folder 1/b.jpg", [20]), extracted("folder 9/b.jpg", [20, 20])])
    assert list(result.folders) == ["folder 0", "folder 1", "folder 2"]
    assert result.folders["folder 1"] == FolderCount(2, 1, 1, 1)
    assert result.later_folders == FolderCount(18, 1, 2, 17)
    assert result.errors[OTHER_KIND].count == 17
    assert len(result.errors) == 4
    assert len(result.errors[OTHER_KIND].examples) == 5
