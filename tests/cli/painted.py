"""A detector that finds what the pictures say, such pictures, and the commands in this process."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

from facecascade.cli.app import make_app
from facecascade.detector import MTCNN
from facecascade.errors import EngineError, WeightsError
from facecascade.faces import Faces
from facecascade.read import Color, PictureSource
from facecascade.settings import Settings

Pixels = NDArray[np.uint8]


class Painted(MTCNN):
    """Finds a face for every red square of 20 pixels on a grid of 40; knows how it was made."""

    made: dict[str, Any]
    settings = Settings()
    weights = cast("Any", SimpleNamespace(name="painted", sha256="0" * 64))

    def __init__(self, **arguments: Any) -> None:
        type(self).made = arguments
        if arguments["engine"] == "none":
            raise EngineError("expected an engine,\n got none")
        if "weights" in arguments:
            raise WeightsError(f"expected weights, got {arguments['weights']}")

    def detect_batch(self, pictures: Iterable[PictureSource], *, color: Color = "rgb") -> list[Faces]:
        return [self._faces(np.asarray(picture)) for picture in pictures]

    @staticmethod
    def _faces(picture: Pixels) -> Faces:
        rows, columns = np.nonzero((picture[10::40, 10::40, 0] > 200) & (picture[10::40, 10::40, 1] < 50))
        if not len(rows):
            return Faces.empty()
        x, y = columns * 40.0, rows * 40.0
        boxes = np.stack([x, y, x + 20, y + 20], axis=1).astype(np.float32)
        points = (np.array([[5, 8], [15, 8], [10, 12], [6, 16], [14, 16]]) + boxes[:, None, :2]).astype(np.float32)
        return Faces(boxes, np.linspace(0.95, 0.75, len(rows), dtype=np.float32), points)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def paint(path: Path, faces: int) -> None:
    picture = np.full((100, 240, 3), 90, np.uint8)
    for number in range(faces):
        picture[:20, 40 * number : 40 * number + 20] = (255, 0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path, quality=98, subsampling=0) if path.suffix == ".jpg" else Image.fromarray(
        picture
    ).save(path)


def run(*arguments: str | Path, stdin: str | None = None) -> SimpleNamespace:
    result = CliRunner().invoke(make_app(), [str(argument) for argument in arguments], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return SimpleNamespace(code=result.exit_code, out=result.stdout, err=result.stderr)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def tree(folder: Path) -> list[str]:
    """All files but journals and reports."""
    hidden = ("journal.sqlite", "report.html")
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(hidden))
    return sorted(path.relative_to(folder).as_posix() for path in found)
