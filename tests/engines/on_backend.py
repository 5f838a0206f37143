"""A process that runs Keras on one backend, since a process has one: functions by name, arrays in and out.

`Remote` is the test's end; `python -m tests.engines.on_backend` the other, with KERAS_BACKEND in its environment.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from facecascade.faces import Faces
from facecascade.settings import Settings
from facecascade.trace import Trace
from facecascade.weights import Weights

ROOT = Path(__file__).resolve().parents[2]
Picture = NDArray[np.uint8]


class Remote:
    """A process with Keras on a backend: `remote("detect", pictures, settings)`."""

    def __init__(self, backend: str, **environment: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.engines.on_backend"],
            cwd=ROOT,
            env=os.environ | {"KERAS_BACKEND": backend} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __call__(self, name: str, *arguments: Any) -> Any:
        """What the function of this name returns there; its error is raised here."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump((name, arguments), self._process.stdin)
        self._process.stdin.flush()
        result = pickle.load(self._process.stdout)
        if isinstance(result, Exception):
            raise result
        return result

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait(60)


def backend() -> str:
    """Which backend Keras has."""
    from facecascade.backend import keras

    name: str = keras.backend.backend()
    return name


def outputs(net: str, pixels: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """What a network says."""
    from facecascade.backend import keras

    return {name: keras.ops.convert_to_numpy(value) for name, value in _model(net)(pixels).items()}


def saved_and_loaded(net: str, path: str) -> dict[str, NDArray[np.float32]]:
    """Weights of a network that went through a `.keras` file, which plain Keras reads."""
    from facecascade.backend import keras
    from facecascade.networks import tensors_of

    _model(net).save(path)
    return tensors_of(keras.models.load_model(path))


def untrained_then_loaded(net: str) -> dict[str, NDArray[np.float32]]:
    """Weights put into a network that had random ones."""
    from facecascade import networks

    model = getattr(networks, net)()
    networks.load_tensors(model, Weights.load().tensors)
    return networks.tensors_of(model)


def layer_names(net: str) -> list[str]:
    """Names of the layers in order."""
    return [layer.name for layer in _model(net).layers]


def loaded_with(net: str, changes: dict[str, Any]) -> None:
    """A network with some of its tensors replaced, those that are None left out."""
    from facecascade import networks

    tensors = {name: value for name, value in {**Weights.load().tensors, **changes}.items() if value is not None}
    getattr(networks, net)(tensors)


def renamed() -> None:
    """The weights of a model that is none of the three."""
    from facecascade.backend import keras
    from facecascade.networks import tensors_of

    tensors_of(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)], name="mine"))


def level(pictures: Picture, sizes: list[tuple[int, int]], scale: float) -> Any:
    """One pyramid level of pictures in a bucket."""
    from facecascade.backend import keras
    from facecascade.engines.keras.levels import axis
    from facecascade.engines.keras.pyramid import level as on_device
    from facecascade.settings import level_size

    bucket = pictures.shape[1:3]
    sides = [[axis(size[side], bucket=bucket[side], scale=scale) for size in sizes] for side in (0, 1)]
    rows, columns = (
        (np.stack([one.starts for one in axes]), np.stack([one.weights for one in axes])) for axes in sides
    )
    cells = level_size(bucket[0], bucket[1], scale)
    tensors = [keras.ops.convert_to_tensor(value) for value in (pictures, *rows, *columns)]
    return _host(on_device(tensors[0], tuple(tensors[1:3]), tuple(tensors[3:5]), cells=cells))


def crops(
    pictures: Picture, sizes: list[tuple[int, int]], owner: list[int], boxes: NDArray[np.float32], geometry: str
) -> Any:
    """Crops of 24 pixels."""
    from facecascade.backend import keras
    from facecascade.engines.keras import crops as on_device
    from facecascade.engines.reference import GEOMETRIES

    tensors = [
        keras.ops.convert_to_tensor(value) for value in (np.array(sizes, np.int32), np.array(owner, np.int32), boxes)
    ]
    sums = on_device.integral(keras.ops.convert_to_tensor(pictures))
    return _host(on_device.crops(sums, *tensors, side=24, geometry=GEOMETRIES[geometry]))


def kept(boxes: NDArray[np.float32], present: NDArray[np.bool_], threshold: float, smaller: bool) -> NDArray[np.bool_]:
    """Non-maximum suppression of boxes that are in order."""
    from facecascade.backend import keras
    from facecascade.engines.keras.boxes import suppress
    from facecascade.engines.reference import GEOMETRIES

    tensors = [keras.ops.convert_to_tensor(value) for value in (boxes, present)]
    stay: NDArray[np.bool_] = _host(
        suppress(*tensors, threshold=threshold, geometry=GEOMETRIES["subpixel"], smaller=smaller)
    )
    return stay


def detect(pictures: list[Picture], settings: Settings) -> list[Faces]:
    """Faces of the pictures, in one call."""
    found: list[Faces] = _engine().detect(pictures, settings)
    return found


def trace(picture: Picture, settings: Settings) -> Trace:
    """The path of one picture."""
    traced: Trace = _engine().trace(picture, settings)
    return traced


def compilations(sizes: list[tuple[int, int]], settings: Settings) -> list[int]:
    """How often stages had been compiled after a picture of each of these sizes, one after the other."""
    from facecascade.engines.keras import KerasEngine

    engine = KerasEngine(Weights.load().tensors, device="cpu")
    counts = []
    for size in sizes:
        engine.detect([np.zeros((*size, 3), np.uint8)], settings)
        counts.append(engine.compilations(settings))
    return counts


def make_detector(arguments: dict[str, Any]) -> str:
    """The detector as it describes itself."""
    from facecascade import MTCNN

    with MTCNN(engine="keras", **arguments) as detector:
        return detector.engine.description


def through_pickle(picture: Picture) -> Faces:
    """Faces from a detector that was pickled."""
    from facecascade import MTCNN

    copy = pickle.loads(pickle.dumps(MTCNN(engine="keras", device="cpu", min_face_size=60)))
    faces: Faces = copy.detect(picture)
    return faces


def after_closing(picture: Picture) -> None:
    """A detector that is used when it is closed."""
    from facecascade import MTCNN

    detector = MTCNN(engine="keras")
    detector.close()
    detector.close()
    detector.detect(picture)


def changed_environment() -> list[str]:
    """Variables of the environment that importing this package's Keras side sets or changes."""
    import keras  # noqa: F401 - what it does itself is not ours

    before = dict(os.environ)
    from facecascade.engines.keras import KerasEngine

    KerasEngine(Weights.load().tensors)
    return sorted(name for name in before | os.environ if before.get(name) != os.environ.get(name))


@lru_cache
def _engine() -> Any:
    from facecascade.engines.keras import KerasEngine

    return KerasEngine(Weights.load().tensors, device="cpu")


@lru_cache
def _model(net: str) -> Any:
    from facecascade import networks

    return getattr(networks, net)(Weights.load().tensors)


def _host(array: Any) -> Any:
    from facecascade.backend import keras

    return keras.ops.convert_to_numpy(array)


def _serve() -> None:
    answers = sys.stdout.buffer
    with contextlib.redirect_stdout(sys.stderr):  # what a library prints is no answer
        while True:
            try:
                name, arguments = pickle.load(sys.stdin.buffer)
            except EOFError:
                return
            function: Callable[..., Any] = globals()[name]
            try:
                result = function(*arguments)
            except Exception as error:  # noqa: BLE001 - raised by the other end
                result = error
            pickle.dump(result, answers)
            answers.flush()


if __name__ == "__main__":
    _serve()
