"""`facecascade evaluate` in this process, with a detector that finds the red squares of the pictures."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

import facecascade.detector
from facecascade.cli.app import make_app
from facecascade.detector import MTCNN
from facecascade.faces import Faces
from facecascade.read import Color, PictureSource
from facecascade.settings import Settings
from facecascade.weights import Weights

needs_extra = pytest.mark.skipif(
    find_spec("scipy") is None or find_spec("matplotlib") is None, reason="the extra evaluate is not installed"
)
POINTS = np.array([[10, 15], [30, 15], [20, 22], [13, 30], [27, 30]], np.float32)


class Red(MTCNN):
    """Finds the red square of 40 pixels at the left upper corner, if there is one; knows how it was made."""

    made: dict[str, Any]

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        type(self).made = arguments

    def detect_batch(self, pictures: Iterable[PictureSource], *, color: Color = "rgb") -> list[Faces]:
        return [self._faces(np.asarray(picture)) for picture in pictures]

    @staticmethod
    def _faces(picture: NDArray[np.uint8]) -> Faces:
        if picture[20, 20, 1] > 60:
            return Faces.empty()
        return Faces(np.array([[0, 0, 40, 40]], np.float32), np.array([0.9], np.float32), POINTS[None])


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three pictures with a face each; it is red in two of them."""
    monkeypatch.setattr(facecascade.detector, "MTCNN", Red)
    monkeypatch.chdir(tmp_path)
    Path("pictures").mkdir()
    face = {"box": [0, 0, 40, 40], "landmarks": POINTS.tolist(), "ignore": False}
    annotations = [{"image": f"images/{name}.png", "faces": [face]} for name in "abc"]
    Path("annotations.json").write_text(json.dumps(annotations), encoding="utf-8")
    ellipses = "".join(f"images/{name}\n1\n20 20 0 20 20 1\n" for name in "abc")
    Path("FDDB-fold-01-ellipseList.txt").write_text(ellipses, encoding="utf-8")
    for name, green in (("a", 0), ("b", 90), ("c", 0)):
        pixels = np.full((60, 80, 3), 90, np.uint8)
        pixels[:40, :40] = (255, green, 0)
        Image.fromarray(pixels).save(f"pictures/{name}.png")


def run(*arguments: str | Path) -> SimpleNamespace:
    result = CliRunner().invoke(make_app(), ["evaluate", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return SimpleNamespace(code=result.exit_code, out=result.stdout, err=result.stderr)


def cells(text: str, *start: str) -> list[str]:
    """The cells of the row that starts so."""
    rows = [line.split() for line in text.splitlines()]
    return next(row for row in rows if row[: len(start)] == list(start))


def test_wider_on_our_own_detector() -> None:
    result = run("wider", "--truth", "annotations.json", "--pictures", "pictures", "--min-face-size", "33")
    assert result.code == 0
    assert cells(result.out, "facecascade", "all")[2] == "0.6667"
    assert cells(result.out, "facecascade", "32", "to", "64")[4:] == ["2", "3", "66.7%"]
    assert "3 pictures, 2 faces in" in result.err
    assert Red.made["min_face_size"] == 33


def test_landmarks_on_our_own_detector() -> None:
    result = run("landmarks", "--truth", ".", "--pictures", "pictures")
    assert result.code == 0
    assert cells(result.out, "facecascade", "eyes")[2] == "0.0000"
    assert cells(result.out, "facecascade", "eyes")[-1] == "2/3"


@needs_extra
def test_fddb_on_our_own_detector() -> None:
    result = run("fddb", "--truth", ".", "--pictures", "pictures")
    assert result.code == 0
    assert cells(result.out, "facecascade")[1] == "0.6667"
    assert f"{np.pi / 4 * 2 / 3:.4f}" in result.out


def test_detections_of_several_detectors() -> None:
    found = {name: [[0, 0, 40, 40, 0.8]] for name in "abc"}
    Path("all.json").write_text(json.dumps(found), encoding="utf-8")
    Path("one.json").write_text(json.dumps(found | {"a": [], "b": []}), encoding="utf-8")
    result = run("wider", "--truth", "annotations.json", "--detections", "one.json", "--detections", "all.json")
    assert result.code == 0
    assert cells(result.out, "one", "all")[2] == "0.3333"
    assert cells(result.out, "all", "all")[2] == "1.0000"
    assert "Difference to one, paired by picture" in result.out
    assert cells(result.out[result.out.index("Difference") :], "all", "all")[2] == "+0.6667"


@needs_extra
def test_results_are_kept() -> None:
    result = run("wider", "--truth", "annotations.json", "--pictures", "pictures", "-o", "out", "--rounds", "50")
    assert result.code == 0
    names = {path.name for path in Path("out").iterdir()}
    assert {"result.json", "misses.png", "calibration.svg", "precision-recall-all.png"} <= names
    values = json.loads(Path("out/result.json").read_text("utf-8"))
    assert values["settings"] == Settings().to_dict()
    sha256 = Weights.load().sha256
    assert (values["weights_sha256"], values["truth"], values["pictures"]) == (sha256, "annotations.json", 3)


@needs_extra
def test_the_settings_kept_are_the_effective_ones() -> None:
    options = ("--preset", "thorough", "--scale-factor", "0.75", "--rounds", "0")
    assert run("wider", "--truth", "annotations.json", "--pictures", "pictures", "-o", "out", *options).code == 0
    assert json.loads(Path("out/result.json").read_text("utf-8"))["settings"] == {
        "min_face_size": 10.0,
        "scale_factor": 0.75,
        "thresholds": [0.5, 0.5, 0.3],
        "geometry": "subpixel",
        "stages": 3,
        "mirror": True,
        "border": 0.0,
    }


def test_files_of_one_name_are_called_by_their_paths() -> None:
    for folder in ("x", "y"):
        Path(folder).mkdir()
        Path(folder, "f.json").write_text(json.dumps({name: [] for name in "abc"}), encoding="utf-8")
    result = run("wider", "--truth", "annotations.json", "--detections", "x/f.json", "--detections", "y/f.json")
    assert cells(result.out, "x/f.json", "all")[2] == "0.0000"
    result = run("wider", "--truth", "annotations.json", "--detections", "x/f.json", "--detections", "x/f.json")
    assert (result.code, "one of them twice" in result.err) == (2, True)


def test_missing_pictures_are_an_error_unless_told_otherwise() -> None:
    Path("pictures/b.png").unlink()
    arguments = ("wider", "--truth", "annotations.json", "--pictures", "pictures", "--rounds", "0")
    result = run(*arguments)
    assert result.code == 2
    assert "all 3 marked pictures, got 1 without detections, such as 'images/b.png'" in result.err
    assert cells(run(*arguments, "--missing", "empty").out, "facecascade", "all")[2] == "0.6667"
    assert cells(run(*arguments, "--missing", "skip").out, "facecascade", "all")[2:] == ["1.0000", "2"]


def test_an_unreadable_picture_is_told_and_is_missing() -> None:
    Path("pictures/b.png").write_bytes(b"broken")
    result = run("wider", "--truth", "annotations.json", "--pictures", "pictures", "--missing", "skip")
    assert result.code == 1
    assert "b.png" in result.err
    assert cells(result.out, "facecascade", "all")[2] == "1.0000"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("voc", "--truth", "annotations.json", "--pictures", "pictures"), "wider, fddb, landmarks, got 'voc'"),
        (("wider", "--truth", "annotations.json"), "--pictures DIR, to find faces in, or --detections"),
        (("wider", "--truth", "none.json", "--pictures", "pictures"), "none.json: expected a JSON file"),
        (("wider", "--truth", "annotations.json", "--detections", "none.json"), "none.json: expected a JSON file"),
        (("wider", "--truth", "annotations.json", "--pictures", "none"), "none: expected a file or a folder"),
        (("wider", "--truth", "annotations.json", "--pictures", "pictures", "--missing", "x"), "fail, empty, skip"),
        (("wider", "--truth", "annotations.json", "--pictures", "pictures", "--rounds", "-1"), "at least 0, got -1"),
        (("wider", "--truth", ".", "--pictures", "pictures", "--iou", "1.5"), "above 0 and up to 1, got 1.5"),
        (("landmarks", "--truth", ".", "--pictures", "pictures", "--match", "x"), '"centre" or "overlap", got \'x\''),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.code == 2
    assert message in result.err
    assert "Traceback" not in result.err
    assert result.err.strip().splitlines()[-1].startswith("facecascade: error: ")


def test_help_names_the_protocols() -> None:
    assert "wider|fddb|landmarks" in run("--help").out
