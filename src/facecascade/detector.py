"""`MTCNN`: settings, weights and an engine, put together."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from facecascade import views
from facecascade.engines import Engine, make_engine
from facecascade.errors import EngineError, ImageError
from facecascade.faces import LANDMARK_NAMES, Face, Faces
from facecascade.read import MAX_PIXELS, Color, PictureSource, read_ahead, read_picture
from facecascade.settings import Geometry, Preset, Settings, Stages, preset_values
from facecascade.study import Study
from facecascade.trace import Trace
from facecascade.weights import Weights

STREAM_BATCH = 8
"""Pictures that a stream detects in one call, at the most."""
STREAM_AHEAD = 16
"""Pictures that are decoded ahead of the detector."""
READ_THREADS = 2
"""Pictures that are decoded at the same time."""


class MTCNN:
    """Finds faces in pictures.

    It holds no state but its settings and weights: any number of threads may call one detector at once, it can be
    pickled, and it is a context manager that ends its threads.

    Args:
        min_face_size: side in pixels of the smallest square that is looked for; time grows with its inverse square.
        scale_factor: ratio of the sides of neighbouring levels of the image pyramid.
        thresholds: probabilities that a window must reach to pass P-Net, R-Net and O-Net.
        geometry: "subpixel" keeps boxes as floats all the way; "classic" repeats the published ports to the pixel.
        stages: 3 for the whole cascade; 2 stops after R-Net, without landmarks.
        mirror: look at the mirror image too, and give each face the mean of both boxes, landmarks and scores, and one
            that is found in one of the two alone half its score: more of the faces, better scores, twice the time.
        border: width of a grey border around the picture, as a share of its shorter side, for faces cut by its edge.
        weights: None for the bundled ones; a path to `.safetensors` or to a legacy `.npy`; a mapping with the keys
            pnet, rnet, onet; or `Weights`.
        engine: "native" (C++), "reference" (NumPy, slow, the specification) or "keras" (TensorFlow, JAX or PyTorch).
        threads: how many threads work on one call, the caller included; None for as many as this process may use. The
            backends of "keras" have their own.
        device: where "keras" runs: "cpu", "gpu", "gpu:1", "tpu"; None for what its backend prefers.
        max_pixels: files and Pillow images of more pixels are refused, arrays never; None for no limit.

    Raises:
        SettingsError: a setting cannot work.
        WeightsError: the weights cannot be read or have a wrong shape.
        EngineError: there is no such engine or device here.
        MissingExtra: the engine needs a library that is not installed.
    """

    def __init__(
        self,
        *,
        min_face_size: float = 20,
        scale_factor: float = 0.709,
        thresholds: Sequence[float] = (0.6, 0.7, 0.7),
        geometry: Geometry = "subpixel",
        stages: Stages = 3,
        mirror: bool = False,
        border: float = 0,
        weights: str | Path | Mapping[str, Any] | Weights | None = None,
        engine: str = "native",
        threads: int | None = None,
        device: str | None = None,
        max_pixels: int | None = MAX_PIXELS,
    ) -> None:
        self._settings = Settings(
            min_face_size=min_face_size,
            scale_factor=scale_factor,
            thresholds=thresholds,  # type: ignore[arg-type]  # Settings makes a tuple of any sequence
            geometry=geometry,
            stages=stages,
            mirror=mirror,
            border=border,
        )
        self._weights = weights if isinstance(weights, Weights) else Weights.load(weights)
        self._threads = threads
        self._device = device
        self._max_pixels = max_pixels
        self._engine = make_engine(engine, self._weights.tensors, threads=threads, device=device)

    @classmethod
    def preset(cls, name: Preset, **changes: Any) -> Self:
        """A detector with the settings of this name: "default", "thorough", "fast" or "careful"; see `PRESETS`.

        Args:
            name: which settings.
            changes: any arguments of `MTCNN`, in place of the preset's.

        Raises:
            SettingsError: there is no preset of this name.
        """
        return cls(**(preset_values(name) | changes))

    @property
    def settings(self) -> Settings:
        """How it searches."""
        return self._settings

    @property
    def weights(self) -> Weights:
        """What it searches with."""
        return self._weights

    @property
    def engine(self) -> Engine:
        """What it runs on."""
        return self._engine

    def detect(self, picture: PictureSource, *, color: Color = "rgb") -> Faces:
        """Faces of one picture, best score first.

        Args:
            picture: path, encoded bytes, binary file, PIL image, or array (h, w[, 1 | 3 | 4]).
            color: order of the channels if `picture` is an array: "rgb" or "bgr".

        Returns:
            Boxes and landmarks in pixels of the upright picture, as floats, not clipped to it; length 0 if there are
            no faces.

        Raises:
            ImageError: the picture cannot be read, or is none; the message names it.
            EngineError: the detector is closed.
        """
        return self._find([self._read(picture, color)])[0]

    def detect_batch(self, pictures: Iterable[PictureSource], *, color: Color = "rgb") -> list[Faces]:
        """Faces of each picture, of any sizes: bit for bit what `detect` finds in each alone, in less time.

        The backends of engine "keras" sum in another order in a batch: there, to the last digits of float32.

        All pictures are in memory together; `detect_stream` takes any number.

        Raises:
            ImageError: a picture cannot be read, or is none; the message names it and its position.
            EngineError: the detector is closed.
        """
        return self._find(list(self._pixels(pictures, color)))

    def detect_stream(self, pictures: Iterable[PictureSource], *, color: Color = "rgb") -> Generator[Faces, None, None]:
        """Faces of each picture as `detect_batch` finds them, in order, for any number of pictures.

        Pictures are taken from the iterable, and decoded in threads, up to `STREAM_AHEAD` ahead of the detector.

        Raises:
            ImageError: a picture cannot be read; raised when its turn comes, with its name and position.
            EngineError: the detector is closed.
        """
        with closing(self._pixels(pictures, color)) as reading:
            ended: Exception | None = None
            size = 1  # at first, since nothing is detected while a batch is decoded
            while ended is None:
                batch, ended = _next_batch(reading, size)
                yield from self._find(batch)
                size = min(2 * size, STREAM_BATCH)
            if not isinstance(ended, StopIteration):
                raise ended

    def detect_faces(self, picture: PictureSource, *, color: Color = "rgb") -> list[dict[str, Any]]:
        """Faces of one picture in the form that the `mtcnn` package made common, ready for `json.dumps`.

        Returns:
            A dict a face: "box" [x, y, width, height], "confidence", and "keypoints" with [x, y] of each landmark by
            name. Numbers but the confidence are whole, cut towards zero, x and y of the box at least 0, as there.

        Raises:
            ImageError: the picture cannot be read, or is none.
            EngineError: the detector is closed, or stops before O-Net and has no keypoints.
        """
        if self._settings.stages == 2:
            raise EngineError("detect_faces needs landmarks, which stages=2 does not find: use detect, or stages=3")
        return [_classic_dict(face) for face in self.detect(picture, color=color)]

    def trace(self, picture: PictureSource, *, color: Color = "rgb") -> Trace:
        """One pass over one picture, with what each stage of the cascade let through.

        The pass knows no `mirror` and no `border`: with one of them its faces are not those of `detect`.
        """
        return self._engine.trace(self._read(picture, color), self._settings)

    def study(self, picture: PictureSource, *, color: Color = "rgb") -> Study:
        """One pass over one picture, with everything that the networks saw and said on the way.

        For people who study the cascade: whatever the engine of this detector, `reference` does it, in NumPy, which
        takes seconds, and memory for every crop. The pass knows no `mirror` and no `border`, as with `trace`.

        Raises:
            ImageError: the picture cannot be read, or is none.
        """
        from facecascade.engines.reference import ReferenceEngine

        return ReferenceEngine(self._weights.tensors).study(self._read(picture, color), self._settings)

    def close(self) -> None:
        """End the detector's threads; later calls raise `EngineError`. May be called twice."""
        self._engine.close()

    def _find(self, pictures: list[NDArray[np.uint8]]) -> list[Faces]:
        return views.detect(self._engine, pictures, self._settings)

    def _read(self, picture: PictureSource, color: Color) -> NDArray[np.uint8]:
        return read_picture(picture, color=color, max_pixels=self._max_pixels)

    def _pixels(self, pictures: Iterable[PictureSource], color: Color) -> Generator[NDArray[np.uint8], None, None]:
        """The pictures, decoded in threads ahead of the caller; one that cannot be read raises at its turn."""
        reading = read_ahead(
            pictures, threads=READ_THREADS, depth=STREAM_AHEAD, color=color, max_pixels=self._max_pixels
        )
        with closing(reading):
            for position, result in enumerate(reading):
                if result.pixels is None:
                    raise ImageError(f"picture {position} of the batch: {result.error}") from result.error
                yield result.pixels

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        arguments = self._settings.to_dict() | {
            "weights": self._weights,
            "engine": self._engine.name,
            "threads": self._threads,
            "device": self._device,
            "max_pixels": self._max_pixels,
        }
        return _make, (arguments,)

    def __repr__(self) -> str:
        changed = {name: value for name, value in vars(self._settings).items() if value != getattr(Settings(), name)}
        parts = [f"{name}={value!r}" for name, value in changed.items()] + [f"engine: {self._engine.description}"]
        return f"MTCNN({', '.join(parts)})"


def _make(arguments: dict[str, Any]) -> MTCNN:
    return MTCNN(**arguments)


def _next_batch(reading: Iterator[NDArray[np.uint8]], size: int) -> tuple[list[NDArray[np.uint8]], Exception | None]:
    """The next pictures, and what ended the reading if anything did: the pictures before an error still count."""
    batch: list[NDArray[np.uint8]] = []
    try:
        while len(batch) < size:
            batch.append(next(reading))
    except Exception as error:  # noqa: BLE001 - raised by the caller, after the pictures before it
        return batch, error
    return batch, None


def _classic_dict(face: Face) -> dict[str, Any]:
    x, y = max(0, int(face.box[0])), max(0, int(face.box[1]))
    points = [] if face.landmarks is None else face.landmarks.tolist()
    return {
        "box": [x, y, int(face.box[2] - x), int(face.box[3] - y)],
        "confidence": face.score,
        "keypoints": {name: [int(px), int(py)] for name, (px, py) in zip(LANDMARK_NAMES, points, strict=True)},
    }
