"""`MTCNN`: what goes in, what comes out, and what must not change it."""

from __future__ import annotations

import io
import json
import pickle
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from facecascade import MTCNN, EngineError, Faces, ImageError, SettingsError, Weights, WeightsError
from facecascade.faces import LANDMARK_NAMES
from facecascade.overlap import iou


@pytest.fixture(scope="module")
def detector() -> Iterator[MTCNN]:
    with MTCNN(threads=2) as made:
        yield made


@pytest.fixture(scope="module")
def expected(detector: MTCNN, astronaut: NDArray[np.uint8]) -> Faces:
    return detector.detect(astronaut)


def test_the_astronaut_has_one_face(expected: Faces) -> None:
    assert len(expected) == 1
    assert expected.boxes.dtype == expected.scores.dtype == np.float32
    assert expected.scores[0] > 0.999
    assert np.abs(expected.boxes[0] - [180, 62, 268, 173]).max() < 8


def test_every_form_of_a_picture_gives_the_same_faces(
    detector: MTCNN, astronaut: NDArray[np.uint8], expected: Faces, samples: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "Gesicht ✓.png"
    Image.fromarray(astronaut).save(path)
    encoded = path.read_bytes()
    for picture in (path, str(path), encoded, io.BytesIO(encoded), Image.open(path), astronaut, samples["astronaut"]):
        assert detector.detect(picture) == expected
    assert detector.detect(astronaut[..., ::-1], color="bgr") == expected


def test_a_batch_and_a_stream_equal_one_by_one(detector: MTCNN, group: NDArray[np.uint8]) -> None:
    pictures = [group, group[20:430, 20:400], group[:5, :7], np.flip(group, axis=1), group[200:777, 13:640]]
    alone = [detector.detect(picture) for picture in pictures]
    assert len(alone[0]) > 8
    assert [len(faces) > 0 for faces in alone] == [True, True, False, True, True]
    assert detector.detect_batch(pictures) == alone
    assert list(detector.detect_stream(pictures * 5)) == alone * 5
    assert detector.detect_batch([]) == []
    assert list(detector.detect_stream(iter([]))) == []


def test_a_stream_takes_pictures_only_as_far_as_it_must(detector: MTCNN, astronaut: NDArray[np.uint8]) -> None:
    taken = 0

    def endless() -> Iterator[NDArray[np.uint8]]:
        nonlocal taken
        while True:
            taken += 1
            yield astronaut[60:200, 170:290]

    stream = detector.detect_stream(endless())
    for _ in range(3):
        next(stream)
    assert taken <= 32
    stream.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("facecascade-read")]


def test_an_unreadable_picture_is_an_error_that_names_it(
    detector: MTCNN, astronaut: NDArray[np.uint8], expected: Faces, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    with pytest.raises(ImageError, match=r"broken\.jpg"):
        detector.detect(broken)
    with pytest.raises(ImageError, match=r"picture 1 .*broken\.jpg"):
        detector.detect_batch([astronaut, broken, astronaut])
    stream = detector.detect_stream([astronaut, broken])
    assert next(stream) == expected
    with pytest.raises(ImageError, match=r"picture 1 .*broken\.jpg"):
        next(stream)


def test_an_error_of_the_iterable_comes_after_the_pictures_before_it(
    detector: MTCNN, astronaut: NDArray[np.uint8], expected: Faces
) -> None:
    def pictures() -> Iterator[NDArray[np.uint8]]:
        yield astronaut
        yield astronaut
        raise KeyError("no more")

    stream = detector.detect_stream(pictures())
    assert next(stream) == expected
    assert next(stream) == expected
    with pytest.raises(KeyError, match="no more"):
        next(stream)


def test_one_picture_is_no_batch(detector: MTCNN) -> None:
    with pytest.raises(SettingsError, match="got one str"):
        detector.detect_batch("group.jpg")


def test_the_classic_form_is_whole_numbers_that_json_takes(
    detector: MTCNN, astronaut: NDArray[np.uint8], expected: Faces
) -> None:
    (face,) = detector.detect_faces(astronaut)
    assert json.loads(json.dumps(face)) == face
    assert list(face) == ["box", "confidence", "keypoints"]
    x1, y1, x2, y2 = expected.boxes[0].tolist()
    assert face["box"] == [int(x1), int(y1), int(x2 - int(x1)), int(y2 - int(y1))]
    assert list(face["keypoints"]) == list(LANDMARK_NAMES)
    assert face["keypoints"]["nose"] == [int(value) for value in expected[0].landmarks[2]]  # type: ignore[index]


def test_the_classic_form_starts_inside_the_picture(detector: MTCNN, astronaut: NDArray[np.uint8]) -> None:
    cut = astronaut[90:220, 190:330]
    (face,) = detector.detect(cut)
    assert min(face.box[:2]) < 0
    (classic,) = detector.detect_faces(cut)
    assert min(classic["box"][:2]) == 0
    assert classic["box"][0] + classic["box"][2] == int(face.box[2])


def test_two_stages_have_no_landmarks(astronaut: NDArray[np.uint8]) -> None:
    detector = MTCNN(stages=2)
    faces = detector.detect(astronaut)
    assert len(faces) >= 1
    assert faces.landmarks is None
    with pytest.raises(EngineError, match="stages=3"):
        detector.detect_faces(astronaut)


def test_a_trace_follows_the_faces_through_the_stages(
    detector: MTCNN, astronaut: NDArray[np.uint8], expected: Faces
) -> None:
    trace = detector.trace(astronaut)
    assert trace.faces == expected
    assert len(trace.scales) == len(trace.candidates)
    assert sum(trace.candidates) > len(trace.proposals) > len(trace.refined) >= len(trace.faces)
    for stage in (trace.proposals, trace.refined):
        sides = stage.boxes[:, 2:] - stage.boxes[:, :2]
        assert np.allclose(sides[:, 0], sides[:, 1], rtol=1e-4)


@pytest.mark.parametrize("name", ["native", "reference"])
def test_weights_of_every_form_are_the_same_weights(
    name: str, astronaut: NDArray[np.uint8], expected: Faces, tmp_path: Path
) -> None:
    weights = Weights.load()
    npy, tensors = tmp_path / "mine.npy", tmp_path / "mine.safetensors"
    weights.save(npy)
    weights.save(tensors)
    head = astronaut[40:230, 150:310]
    options: dict[str, Any] = {"engine": name, "min_face_size": 60}
    found = MTCNN(**options).detect(head)
    assert len(found) == 1
    for given in (npy, str(tensors), weights.to_legacy(), weights):
        assert MTCNN(weights=given, **options).detect(head) == found


def test_other_weights_give_other_faces(astronaut: NDArray[np.uint8]) -> None:
    legacy = Weights.load().to_legacy()
    legacy["onet"][16] = legacy["onet"][16] + np.array([20, 0], np.float32)
    assert len(MTCNN(weights=legacy).detect(astronaut)) == 0


@pytest.mark.parametrize("net", ["pnet", "rnet", "onet"])
def test_weights_that_overflow_find_nothing_and_break_nothing(net: str, astronaut: NDArray[np.uint8]) -> None:
    tensors = dict(Weights.load().tensors)
    for name in tensors:
        if name.startswith(net):
            tensors[name] = tensors[name] * np.float32(1e15)
    for geometry in ("subpixel", "classic"):
        detector = MTCNN(weights=Weights(tensors), geometry=geometry)
        trace = detector.trace(astronaut)
        for faces in (trace.proposals, trace.refined, trace.faces):
            assert np.isfinite(faces.boxes).all()
            assert np.isfinite(faces.scores).all()


def test_wrong_weights_are_refused(tmp_path: Path) -> None:
    legacy = Weights.load().to_legacy()
    legacy["rnet"][3] = legacy["rnet"][3][:, :, :5]
    with pytest.raises(WeightsError, match=r"rnet\.conv2"):
        MTCNN(weights=legacy)
    with pytest.raises(WeightsError, match="nothing"):
        MTCNN(weights=tmp_path / "nothing.npy")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"min_face_size": 0}, "min_face_size"),
        ({"min_face_size": "20"}, "min_face_size"),
        ({"min_face_size": 10**400}, "min_face_size"),
        ({"stages": 3.0}, "stages"),
        ({"scale_factor": 1.0}, "scale_factor"),
        ({"thresholds": (0.5, 0.5)}, "three thresholds"),
        ({"thresholds": (0.5, 0.5, 1)}, "thresholds"),
        ({"geometry": "round"}, '"subpixel" or "classic"'),
        ({"stages": 4}, "stages"),
    ],
)
def test_settings_that_cannot_work_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        MTCNN(**arguments)


def test_presets_are_settings_by_name_that_can_be_changed() -> None:
    assert MTCNN.preset("default").settings == MTCNN().settings
    assert MTCNN.preset("fast").settings.min_face_size == 40
    thorough = MTCNN.preset("thorough", scale_factor=0.7, threads=1)
    assert thorough.settings.thresholds == (0.5, 0.5, 0.3)
    assert thorough.settings.scale_factor == 0.7
    assert thorough.settings.mirror
    assert not MTCNN.preset("thorough", mirror=False).settings.mirror
    assert "1 thread" in repr(thorough)
    with pytest.raises(SettingsError, match="default, thorough, fast"):
        MTCNN.preset("best")  # type: ignore[arg-type]


def test_the_thorough_preset_finds_smaller_faces(group: NDArray[np.uint8]) -> None:
    small = np.asarray(Image.fromarray(group).resize((420, 270), Image.Resampling.LANCZOS))
    assert (
        len(MTCNN.preset("thorough").detect(small))
        > len(MTCNN().detect(small))
        > len(MTCNN.preset("fast").detect(small))
    )


def test_unknown_names_are_refused() -> None:
    with pytest.raises(EngineError, match="native, reference"):
        MTCNN(engine="cuda")
    with pytest.raises(TypeError):
        MTCNN(min_size=20)  # type: ignore[call-arg]


def test_a_pickled_detector_is_the_same_detector(astronaut: NDArray[np.uint8]) -> None:
    detector = MTCNN(
        min_face_size=33,
        thresholds=[0.5, 0.6, 0.7],
        geometry="classic",
        mirror=True,
        border=0.1,
        threads=1,
        max_pixels=512 * 512,
    )
    again = pickle.loads(pickle.dumps(detector))
    assert again.settings == detector.settings
    assert again.weights == detector.weights
    assert again.engine.description == detector.engine.description
    assert again.detect(astronaut) == detector.detect(astronaut)
    with pytest.raises(ImageError, match="max_pixels"):
        again.detect(Image.new("RGB", (513, 512)))


def test_a_closed_detector_says_so(astronaut: NDArray[np.uint8]) -> None:
    with MTCNN(threads=2) as detector:
        pass
    with pytest.raises(EngineError, match="closed"):
        detector.detect(astronaut)
    detector.close()


class Watched(list[NDArray[np.uint8]]):
    """Pictures that wait for the others when they are read for the last time: by then the core has the call."""

    def __init__(self, pictures: Iterable[NDArray[np.uint8]], inside: threading.Barrier) -> None:
        super().__init__(pictures)
        self._inside = inside
        self._reads = 0

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        self._reads += 1
        if self._reads == 2:  # the first is for their sizes
            self._inside.wait()
        return super().__iter__()


def test_closing_lets_calls_that_run_come_to_their_end(group: NDArray[np.uint8]) -> None:
    detector = MTCNN(threads=3)
    expected = detector.detect(group)
    engine = detector.engine
    found: list[Faces] = []
    inside = threading.Barrier(5, timeout=60)

    def call() -> None:
        found.extend(engine.detect(Watched([group] * 6, inside), detector.settings))

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    inside.wait()
    detector.close()
    for caller in callers:
        caller.join()
    assert len(found) == 24
    assert all(faces == expected for faces in found)


def test_the_repr_tells_what_was_chosen() -> None:
    assert repr(MTCNN(threads=1, min_face_size=40)).startswith("MTCNN(min_face_size=40.0, engine: native, ")


EQUIVARIANCE_SHARE = 0.9


def test_a_mirrored_picture_has_mirrored_faces(detector: MTCNN, group: NDArray[np.uint8]) -> None:
    faces, mirrored = detector.detect(group), detector.detect(group[:, ::-1])
    back = mirrored.boxes[:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + [group.shape[1], 0, group.shape[1], 0]
    assert _share_found(faces.boxes, back) >= EQUIVARIANCE_SHARE


@pytest.mark.parametrize("scale", [0.8, 1.5])
def test_a_resized_picture_has_resized_faces(detector: MTCNN, group: NDArray[np.uint8], scale: float) -> None:
    image = Image.fromarray(group)
    resized = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    large = detector.detect(group)
    large = large[(large.boxes[:, 2] - large.boxes[:, 0]) * min(scale, 1) > 30]
    assert len(large) >= 8
    assert _share_found(large.boxes, detector.detect(resized).boxes / scale) >= EQUIVARIANCE_SHARE


def _share_found(boxes: NDArray[Any], others: NDArray[Any]) -> float:
    return float((iou(boxes, others).max(axis=1) > 0.6).mean())


ORIENTATIONS = {
    1: lambda upright: upright,
    2: np.fliplr,
    3: lambda upright: np.rot90(upright, 2),
    4: np.flipud,
    5: lambda upright: np.transpose(upright, (1, 0, 2)),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: np.transpose(np.rot90(upright, 2), (1, 0, 2)),
    8: lambda upright: np.rot90(upright, -1),
}
"""How a camera that is held that way stores an upright picture."""


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_picture_stored_any_way_round_has_the_faces_of_the_upright_one(
    detector: MTCNN, astronaut: NDArray[np.uint8], expected: Faces, tmp_path: Path, orientation: int
) -> None:
    stored = Image.fromarray(np.ascontiguousarray(ORIENTATIONS[orientation](astronaut)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.png"
    stored.save(path, exif=exif)
    assert detector.detect(path) == expected


def test_photographs_with_an_orientation_are_as_if_turned_by_hand(detector: MTCNN, shared_data: Path) -> None:
    """The files were compressed after turning, so their pixels differ, by 1.5 on average, and their boxes a little."""
    paths = sorted((shared_data / "edge" / "synth" / "images").glob("exif_*.jpg"))
    assert len(paths) == 6
    upright = detector.detect(paths[0])
    upright = upright[upright.scores > 0.99]
    assert len(upright) == 7  # as many are marked
    for path in paths:
        faces = detector.detect(path)
        with Image.open(path) as image:
            turned = ImageOps.exif_transpose(image)
        assert faces == detector.detect(np.asarray(turned))
        assert _share_found(upright.boxes, faces.boxes) == 1
        distance = np.abs(upright.boxes[:, None] - faces.boxes).max(axis=2).min(axis=1)
        assert np.median(distance) <= 2


def test_every_synthetic_picture_is_answered(detector: MTCNN, shared_data: Path) -> None:
    folder = shared_data / "edge" / "synth" / "images"
    for path in sorted(folder.iterdir()):
        faces = detector.detect(path)
        assert np.isfinite(faces.boxes).all()
