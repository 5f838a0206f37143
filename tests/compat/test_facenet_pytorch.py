"""The drop-in for facenet-pytorch: its documented scripts and the exact forms of its results.

What needs torch runs twice: with a stand-in that makes arrays, and with torch itself where that is installed.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facecascade import ImageError, MissingExtra, SettingsError
from facecascade.compat.facenet_pytorch import MTCNN, extract_face, fixed_image_standardization

Picture = NDArray[np.uint8]


@pytest.fixture(params=["stand-in", "torch"])
def torch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Something that has what the drop-in takes of torch."""
    if request.param == "torch":
        yield pytest.importorskip("torch")
        return
    stand_in = SimpleNamespace(from_numpy=np.asarray, stack=np.stack, device=str)
    monkeypatch.setitem(sys.modules, "torch", stand_in)
    yield stand_in


@pytest.fixture(scope="module")
def portrait(astronaut: Picture) -> Image.Image:
    return Image.fromarray(astronaut)


@pytest.fixture(scope="module")
def crowd(group: Picture) -> Image.Image:
    return Image.fromarray(group)


@pytest.fixture(scope="module")
def black() -> Image.Image:
    return Image.new("RGB", (512, 512))


def test_a_script_that_draws_boxes_runs(crowd: Image.Image) -> None:
    detector = MTCNN(keep_all=True, device="cpu")
    boxes, probs, points = detector.detect(crowd, landmarks=True)
    assert (boxes.shape, probs.shape, points.shape) == ((20, 4), (20,), (20, 5, 2))
    assert {column.dtype for column in (boxes, probs, points)} == {np.dtype(object)}
    assert type(boxes[0, 0]) is type(probs[0]) is type(points[0, 0, 0]) is float
    for box, point in zip(boxes, points, strict=True):
        x1, y1, x2, y2 = box.tolist()
        assert x1 < point[2, 0] < x2
        assert y1 < point[2, 1] < y2


def test_without_landmarks_there_are_two_results(portrait: Image.Image) -> None:
    boxes, probs = MTCNN().detect(portrait)
    assert boxes.shape == (1, 4)
    assert probs[0] > 0.9999


def test_no_face_is_none(black: Image.Image) -> None:
    boxes, probs, points = MTCNN().detect(black, landmarks=True)
    assert boxes is None
    assert points is None
    assert probs.shape == (1,)
    assert probs[0] is None


def test_order_is_by_size_or_by_probability(crowd: Image.Image) -> None:
    boxes, _ = MTCNN().detect(crowd)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    assert areas.tolist() == sorted(areas, reverse=True)
    _, probs = MTCNN(select_largest=False).detect(crowd)
    assert probs.tolist() == sorted(probs, reverse=True)


def test_batches_of_lists_tuples_and_arrays(portrait: Image.Image, black: Image.Image) -> None:
    detector = MTCNN()
    alone = detector.detect(portrait)[0].tolist()
    for batch in ([portrait, portrait], (portrait, portrait), np.stack([np.asarray(portrait)] * 2)):
        boxes, probs, points = detector.detect(batch, landmarks=True)
        assert (boxes.shape, probs.shape, points.shape) == ((2, 1, 4), (2, 1), (2, 1, 5, 2))
        assert boxes[1].tolist() == alone
    boxes, probs, points = detector.detect([portrait, black], landmarks=True)
    assert boxes.shape == points.shape == (2,)
    assert boxes[1] is None
    assert boxes[0].dtype == np.float32
    assert probs.tolist() == [[pytest.approx(0.999995, abs=1e-5)], [None]]


def test_pictures_of_a_batch_may_differ_in_size(portrait: Image.Image, crowd: Image.Image) -> None:
    boxes, probs = MTCNN().detect([portrait, crowd])
    assert [len(each) for each in boxes] == [len(each) for each in probs] == [1, 20]


def test_a_picture_as_array_gives_the_same_as_pillow(portrait: Image.Image) -> None:
    detector = MTCNN()
    assert detector.detect(np.asarray(portrait))[0].tolist() == detector.detect(portrait)[0].tolist()


def test_a_tensor_gives_the_same_as_pillow(portrait: Image.Image) -> None:
    torch = pytest.importorskip("torch")
    detector, tensor = MTCNN(), torch.tensor(np.asarray(portrait))
    assert detector.detect(tensor)[0].tolist() == detector.detect(portrait)[0].tolist()
    assert detector.detect(torch.stack([tensor, tensor]))[0].shape == (2, 1, 4)
    face = detector(tensor)
    assert tuple(face.shape) == (3, 160, 160)


def test_pillow_images_are_taken_as_they_are_stored(portrait: Image.Image) -> None:
    # Whoever draws the boxes draws them on this image, which its orientation does not turn.
    turned = portrait.copy()
    turned.getexif()[0x0112] = 6
    assert MTCNN().detect(turned)[0].tolist() == MTCNN().detect(portrait)[0].tolist()


def test_a_call_returns_one_standardised_face(torch: Any, portrait: Image.Image, black: Image.Image) -> None:
    detector = MTCNN(image_size=160, margin=0).eval()
    face, prob = detector(portrait, return_prob=True)
    assert tuple(face.shape) == (3, 160, 160)
    assert "float32" in str(face.dtype)
    assert -1 <= float(face.min()) < float(face.max()) <= 1
    assert type(prob) is float
    assert detector(black) is None
    assert detector(black, return_prob=True) == (None, None)
    raw = MTCNN(post_process=False)(portrait)
    assert float(raw.max()) > 200
    np.testing.assert_allclose(np.asarray(fixed_image_standardization(raw)), np.asarray(face))


def test_keep_all_returns_all_faces(torch: Any, crowd: Image.Image, black: Image.Image) -> None:
    detector = MTCNN(keep_all=True, image_size=64)
    faces, probs = detector(crowd, return_prob=True)
    assert tuple(faces.shape) == (20, 3, 64, 64)
    assert probs.shape == (20,)
    faces, probs = detector(black, return_prob=True)
    assert faces is None
    assert probs.tolist() == [None]


def test_a_batch_returns_a_list_with_none_for_no_face(torch: Any, portrait: Image.Image, black: Image.Image) -> None:
    faces, probs = MTCNN()([portrait, black], return_prob=True)
    assert tuple(faces[0].shape) == (3, 160, 160)
    assert faces[1] is None
    assert probs[1].tolist() == [None]
    kept = MTCNN(keep_all=True)([portrait, black])
    assert tuple(kept[0].shape) == (1, 3, 160, 160)
    assert kept[1] is None


def test_crops_are_saved_as_they_look(torch: Any, portrait: Image.Image, tmp_path: Path) -> None:
    face = MTCNN(post_process=False)(portrait, save_path=str(tmp_path / "new" / "face.png"))
    saved = np.asarray(Image.open(tmp_path / "new" / "face.png"))
    assert saved.transpose(2, 0, 1).tolist() == np.asarray(face).astype(int).tolist()


def test_keep_all_numbers_the_files(torch: Any, crowd: Image.Image, tmp_path: Path) -> None:
    MTCNN(keep_all=True, image_size=20)(crowd, save_path=str(tmp_path / "face.png"))
    names = {"face.png"} | {f"face_{number}.png" for number in range(2, 21)}
    assert {path.name for path in tmp_path.iterdir()} == names


def test_a_batch_wants_as_many_paths_as_pictures(torch: Any, portrait: Image.Image, tmp_path: Path) -> None:
    one, two = str(tmp_path / "one.png"), str(tmp_path / "two.png")
    MTCNN()([portrait, portrait], save_path=[one, two])
    assert len(list(tmp_path.iterdir())) == 2
    for wrong in ([one], one):
        with pytest.raises(SettingsError, match="expected a list of 2 paths"):
            MTCNN()([portrait, portrait], save_path=wrong)


def test_selection_methods(crowd: Image.Image) -> None:
    detector = MTCNN()
    found: tuple[Any, Any, Any] = detector.detect(crowd, landmarks=True)
    boxes, probs, _ = found

    def chosen(method: str, **options: Any) -> int:
        box, prob, point = detector.select_boxes(*found, crowd, method, **options)
        position: int = boxes.tolist().index(box[0].tolist())
        assert (box.shape, point.shape) == ((1, 4), (1, 5, 2))
        assert prob == probs[position]
        return position

    assert chosen("largest") == 0
    assert chosen("probability") == int(np.argmax(probs.astype(float)))
    assert chosen("largest_over_threshold", threshold=float(probs[0])) > 0
    centres = (boxes[:, :2] + boxes[:, 2:]).astype(float) / 2
    nearest = int(np.argmin(np.linalg.norm(centres - (700, 450), axis=1)))
    assert chosen("center_weighted_size", center_weight=1e6) == nearest
    assert detector.select_boxes(*found, crowd, "largest_over_threshold", 1.0) == (None, None, None)


def test_an_unknown_selection_method_is_an_error(crowd: Image.Image) -> None:
    with pytest.raises(SettingsError, match="selection_method to be one of largest"):
        MTCNN(selection_method="biggest")
    with pytest.raises(SettingsError, match="method to be one of largest"):
        MTCNN().select_boxes(None, [None], None, crowd, method="biggest")


def test_attributes_may_change_between_calls(torch: Any, crowd: Image.Image) -> None:
    detector = MTCNN(min_face_size=20)
    detector.keep_all = True
    detector.min_face_size = 100
    assert 0 < detector(crowd).shape[0] < 20
    detector.thresholds = [0.6, 0.7]
    with pytest.raises(SettingsError, match="three thresholds"):
        detector(crowd)


def test_settings_that_cannot_work_are_errors_at_once() -> None:
    with pytest.raises(SettingsError, match="min_face_size"):
        MTCNN(min_face_size=0)
    with pytest.raises(TypeError, match="thresolds"):
        MTCNN(thresolds=[0.6, 0.7, 0.7])  # type: ignore[call-arg]
    with pytest.warns(UserWarning, match="device='cuda:0' has no effect"):
        MTCNN(device="cuda:0")
    with pytest.warns(UserWarning, match="device='cuda' has no effect"):
        MTCNN().to("cuda")


def test_a_picture_smaller_than_a_face_has_none(torch: Any) -> None:
    assert MTCNN()(Image.new("RGB", (8, 8))) is None


def test_no_picture_is_an_error() -> None:
    for wrong in (None, "missing.jpg", 3):
        with pytest.raises(ImageError):
            MTCNN().detect(wrong)


def test_detecting_needs_no_torch_and_crops_say_that_they_do(
    portrait: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    detector = MTCNN()
    assert len(detector.detect(portrait)[0]) == 1
    command = r'pip install "facecascade\[torch\]"'
    with pytest.raises(MissingExtra, match=command):
        detector(portrait)
    with pytest.raises(MissingExtra, match=command):
        extract_face(portrait, [0, 0, 9, 9])
    with pytest.raises(MissingExtra, match=command):
        _ = detector.device


def test_a_detector_can_be_pickled(portrait: Image.Image) -> None:
    detector = MTCNN(min_face_size=50)
    again = pickle.loads(pickle.dumps(detector))
    assert again.detect(portrait)[0].tolist() == detector.detect(portrait)[0].tolist()
