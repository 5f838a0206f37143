"""The C++ core against the specification, stage by stage and whole, on every instruction set of this machine."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from facecascade.engines import reference
from facecascade.engines.native import NativeEngine, instruction_sets
from facecascade.engines.reference import GEOMETRIES, ReferenceEngine
from facecascade.errors import EngineError
from facecascade.faces import Faces
from facecascade.settings import Geometry, Settings
from facecascade.trace import Trace
from facecascade.weights import Weights

TENSORS = Weights.load().tensors
REFERENCE = ReferenceEngine(TENSORS)
ENGINES = {name: NativeEngine(TENSORS, instruction_set=name, threads=2) for name in instruction_sets()}

BOX_LIMIT, SCORE_LIMIT, LANDMARK_LIMIT = 0.01, 1e-5, 0.02

sets = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
geometries = pytest.mark.parametrize("geometry", ["subpixel", "classic"])


def random_picture(height: int, width: int, *, seed: int = 0) -> NDArray[np.uint8]:
    """Noise over blocks: every pixel differs, and there is something large to see."""
    random = np.random.default_rng(seed)
    blocks = random.integers(40, 216, (height // 8 + 1, width // 8 + 1, 3))
    large = np.kron(blocks, np.ones((8, 8, 1), np.int64))[:height, :width]
    return (large + random.integers(-40, 40, (height, width, 3))).astype(np.uint8)


def assert_same_faces(found: Faces, expected: Faces) -> None:
    """The same faces in the same order, but for those whose scores are equal within the limit."""
    assert len(found) == len(expected)
    assert (found.landmarks is None) == (expected.landmarks is None)
    if not len(expected):
        return
    assert np.abs(found.scores - expected.scores).max() <= SCORE_LIMIT
    alike = np.abs(found.scores[None] - expected.scores[:, None]) <= SCORE_LIMIT
    apart = np.where(alike, np.abs(found.boxes[None] - expected.boxes[:, None]).max(axis=2), np.inf)
    partner = apart.argmin(axis=1)
    assert len(set(partner)) == len(expected)
    assert apart.min(axis=1).max() <= BOX_LIMIT
    if found.landmarks is not None and expected.landmarks is not None:
        assert np.abs(found.landmarks[partner] - expected.landmarks).max() <= LANDMARK_LIMIT


def assert_same_trace(found: Trace, expected: Trace) -> None:
    assert found.scales == expected.scales
    assert found.candidates == expected.candidates
    assert_same_faces(found.proposals, expected.proposals)
    assert_same_faces(found.refined, expected.refined)
    assert_same_faces(found.faces, expected.faces)


@sets
@given(height=st.integers(1, 200), width=st.integers(1, 200), scale=st.floats(0.02, 2.5), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_a_level_is_equal_to_the_byte(engine: NativeEngine, height: int, width: int, scale: float, seed: int) -> None:
    picture = random_picture(height, width, seed=seed)
    size = max(1, round(height * scale)), max(1, round(width * scale))
    assert np.array_equal(engine.core.level(picture, *size), reference.level(picture, *size))


@sets
@pytest.mark.parametrize("size", [(11, 11), (12, 12), (12, 13), (13, 12), (23, 500), (301, 97), (140, 489), (141, 490)])
def test_the_map_of_pnet_is_equal(engine: NativeEngine, size: tuple[int, int]) -> None:
    picture = random_picture(*size)
    probability, regression = engine.core.pnet(picture)
    expected_probability, expected_regression = reference.pnet(reference.normalised(picture), TENSORS)
    assert probability.shape == expected_probability.shape
    assert np.abs(probability - expected_probability).max() <= 1e-5
    assert np.abs(regression - expected_regression).max() <= 1e-5


@sets
@geometries
def test_rnet_and_onet_are_equal_on_crops_anywhere(engine: NativeEngine, geometry: Geometry) -> None:
    picture = random_picture(150, 210)
    random = np.random.default_rng(4)
    corner = random.uniform(-60, 220, (70, 2))
    boxes = np.concatenate([corner, corner + random.uniform(0.2, 260, (70, 1))], axis=1)
    boxes = GEOMETRIES[geometry].cut(boxes)
    for side, run, expect in [(24, engine.core.rnet, reference.rnet), (48, engine.core.onet, reference.onet)]:
        pixels = reference.normalised(reference.crops(picture, boxes, side, geometry=GEOMETRIES[geometry]))
        score, regression, *landmarks = expect(pixels, TENSORS)
        expected = [score[:, None], regression, *(points.swapaxes(1, 2).reshape(70, 10) for points in landmarks)]
        found = run(picture, boxes, geometry == "classic")
        assert np.abs(found - np.concatenate(expected, axis=1)).max() <= 1e-5


@sets
@geometries
@given(seed=st.integers(0, 9999), count=st.integers(0, 200), smaller=st.booleans())
@settings(max_examples=40, deadline=None)
def test_nms_is_equal(engine: NativeEngine, geometry: Geometry, seed: int, count: int, smaller: bool) -> None:
    random = np.random.default_rng(seed)
    corner = random.integers(0, 60, (count, 2)).astype(np.float64)
    boxes = np.concatenate([corner, corner + random.integers(1, 40, (count, 2))], axis=1)
    scores = random.integers(0, 12, count).astype(np.float32)
    for threshold in (0.5, 0.7):
        expected = reference.nms(
            boxes, scores.astype(np.float64), threshold=threshold, geometry=GEOMETRIES[geometry], smaller=smaller
        )
        found = engine.core.suppress(boxes, scores, threshold, geometry == "classic", smaller)
        assert found == expected.tolist()


@sets
@geometries
def test_every_stage_is_equal_on_the_samples(
    engine: NativeEngine,
    geometry: Geometry,
    astronaut: NDArray[np.uint8],
    grace_hopper: NDArray[np.uint8],
) -> None:
    settings = Settings(geometry=geometry)
    for picture in (astronaut, grace_hopper):
        trace = engine.trace(picture, settings)
        assert_same_trace(trace, _expected(picture, settings))
        assert engine.detect([picture], settings) == [trace.faces]


_EXPECTED: dict[tuple[bytes, Settings], Trace] = {}


def _expected(picture: NDArray[np.uint8], settings: Settings) -> Trace:
    """The reference's answer, which takes seconds, computed once for all instruction sets."""
    key = (picture.tobytes(), settings)
    if key not in _EXPECTED:
        _EXPECTED[key] = REFERENCE.trace(picture, settings)
    return _EXPECTED[key]


BUSY = (0.1, 0.01, 0.0)
"""Thresholds so low that noise, which is no face, keeps every stage busy."""


@sets
@pytest.mark.parametrize("seed", range(12))
def test_every_stage_is_equal_on_noise(engine: NativeEngine, seed: int) -> None:
    height, width = np.random.default_rng(seed).integers(20, 150, 2)
    geometry: Geometry = "classic" if seed % 2 else "subpixel"
    settings = Settings(geometry=geometry, min_face_size=[8, 12, 20, 37.5][seed % 4], thresholds=BUSY, scale_factor=0.6)
    picture = random_picture(height, width, seed=seed)
    assert_same_trace(engine.trace(picture, settings), _expected(picture, settings))


@sets
def test_a_level_that_is_made_in_bands_is_seen_whole(engine: NativeEngine) -> None:
    """Its first level takes 4.6 MB, of which 4 are there at a time; the patches lie on each side of every seam."""
    picture = np.full((1300, 1180, 3), 90, np.uint8)
    picture[8:, :200] = random_picture(1292, 200)
    settings = Settings(min_face_size=12, thresholds=(0.3, 0.1, 0.0), scale_factor=0.5)
    trace, expected = engine.trace(picture, settings), _expected(picture, settings)
    assert expected.candidates[0] > 100
    assert_same_trace(trace, expected)


@sets
@geometries
@given(height=st.integers(1, 200), width=st.integers(1, 200), seed=st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_pictures_of_any_size_are_answered(
    engine: NativeEngine, geometry: Geometry, height: int, width: int, seed: int
) -> None:
    settings = Settings(geometry=geometry, thresholds=BUSY)
    picture = random_picture(height, width, seed=seed)
    trace = engine.trace(picture, settings)
    for faces in (trace.proposals, trace.refined, trace.faces):
        assert np.isfinite(faces.boxes).all()
        assert ((faces.scores >= 0) & (faces.scores <= 1)).all()
    assert (np.diff(trace.faces.scores) <= 0).all()
    if min(height, width) < 20:
        assert trace.scales == ()
        assert len(trace.faces) == 0


SMALL_PHOTOGRAPHS = 12


@geometries
def test_photographs_are_equal_on_every_set(shared_data: Path, geometry: Geometry) -> None:
    paths = sorted((shared_data / "photos").iterdir(), key=lambda path: (path.stat().st_size, path.name))
    for path in paths[:SMALL_PHOTOGRAPHS]:
        picture = np.asarray(Image.open(path).convert("RGB"))
        settings = Settings(geometry=geometry, min_face_size=30)
        expected = _expected(picture, settings)
        for engine in ENGINES.values():
            assert_same_faces(engine.detect([picture], settings)[0], expected.faces)


@sets
def test_threads_batches_and_callers_change_nothing(engine: NativeEngine, group: NDArray[np.uint8]) -> None:
    settings = Settings()
    pictures = [group, group[::-1].copy(), random_picture(90, 40), group[100:400, 50:333].copy(), group[:1, :1].copy()]
    alone = [engine.detect([picture], settings)[0] for picture in pictures]
    assert len(alone[0]) >= 8
    for threads in (1, 2, 7):
        other = NativeEngine(TENSORS, instruction_set=engine.instruction_set, threads=threads)
        assert other.detect(pictures, settings) == alone
        assert _from_many_threads(other, pictures, settings) == alone
        other.close()


def _from_many_threads(
    engine: NativeEngine, pictures: list[NDArray[np.uint8]], settings: Settings
) -> list[Faces | None]:
    found: list[Faces | None] = [None] * len(pictures)

    def work(position: int) -> None:
        found[position] = engine.detect([pictures[position]], settings)[0]

    callers = [threading.Thread(target=work, args=(position,)) for position in range(len(pictures))]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return found


def test_two_stages_end_after_rnet(group: NDArray[np.uint8]) -> None:
    engine = next(iter(ENGINES.values()))
    faces = engine.detect([group], Settings(stages=2))[0]
    assert faces.landmarks is None
    assert faces == engine.trace(group, Settings()).refined


def test_the_seconds_of_the_stages_are_within_those_of_the_call(group: NDArray[np.uint8]) -> None:
    engine = next(iter(ENGINES.values()))
    started = time.perf_counter()
    seconds = engine.stage_seconds(group, Settings())
    whole = time.perf_counter() - started
    assert list(seconds) == ["pyramid", "pnet", "proposals", "rnet", "refined", "onet", "faces"]
    assert min(seconds.values()) > 0
    assert sum(seconds.values()) <= whole


def test_stages_that_did_not_run_took_no_time(group: NDArray[np.uint8]) -> None:
    seconds = next(iter(ENGINES.values())).stage_seconds(group, Settings(stages=2))
    assert seconds["rnet"] > 0
    assert seconds["onet"] == seconds["faces"] == 0


def test_a_read_only_picture_is_read(group: NDArray[np.uint8]) -> None:
    picture = group.copy()
    picture.setflags(write=False)
    engine = next(iter(ENGINES.values()))
    assert engine.detect([picture], Settings()) == engine.detect([group], Settings())


def test_a_closed_engine_says_so_and_may_be_closed_again(group: NDArray[np.uint8]) -> None:
    engine = NativeEngine(TENSORS, threads=2)
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="closed"):
        engine.detect([group], Settings())


def test_closing_ends_the_threads() -> None:
    before = _threads_of_this_process()
    engine = NativeEngine(TENSORS, threads=6)
    assert _threads_of_this_process() == before + 5
    engine.close()
    assert _threads_of_this_process() == before


def _threads_of_this_process() -> int:
    tasks = Path("/proc/self/task")
    if not tasks.is_dir():
        pytest.skip("the threads of a process are counted through /proc, which this system lacks")
    return len(list(tasks.iterdir()))


@pytest.mark.parametrize("threads", [0, -1, 1.5, True, 10**6])
def test_a_wrong_number_of_threads_is_refused(threads: Any) -> None:
    with pytest.raises(EngineError, match="expected threads"):
        NativeEngine(TENSORS, threads=threads)


def test_an_unknown_instruction_set_is_refused() -> None:
    with pytest.raises(EngineError, match=f"{instruction_sets()[0]}.*got 'mmx'"):
        NativeEngine(TENSORS, instruction_set="mmx")


@pytest.mark.skipif("san" in os.environ.get("LD_PRELOAD", ""), reason="a sanitizer needs more memory than is left here")
def test_more_threads_than_the_system_has_are_an_error() -> None:
    code = (
        "import resource, facecascade.engines.native as n, facecascade.weights as w, facecascade.errors as e\n"
        "tensors = w.Weights.load().tensors\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "try:\n    n.NativeEngine(tensors, threads=1000)\n"
        "except e.EngineError as error:\n    print(error)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "did not give 1000 threads" in result.stdout


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork.*:DeprecationWarning")
def test_a_process_forked_in_the_middle_of_a_call_is_not_held_up(forked: Any, astronaut: NDArray[np.uint8]) -> None:
    engine = NativeEngine(TENSORS, threads=2)
    stopping = threading.Event()

    def keep_busy() -> None:
        while not stopping.is_set():
            engine.detect([astronaut[:100, :100].copy()], Settings())

    busy = threading.Thread(target=keep_busy)
    busy.start()
    try:
        for _ in range(30):
            child = forked.Process(target=engine.detect, args=([astronaut], Settings()))
            child.start()
            child.join(timeout=60)
            assert child.exitcode == 0
    finally:
        stopping.set()
        busy.join()


@pytest.fixture
def forked() -> Any:
    if not hasattr(os, "fork") or sys.platform == "darwin":
        pytest.skip("this system does not fork")
    return multiprocessing.get_context("fork")


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork.*:DeprecationWarning")
def test_an_engine_works_and_ends_in_a_forked_process(forked: Any, group: NDArray[np.uint8]) -> None:
    engine = NativeEngine(TENSORS, threads=3)
    expected = engine.detect([group], Settings())[0]
    receiver, sender = forked.Pipe(duplex=False)  # a queue would start a thread, which sanitizers end after a fork

    def child() -> None:
        sender.send(engine.detect([group], Settings())[0])
        engine.close()

    process = forked.Process(target=child)
    process.start()
    assert receiver.poll(timeout=60)
    assert receiver.recv() == expected
    process.join(timeout=60)
    assert process.exitcode == 0
    assert engine.detect([group], Settings())[0] == expected
