"""The drop-in for deepface's extract_faces."""

from __future__ import annotations

import base64
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facecascade import MTCNN, ImageError, SettingsError
from facecascade.compat import deepface as DeepFace  # noqa: N812 - as scripts have it

Picture = NDArray[np.uint8]
BLACK = np.zeros((100, 120, 3), np.uint8)


def test_a_script_in_the_documented_style_runs(samples: dict[str, Path]) -> None:
    faces = DeepFace.extract_faces(img_path=str(samples["astronaut"]), detector_backend="mtcnn", align=True)
    (face,) = faces
    assert list(face) == ["face", "facial_area", "confidence"]
    assert list(face["facial_area"]) == ["x", "y", "w", "h", "left_eye", "right_eye"]
    assert face["face"].shape == (114, 88, 3)
    assert face["face"].dtype == np.float64
    assert 0 <= face["face"].min() < face["face"].max() <= 1
    assert face["confidence"] == 1.0
    assert type(face["confidence"]) is float
    area = face["facial_area"]
    assert [type(area[name]) for name in "xywh"] == [int] * 4
    assert (area["x"], area["y"], area["w"], area["h"]) == (180, 60, 88, 114)
    # Left and right are the person's own.
    assert area["left_eye"] == (246, 103)
    assert area["right_eye"] == (204, 101)


def test_arrays_are_bgr_and_files_are_files(samples: dict[str, Path], astronaut: Picture) -> None:
    data = base64.b64encode(samples["astronaut"].read_bytes()).decode()
    expected = DeepFace.extract_faces(str(samples["astronaut"]))[0]
    with samples["astronaut"].open("rb") as file:
        sources = (astronaut[:, :, ::-1], samples["astronaut"], file, f"data:image/png;base64,{data}")
        for source in sources:
            (face,) = DeepFace.extract_faces(source)
            assert face["facial_area"] == expected["facial_area"]
            assert np.array_equal(face["face"], expected["face"])


def test_lists_and_stacks_give_a_list_each(astronaut: Picture) -> None:
    bgr = np.ascontiguousarray(astronaut[:, :, ::-1])
    for several in ([bgr, bgr[:300]], np.stack([bgr, bgr])):
        result = DeepFace.extract_faces(several)
        assert [len(faces) for faces in result] == [1, 1]
        assert result[0][0]["facial_area"]["x"] == 180


def test_colours_and_levels(astronaut: Picture) -> None:
    bgr = astronaut[:, :, ::-1]

    def crop(**options: Any) -> NDArray[Any]:
        face: NDArray[Any] = DeepFace.extract_faces(bgr, align=False, normalize_face=False, **options)[0]["face"]
        return face

    assert np.array_equal(crop(), astronaut[60:174, 180:268])
    assert crop().dtype == np.uint8
    assert np.array_equal(crop(color_face="bgr"), crop()[:, :, ::-1])
    grey = crop(color_face="gray")
    assert grey.shape == (114, 88)
    assert np.abs(grey - crop() @ (0.299, 0.587, 0.114)).max() < 1
    assert np.array_equal(crop(grayscale=True), grey)
    (face,) = DeepFace.extract_faces(bgr, align=False)
    assert np.array_equal(face["face"], crop() / 255)


@pytest.mark.parametrize("angle", [-25, 15])
def test_aligned_faces_have_level_eyes(angle: int, astronaut: Picture) -> None:
    tilted = np.asarray(Image.fromarray(astronaut).rotate(angle, Image.Resampling.BICUBIC, center=(224, 115)))

    def tilt(**options: Any) -> float:
        (face,) = DeepFace.extract_faces(tilted[:, :, ::-1], expand_percentage=60, normalize_face=False, **options)
        (found,) = MTCNN(min_face_size=60).detect(face["face"])
        assert found.landmarks is not None
        (x1, y1), (x2, y2) = found.landmarks[:2].tolist()
        return math.degrees(math.atan2(y2 - y1, x2 - x1))

    assert abs(tilt(align=False)) > 8
    assert abs(tilt(align=True)) < 4


def test_expanding_grows_the_box_around_its_centre(astronaut: Picture) -> None:
    bgr = astronaut[:, :, ::-1]
    small = DeepFace.extract_faces(bgr)[0]["facial_area"]
    large = DeepFace.extract_faces(bgr, expand_percentage=50)[0]
    assert (large["facial_area"]["w"], large["facial_area"]["h"]) == (88 + 44, 114 + 57)
    assert (large["facial_area"]["x"], large["facial_area"]["y"]) == (small["x"] - 22, small["y"] - 28)
    assert large["facial_area"]["left_eye"] == small["left_eye"]


def test_a_face_at_the_edge_is_black_beyond_it(astronaut: Picture) -> None:
    picture = np.ascontiguousarray(astronaut[80:, :, ::-1])
    (face,) = DeepFace.extract_faces(picture, normalize_face=False, expand_percentage=40)
    assert face["facial_area"]["y"] == 0
    assert face["face"][0].max() <= 8  # the filter of the turn may ring
    (cut,) = DeepFace.extract_faces(picture, normalize_face=False, align=False)
    assert np.array_equal(cut["face"][0, :, ::-1], picture[0, cut["facial_area"]["x"] :][: cut["face"].shape[1]])


def test_eyes_outside_the_picture_are_none(astronaut: Picture) -> None:
    (face,) = DeepFace.extract_faces(np.ascontiguousarray(astronaut[:, 207:, ::-1]))
    assert face["facial_area"]["right_eye"] is None
    assert face["facial_area"]["left_eye"] is not None


def test_no_face_is_a_value_error_or_the_whole_picture() -> None:
    with pytest.raises(ValueError, match="enforce_detection=False"):
        DeepFace.extract_faces(BLACK)
    with pytest.raises(DeepFace.FaceNotDetected):
        DeepFace.extract_faces([BLACK])
    (face,) = DeepFace.extract_faces(BLACK, enforce_detection=False, color_face="gray")
    assert face["face"].shape == (100, 120)
    assert face["confidence"] == 0.0
    assert face["facial_area"] == {"x": 0, "y": 0, "w": 119, "h": 99, "left_eye": None, "right_eye": None}


def test_skip_takes_the_whole_picture(astronaut: Picture) -> None:
    (face,) = DeepFace.extract_faces(astronaut[:, :, ::-1], detector_backend="skip", normalize_face=False)
    assert np.array_equal(face["face"], astronaut)
    assert face["facial_area"]["w"] == 511


def test_what_cannot_be_read_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no picture")
    for wrong in ("missing.jpg", str(tmp_path / "text.jpg"), "http://host/a.jpg", "data:image/png;base64,!", None):
        with pytest.raises(DeepFace.ImgNotFound) as caught:
            DeepFace.extract_faces(wrong, enforce_detection=False)
        assert isinstance(caught.value, ImageError)
        assert isinstance(caught.value, ValueError)
        assert wrong is None or wrong[:20] in str(caught.value)


def test_what_cannot_be_honoured_is_said(astronaut: Picture) -> None:
    bgr = astronaut[:, :, ::-1]
    with pytest.warns(UserWarning, match="detector_backend='retinaface' has no effect") as caught:
        assert len(DeepFace.extract_faces(bgr, detector_backend="retinaface")) == 1
    assert caught[0].filename == __file__
    for wrong, message in (
        ({"anti_spoofing": True}, "anti_spoofing"),
        ({"expand_percentage": -1}, "at least 0"),
        ({"color_face": "hsv"}, "rgb, bgr, gray"),
        ({"geometry": "round"}, "geometry"),
    ):
        with pytest.raises(SettingsError, match=message):
            DeepFace.extract_faces(bgr, **wrong)


def test_geometry_has_effect(group: Picture) -> None:
    classic, subpixel = (DeepFace.extract_faces(group[:, :, ::-1], geometry=each) for each in ("classic", "subpixel"))
    assert len(classic) == len(subpixel) == 20
    assert [face["facial_area"] for face in classic] != [face["facial_area"] for face in subpixel]
