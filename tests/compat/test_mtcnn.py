"""The drop-in for mtcnn: scripts in the style of its documentation, the exact forms of both releases, their parity."""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks.data import load_rgb, read_golden, to_faces
from benchmarks.parity import compare
from benchmarks.peers.mtcnn_form import common
from facecascade import ImageError, SettingsError, WeightsError
from facecascade.compat.mtcnn import MTCNN, MTCNN0, MTCNN1, InvalidImage

Picture = NDArray[np.uint8]
BLACK = np.zeros((90, 120, 3), np.uint8)
KEYPOINTS_0 = ["left_eye", "right_eye", "nose", "mouth_left", "mouth_right"]
KEYPOINTS_1 = ["nose", "mouth_right", "right_eye", "left_eye", "mouth_left"]


def encoded(picture: Picture) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


# --- Which release ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "options", "release"),
    [
        ((), {}, MTCNN1),
        (("face_detection_only",), {}, MTCNN1),
        ((), {"stages": "face_detection_only"}, MTCNN1),
        ((), {"device": "CPU:0"}, MTCNN1),
        ((None,), {}, MTCNN0),
        ((None, 40), {}, MTCNN0),
        ((), {"min_face_size": 40}, MTCNN0),
        ((), {"steps_threshold": [0.6, 0.7, 0.9]}, MTCNN0),
        ((), {"scale_factor": 0.8}, MTCNN0),
        ((), {"weights_file": None}, MTCNN0),
        ((), {"geometry": "subpixel"}, MTCNN1),
    ],
)
def test_the_arguments_tell_the_release(args: tuple[Any, ...], options: dict[str, Any], release: type[MTCNN]) -> None:
    detector = MTCNN(*args, **options)
    assert type(detector) is release
    assert isinstance(detector, MTCNN)


def test_each_release_can_be_named() -> None:
    assert type(MTCNN0()) is MTCNN0
    assert type(MTCNN1()) is MTCNN1


def test_arguments_of_both_releases_or_of_none_are_type_errors() -> None:
    with pytest.raises(TypeError, match="stages"):
        MTCNN(min_face_size=20, stages="face_detection_only")
    with pytest.raises(TypeError, match="min_face_sise"):
        MTCNN(min_face_sise=20)


# --- mtcnn 0.1.1 ------------------------------------------------------------------------------------------------------


def test_a_script_with_the_legacy_weights_file_runs(legacy_npy: Path, astronaut: Picture) -> None:
    detector = MTCNN(weights_file=str(legacy_npy))
    (face,) = detector.detect_faces(astronaut)
    x, y, width, height = face["box"]
    cut = astronaut[y : y + height, x : x + width]
    assert cut.shape == (113, 89, 3)
    # What mtcnn 0.1.1 itself returns for this picture.
    assert face["box"] == [179, 60, 89, 113]
    assert face["confidence"] == pytest.approx(0.9999951124191284, abs=1e-6)
    assert face["keypoints"] == {
        "left_eye": (203, 101),
        "right_eye": (246, 103),
        "nose": (224, 128),
        "mouth_left": (201, 139),
        "mouth_right": (244, 141),
    }


def test_release_0_returns_its_exact_form(astronaut: Picture) -> None:
    result = MTCNN(min_face_size=20).detect_faces(astronaut)
    assert type(result) is list
    assert len(result) == 1
    face = result[0]
    assert list(face) == ["box", "confidence", "keypoints"]
    assert type(face["box"]) is list
    assert [type(value) for value in face["box"]] == [int] * 4
    assert type(face["confidence"]) is np.float64
    assert list(face["keypoints"]) == KEYPOINTS_0
    assert {type(point) for point in face["keypoints"].values()} == {tuple}
    assert {type(value) for point in face["keypoints"].values() for value in point} == {int}


def test_release_0_keeps_x_and_y_in_the_picture_and_cuts_towards_zero(astronaut: Picture) -> None:
    # The face is cut at the left: mtcnn's x is 0, and its width what is left of the box.
    picture = np.ascontiguousarray(astronaut[:, 200:])
    (face,) = MTCNN(min_face_size=40).detect_faces(picture)
    assert face["box"][0] == 0
    assert 60 <= face["box"][2] <= 80


def test_release_0_returns_an_empty_list_for_no_face_and_for_a_tiny_picture() -> None:
    assert MTCNN(None).detect_faces(BLACK) == []
    assert MTCNN(None).detect_faces(BLACK[:5, :5]) == []


def test_release_0_raises_invalid_image() -> None:
    for wrong in (None, "missing.jpg", 3):
        with pytest.raises(InvalidImage):
            MTCNN(None).detect_faces(wrong)


def test_min_face_size_can_be_set_and_has_effect(group: Picture) -> None:
    detector = MTCNN0()
    everything = detector.detect_faces(group)
    detector.min_face_size = 80
    assert detector.min_face_size == 80
    large = detector.detect_faces(group)
    assert 0 < len(large) < len(everything) == 20
    with pytest.raises(SettingsError, match="min_face_size"):
        detector.min_face_size = 0


def test_steps_threshold_and_scale_factor_have_effect(group: Picture) -> None:
    assert MTCNN(steps_threshold=[0.6, 0.7, 0.9999]).detect_faces(group) != MTCNN0().detect_faces(group)
    with pytest.raises(SettingsError, match="three thresholds"):
        MTCNN(steps_threshold=[0.6, 0.7])
    with pytest.raises(SettingsError, match="scale_factor"):
        MTCNN(scale_factor=1.5)


def test_a_missing_weights_file_is_an_error_that_names_it() -> None:
    with pytest.raises(WeightsError, match=r"missing\.npy"):
        MTCNN("missing.npy")


def test_geometry_is_classic_unless_said_otherwise(group: Picture) -> None:
    classic = MTCNN0().detect_faces(group)
    assert MTCNN0(geometry="classic").detect_faces(group) == classic
    assert MTCNN0(geometry="subpixel").detect_faces(group) != classic


def test_release_0_finds_what_mtcnn_0_1_1_finds(shared_data: Path) -> None:
    golden = read_golden(shared_data / "golden" / "mtcnn_0.1.1.json")
    detector = MTCNN0()
    found = {name: detector.detect_faces(load_rgb(shared_data / "photos" / name)) for name in list(golden)[:30]}
    compared = [compare(name, to_faces(map(common, faces)), golden[name].faces) for name, faces in found.items()]
    overlaps = np.concatenate([one.overlaps for one in compared])
    assert sum(one.golden for one in compared) == sum(one.found for one in compared) == len(overlaps) > 100
    assert overlaps.mean() > 0.995
    assert np.concatenate([one.distances for one in compared]).mean() < 0.005


# --- mtcnn 1.0.0 ------------------------------------------------------------------------------------------------------


def test_release_1_returns_its_exact_form(astronaut: Picture) -> None:
    result = MTCNN().detect_faces(astronaut)
    assert type(result) is list
    assert len(result) == 1
    face = result[0]
    assert list(face) == ["box", "confidence", "keypoints"]
    assert [type(value) for value in face["box"]] == [int] * 4
    assert type(face["confidence"]) is np.float64
    assert list(face["keypoints"]) == KEYPOINTS_1
    assert {type(point) for point in face["keypoints"].values()} == {list}
    assert {type(value) for point in face["keypoints"].values() for value in point} == {np.int64}
    assert face["box"] == [180, 60, 88, 114]


def test_a_script_with_paths_bytes_and_lists_runs(samples: dict[str, Path], astronaut: Picture, group: Picture) -> None:
    detector = MTCNN("face_and_landmarks_detection", device="CPU:0")
    alone = detector.detect_faces(astronaut)
    assert detector.detect_faces(str(samples["astronaut"])) == alone
    assert detector.detect_faces(encoded(astronaut)) == alone
    assert detector.predict(astronaut) == alone
    batch = detector.detect_faces([str(samples["astronaut"]), encoded(group), BLACK, astronaut])
    assert batch == [alone, detector.detect_faces(group), [], alone]


def test_a_list_of_one_and_an_empty_list_stay_lists(astronaut: Picture) -> None:
    detector = MTCNN()
    assert detector.detect_faces([astronaut]) == [detector.detect_faces(astronaut)]
    assert detector.detect_faces([]) == []
    assert detector.detect_faces(BLACK) == []
    assert detector.detect_faces([BLACK, BLACK]) == [[], []]


def test_a_picture_without_faces_does_not_shift_the_boxes_of_the_next(astronaut: Picture) -> None:
    detector = MTCNN()
    assert detector.detect_faces([BLACK, astronaut])[1] == detector.detect_faces(astronaut)


@pytest.mark.parametrize("justification", ["center", "top", "bottomright"])
def test_the_justification_of_a_batch_has_no_effect(justification: str, astronaut: Picture) -> None:
    detector = MTCNN()
    batch = detector.detect_faces([astronaut, astronaut[:300]], batch_stack_justification=justification)
    assert batch[0] == detector.detect_faces(astronaut)


def test_box_formats_agree(group: Picture) -> None:
    detector = MTCNN()
    sides, corners = detector.detect_faces(group), detector.detect_faces(group, box_format="xyxy")
    assert len(sides) == 20
    for one, other in zip(sides, corners, strict=True):
        x, y, width, height = one["box"]
        assert np.abs(np.subtract(other["box"], [x, y, x + width, y + height])).max() <= 1  # each is rounded


def test_the_array_has_the_columns_of_mtcnn(astronaut: Picture, group: Picture) -> None:
    detector = MTCNN()
    rows = detector.detect_faces([BLACK, astronaut, group], output_type="numpy", box_format="xyxy")
    assert rows.dtype == np.float64
    assert rows.shape == (21, 16)
    assert rows[:, 0].tolist() == [1] + [2] * 20
    (face,) = detector.detect_faces(astronaut)
    assert rows[0, 5] == face["confidence"]
    points = rows[0, 6:].round().reshape(2, 5).T.tolist()
    assert points == [list(map(float, face["keypoints"][name])) for name in KEYPOINTS_0]
    sides = detector.detect_faces([BLACK, astronaut, group], output_type="numpy")
    np.testing.assert_allclose(sides[:, 3:5], rows[:, 3:5] - rows[:, 1:3])


def test_no_faces_are_an_empty_array() -> None:
    assert MTCNN().detect_faces(BLACK, output_type="numpy").shape == (0, 16)
    assert MTCNN("face_detection_only").detect_faces(BLACK, output_type="numpy").shape == (0, 6)


def test_boxes_and_landmarks_are_cut_to_the_last_pixel(astronaut: Picture) -> None:
    picture = np.ascontiguousarray(astronaut[70:, :240])  # the face goes beyond the top and the right
    options = {"output_type": "numpy", "box_format": "xyxy"}
    detector = MTCNN()
    (fitted,), (free,) = detector.detect_faces(picture, **options), detector.detect_faces(picture, False, **options)
    assert free[2] < 0 == fitted[2]
    assert free[3] > 240 > 239 == fitted[3]
    assert fitted[7] == free[7] > 239  # the right eye: landmarks stay as they are unless asked
    (limited,) = detector.detect_faces(picture, limit_boundaries_landmarks=True, **options)
    assert limited[7] == 239
    (raw,) = detector.detect_faces(picture, True, True, postprocess=False, **options)
    assert raw.tolist() == free.tolist()


def test_two_stages_have_neither_keypoints_nor_several_boxes_a_face(group: Picture, astronaut: Picture) -> None:
    found = MTCNN("face_detection_only").detect_faces([astronaut, group])
    best = found[0][0]
    assert list(best) == ["box", "confidence"]
    assert 100 < best["box"][2] < 130
    assert len(found[0]) < 5
    assert MTCNN("face_detection_only").detect_faces(group, output_type="numpy").shape[1] == 6


@pytest.mark.parametrize("size", [20, 28, 30, 40])
def test_any_min_face_size_finds_faces(size: int, group: Picture) -> None:
    assert len(MTCNN().detect_faces(group, min_face_size=size)) == 20


def test_thresholds_have_effect(group: Picture) -> None:
    detector = MTCNN()
    assert detector.detect_faces(group, threshold_pnet=0.99) != detector.detect_faces(group)
    assert detector.detect_faces(group, threshold_rnet=0.9999) != detector.detect_faces(group)
    assert all(face["confidence"] > 0.9999 for face in detector.detect_faces(group, threshold_onet=0.9999))
    assert detector.detect_faces(group, scale_factor=0.5) != detector.detect_faces(group)


@pytest.mark.parametrize("name", ["nms_pnet1", "nms_pnet2", "nms_rnet", "nms_onet"])
def test_suppression_is_fixed_and_says_so(name: str, astronaut: Picture) -> None:
    with pytest.raises(SettingsError, match=f"{name}=0.[57], which this cascade has built in, got 0.3"):
        MTCNN().detect_faces(astronaut, **{name: 0.3})


def test_the_values_that_mtcnn_has_by_default_are_taken(astronaut: Picture) -> None:
    detector = MTCNN()
    said = detector.detect_faces(
        astronaut, min_size=12, nms_pnet1=0.5, nms_pnet2=0.7, nms_rnet=0.7, nms_onet=0.7, threshold_onet=0.8
    )
    assert said == detector.detect_faces(astronaut)


def test_what_has_no_effect_gives_a_warning(astronaut: Picture) -> None:
    detector = MTCNN()
    with pytest.warns(UserWarning, match="min_size=30 has no effect") as caught:
        assert detector.detect_faces(astronaut, min_size=30) == detector.detect_faces(astronaut)
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="device='GPU:0' has no effect") as caught:
        assert MTCNN(device="GPU:0").device == "GPU:0"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "option", [{"box_format": "xyhw"}, {"output_type": "dict"}, {"batch_stack_justification": "middle"}]
)
def test_an_unknown_choice_is_an_error_that_lists_the_choices(option: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="to be one of"):
        MTCNN().detect_faces(BLACK, **option)


def test_a_misspelt_argument_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="treshold_onet"):
        MTCNN().detect_faces(BLACK, treshold_onet=0.9)


def test_unknown_stages_are_a_value_error_as_in_mtcnn() -> None:
    with pytest.raises(ValueError, match="face_detection_only, face_and_landmarks_detection, got 'all'"):
        MTCNN("all")


def test_what_cannot_be_read_is_an_error_and_not_an_empty_result(tmp_path: Path, astronaut: Picture) -> None:
    (tmp_path / "text.jpg").write_text("no picture")
    for wrong in ("missing.jpg", str(tmp_path / "text.jpg"), b"no picture", None, (astronaut, astronaut)):
        with pytest.raises(ImageError):
            MTCNN().detect_faces(wrong)
    with pytest.raises(ImageError, match=r"missing\.jpg"):
        MTCNN().detect_faces([astronaut, "missing.jpg"])


@pytest.mark.parametrize("release", [MTCNN0, MTCNN1])
def test_a_detector_can_be_pickled(release: type[MTCNN], astronaut: Picture) -> None:
    detector = release()
    assert pickle.loads(pickle.dumps(detector)).detect_faces(astronaut) == detector.detect_faces(astronaut)


def test_results_of_release_0_but_the_confidence_are_plain_numbers(astronaut: Picture) -> None:
    face = MTCNN0().detect_faces(astronaut)[0]
    assert json.loads(json.dumps(face))["box"] == face["box"]
