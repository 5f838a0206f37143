"""Converters: there and back, with stand-ins for the libraries, and with the libraries where they are installed."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from facecascade import Faces, MissingExtra
from facecascade.compat import convert

RANDOM = np.random.default_rng(7)


def some_faces(count: int, *, landmarks: bool = True) -> Faces:
    numbers = 99 * RANDOM.random((count, 15), np.float32)
    return Faces(
        numbers[:, :4], numbers[:, 4] / np.float32(99), numbers[:, 5:].reshape(-1, 5, 2) if landmarks else None
    )


CASES = [some_faces(3), some_faces(1), Faces.empty(), some_faces(2, landmarks=False), Faces.empty(landmarks=False)]


class Frame(dict[str, NDArray[Any]]):
    """What a data frame has of a dict."""

    @property
    def columns(self) -> list[str]:
        return list(self)


class Columns(SimpleNamespace):
    """What supervision's classes have in common: keywords as attributes, and a length."""

    def __len__(self) -> int:
        return len(next(iter(vars(self).values())))


class Tensor(SimpleNamespace):
    def detach(self) -> Tensor:
        return self

    def cpu(self) -> NDArray[Any]:
        array: NDArray[Any] = self.array
        return array


STAND_INS = {
    "supervision": SimpleNamespace(Detections=Columns, KeyPoints=Columns),
    "pandas": SimpleNamespace(DataFrame=Frame),
    "polars": SimpleNamespace(DataFrame=Frame),
    "torch": SimpleNamespace(
        tensor=lambda array: Tensor(array=np.array(array)),
        ones=lambda count, dtype: Tensor(array=np.ones(count, dtype)),
        int64=np.int64,
    ),
}


@pytest.fixture(params=["stand-in", "library"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that makes sure that a library, or a stand-in for it, can be imported."""

    def provide(name: str) -> Any:
        if request.param == "library":
            return pytest.importorskip(name)
        monkeypatch.setitem(sys.modules, name, STAND_INS[name])
        return STAND_INS[name]

    return provide


@pytest.mark.parametrize("faces", CASES, ids=repr)
def test_supervision_detections(faces: Faces, library: Any) -> None:
    sv = library("supervision")
    detections = convert.to_supervision(faces)
    assert isinstance(detections, sv.Detections)
    assert detections.class_id.tolist() == [0] * len(faces)
    assert np.array_equal(detections.xyxy, faces.boxes)
    detections.xyxy[:] = 0  # theirs may be written to, ours stay
    assert convert.from_supervision(convert.to_supervision(faces)) == faces


def test_detections_without_confidence_are_an_error() -> None:
    with pytest.raises(ValueError, match="expected detections with confidence"):
        convert.from_supervision(Columns(xyxy=np.zeros((1, 4)), confidence=None, data={}))


def test_detections_of_another_detector_have_no_landmarks() -> None:
    faces = convert.from_supervision(Columns(xyxy=np.ones((1, 4)), confidence=np.ones(1), data={}))
    assert faces.landmarks is None


@pytest.mark.parametrize("faces", [case for case in CASES if case.landmarks is not None], ids=repr)
def test_supervision_key_points(faces: Faces, library: Any) -> None:
    sv = library("supervision")
    key_points = convert.to_key_points(faces)
    assert isinstance(key_points, sv.KeyPoints)
    assert key_points.xy.shape == (len(faces), 5, 2)
    assert convert.from_key_points(key_points) == faces


def test_key_points_need_landmarks_and_boxes() -> None:
    with pytest.raises(ValueError, match="expected faces with landmarks"):
        convert.to_key_points(some_faces(1, landmarks=False))
    with pytest.raises(ValueError, match="xyxy, confidence"):
        convert.from_key_points(Columns(xy=np.zeros((1, 5, 2)), data={}))


@pytest.mark.parametrize("name", ["pandas", "polars"])
@pytest.mark.parametrize("faces", CASES, ids=repr)
def test_frames(name: str, faces: Faces, library: Any) -> None:
    library(name)
    frame = getattr(convert, f"to_{name}")(faces)
    columns = ["x1", "y1", "x2", "y2", "score"]
    if faces.landmarks is not None:
        columns += ["left_eye_x", "left_eye_y", "right_eye_x", "right_eye_y", "nose_x", "nose_y"]
        columns += ["mouth_left_x", "mouth_left_y", "mouth_right_x", "mouth_right_y"]
    assert list(frame.columns) == columns
    assert np.asarray(frame["x1"]).dtype == np.float32
    assert convert.from_frame(frame) == faces


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_frames_of_several_pictures(name: str, library: Any) -> None:
    library(name)
    pictures = {"b.jpg": some_faces(2), "none.jpg": Faces.empty(), "a.jpg": some_faces(1)}
    frame = getattr(convert, f"to_{name}")(pictures)
    assert list(frame.columns)[:3] == ["source", "face", "x1"]
    assert list(frame["source"]) == ["b.jpg", "b.jpg", "a.jpg"]
    assert list(frame["face"]) == [0, 1, 0]
    assert convert.from_frame_by_source(frame) == {name: faces for name, faces in pictures.items() if len(faces)}
    assert convert.from_frame_by_source(getattr(convert, f"to_{name}")({})) == {}


def test_a_frame_that_lacks_columns_is_an_error_that_lists_them() -> None:
    with pytest.raises(ValueError, match=r"expected columns x1, y1.*got \['x1'\]"):
        convert.from_frame(Frame(x1=np.zeros(1)))
    half = Frame({name: np.zeros(1) for name in ("x1", "y1", "x2", "y2", "score", "nose_x")})
    with pytest.raises(ValueError, match="nose_x"):
        convert.from_frame(half)
    with pytest.raises(ValueError, match="column source"):
        convert.from_frame_by_source(half)


def test_one_frame_holds_faces_of_one_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", STAND_INS["pandas"])
    with pytest.raises(ValueError, match="all have landmarks, or none"):
        convert.to_pandas({"a": some_faces(1), "b": some_faces(1, landmarks=False)})


@pytest.mark.parametrize("faces", CASES, ids=repr)
def test_torch_tensors(faces: Faces, library: Any) -> None:
    library("torch")
    tensors = convert.to_torch(faces)
    assert list(tensors) == ["boxes", "scores", "labels", *(() if faces.landmarks is None else ("landmarks",))]
    assert np.asarray(tensors["labels"].cpu()).tolist() == [1] * len(faces)
    assert convert.from_torch(tensors) == faces


@pytest.mark.parametrize(
    ("converter", "extra"),
    [
        (convert.to_supervision, "supervision"),
        (convert.to_key_points, "supervision"),
        (convert.to_pandas, "pandas"),
        (convert.to_polars, "polars"),
        (convert.to_torch, "torch"),
    ],
)
def test_a_missing_library_is_named(converter: Any, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, extra, None)
    with pytest.raises(MissingExtra, match=rf'pip install "facecascade\[{extra}\]"'):
        converter(some_faces(1))
