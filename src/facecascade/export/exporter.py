"""Networks and the cascade in files of other runtimes, each checked before it appears: `export`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from facecascade.errors import SettingsError
from facecascade.export.check import CASCADE_LIMITS, NETWORK_LIMITS, check_cascade, check_network
from facecascade.export.runners import KerasRunner, LiteRTRunner, OnnxRunner, Runner, SavedModelRunner
from facecascade.export.sample import sample_picture
from facecascade.export.writers import write_keras, write_litert, write_onnx, write_saved_model
from facecascade.files import beside
from facecascade.read import PictureSource, read_picture
from facecascade.settings import Settings
from facecascade.weights import Weights

Format = Literal["onnx", "litert", "keras", "tf-saved-model"]
Part = Literal["cascade", "pnet", "rnet", "onet"]

FORMATS: Final[tuple[Format, ...]] = get_args(Format)
PARTS: Final[tuple[Part, ...]] = get_args(Part)


@dataclass(frozen=True)
class _Way:
    """How a format is written and run, and how its files end."""

    suffix: str
    write: Callable[[Path, str, Weights, Settings], None]
    runner: type[Runner]


_WAYS: Final[Mapping[str, _Way]] = {
    "onnx": _Way(".onnx", write_onnx, OnnxRunner),
    "litert": _Way(".tflite", write_litert, LiteRTRunner),
    "keras": _Way(".keras", write_keras, KerasRunner),
    "tf-saved-model": _Way("", write_saved_model, SavedModelRunner),
}


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A file that was written, and how far it is from the specification.

    Attributes:
        path: of the file; a folder for "tf-saved-model".
        to: its format.
        part: what is in it.
        size: in bytes.
        runtime: what ran it for the check.
        picture: (height, width) of the picture it was checked on, in pixels.
        faces: how many both found in it; None for a network.
        differences: the largest of each output, by name: boxes and landmarks of the cascade in pixels, all else in
            shares.
        limits: the largest that are allowed.
    """

    path: Path
    to: Format
    part: Part
    size: int
    runtime: str
    picture: tuple[int, int]
    faces: int | None
    differences: Mapping[str, float]
    limits: Mapping[str, float]


def export(
    path: str | os.PathLike[str],
    *,
    to: Format,
    part: Part = "cascade",
    weights: str | os.PathLike[str] | Mapping[str, Any] | Weights | None = None,
    settings: Settings | None = None,
    check_on: PictureSource | None = None,
) -> Exported:
    """Write a network or the whole cascade for another runtime.

    The file appears only when its own runtime has run it and found what the reference engine finds; an older one stays
    until then. What is in it: `docs/export.md`.

    Args:
        path: of the file, ending in .onnx, .tflite or .keras; "tf-saved-model" makes a folder.
        to: "onnx"; or, for the networks alone, "litert", "keras" or "tf-saved-model".
        part: "cascade", or one of "pnet", "rnet" and "onet".
        weights: as of `facecascade.MTCNN`.
        settings: how the cascade searches; they become part of the file. None for the defaults.
        check_on: the picture to check it on; None for one that is drawn here.

    Raises:
        SettingsError: the choices do not fit together.
        WeightsError: the weights cannot be read.
        ImageError: the picture cannot be read.
        MissingExtra: a library is not installed; the message has the command.
        EngineError: Keras has a backend that cannot write this format.
        ExportError: TensorFlow is missing, or what was written computes something else.
        OSError: the file cannot be written.
    """
    target = Path(path)
    way = _way(target, to=to, part=part, settings=settings)
    weights = weights if isinstance(weights, Weights) else Weights.load(weights)
    picture = sample_picture() if check_on is None else read_picture(check_on)
    chosen = settings or Settings()
    way.runner.library()  # if it is missing, that is said before anything is written
    with beside(target) as aside:
        way.write(aside, part, weights, chosen)
        run = way.runner(aside)
        if part == "cascade":
            differences, faces = check_cascade(run, weights.tensors, picture, chosen)
        else:
            differences, faces = check_network(run, part, weights.tensors, picture), None
        size = _size(aside)
    return Exported(
        path=target,
        to=to,
        part=part,
        size=size,
        runtime=run.name,
        picture=picture.shape[:2],
        faces=faces,
        differences=differences,
        limits=CASCADE_LIMITS if part == "cascade" else NETWORK_LIMITS,
    )


def _way(target: Path, *, to: str, part: str, settings: Settings | None) -> _Way:
    """How to write this part in this format, if that can be."""
    if to not in _WAYS:
        raise SettingsError(f"expected to export to one of {', '.join(FORMATS)}, got {to!r}")
    if part not in PARTS:
        raise SettingsError(f"expected part to be one of {', '.join(PARTS)}, got {part!r}")
    if part == "cascade" and to != "onnx":
        raise SettingsError(
            f"expected part pnet, rnet or onet for {to}, got cascade: only onnx holds the whole cascade"
        )
    if part != "cascade" and settings is not None:
        raise SettingsError(f"expected no settings of the search for {part}, which is one network; cascade has them")
    if settings is not None and settings.mirror:
        raise SettingsError("expected mirror=False: the exported cascade looks at a picture once (--no-mirror)")
    way = _WAYS[to]
    if way.suffix and target.suffix.lower() != way.suffix:
        raise SettingsError(f"expected a file that ends in {way.suffix} for {to}, got {target}")
    if target.is_dir() or (target.exists() and not way.suffix):
        raise SettingsError(f"expected a place where nothing is yet, or a file to replace, got {target}")
    return way


def _size(path: Path) -> int:
    """Bytes of a file, or of all files of a folder."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)
