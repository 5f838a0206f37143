"""A package's process: its answers, and the runner's end of it."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.peers import worker
from benchmarks.peers.client import THREAD_VARIABLES, Client, PeerError, worker_environment
from benchmarks.peers.peer import Options
from facecascade import MTCNN

FACE = {"box": [1.0, 2.0, 3.0, 4.0], "score": 0.5, "landmarks": [[0.0, 0.0]] * 5}


class FakeDetector:
    """One face in each picture that is not black."""

    def __init__(self, options: Options) -> None:
        self.options = options

    def versions(self) -> dict[str, str]:
        return {"threads": str(self.options.threads)}

    def detect(self, pixels: NDArray[np.uint8]) -> Any:
        return [FACE] if pixels.any() else []

    def faces(self, result: Any) -> list[dict[str, Any]]:
        return list(result)


@pytest.fixture
def pixels(tmp_path: Path) -> Path:
    """A white picture of 30 x 20 pixels."""
    np.save(tmp_path / "pixels.npy", np.full((20, 30, 3), 255, np.uint8))
    return tmp_path / "pixels.npy"


def answers(requests: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    monkeypatch.setattr(worker, "load_detector", lambda _, options: FakeDetector(options))
    written = io.StringIO()
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    worker.serve(worker.Worker("fake"), io.StringIO(lines), written)
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_whole_conversation(pixels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load: dict[str, Any] = {"do": "load", "options": {"min_face_size": 30, "threads": 5, "geometry": "classic"}}
    requests: list[dict[str, Any]] = [load, {"do": "picture", "path": str(pixels)}, {"do": "detect"}, {"do": "faces"}]
    loaded, picture, detected, faces = answers(requests, monkeypatch)
    assert loaded["versions"] == {"threads": "5"}
    assert picture == {"shape": [20, 30, 3]}
    assert (detected["faces"], detected["seconds"] > 0, detected["waited"] >= 0) == (1, True, True)
    assert faces == {"faces": [FACE]}


@pytest.mark.parametrize("request_", [{"do": "detect"}, {"do": "faces"}, {"do": "dance"}, {}])
def test_a_failure_is_an_answer_and_the_process_goes_on(
    request_: dict[str, Any], pixels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed, picture = answers([request_, {"do": "picture", "path": str(pixels)}], monkeypatch)
    assert "Traceback" in failed["error"]
    assert picture == {"shape": [20, 30, 3]}


def test_the_process_finds_what_the_package_finds(pixels: Path) -> None:
    random = np.random.default_rng(4).integers(0, 256, (60, 80, 3), np.uint8)
    np.save(pixels, random)
    options = Options(min_face_size=20, threads=1)
    with Client("facecascade", python=Path(sys.executable), options=options, isolated=False) as client:
        assert "1 thread" in client.versions["engine"]
        client.set_picture(pixels)
        turn = client.detect()
        found = client.faces()
    with MTCNN() as detector:
        expected = detector.detect(random)
    assert turn.faces == len(expected)
    assert turn.seconds > 0
    assert np.array_equal(found.boxes, expected.boxes)


def test_errors_in_the_process_are_raised_here(pixels: Path) -> None:
    options = Options(min_face_size=-1)
    with pytest.raises(PeerError, match=r"facecascade failed to load:(.|\n)*SettingsError"):
        Client("facecascade", python=Path(sys.executable), options=options, isolated=False)
    with Client("facecascade", python=Path(sys.executable), options=Options(), isolated=False) as client:
        with pytest.raises(PeerError, match=r"facecascade failed to picture:(.|\n)*FileNotFoundError"):
            client.set_picture(pixels.with_name("missing.npy"))
        client.close()


def test_a_process_that_dies_is_an_error() -> None:
    with pytest.raises(PeerError, match="ended with exit code 1"):
        Client("facecascade", python=Path("/bin/false"), options=Options(), isolated=False)


def test_threads_are_set_and_an_isolated_process_has_no_python_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "somewhere")
    monkeypatch.setenv("OMP_NUM_THREADS", "16")
    shared, isolated = worker_environment(3, isolated=False), worker_environment(3, isolated=True)
    assert {shared[name] for name in THREAD_VARIABLES} == {"3"}
    assert (shared["PYTHONPATH"], isolated.get("PYTHONPATH")) == ("somewhere", None)
    assert {isolated[name] for name in THREAD_VARIABLES} == {"3"}
