"""A process that runs Keras on one backend, since a process has one: functions by name, arrays in and out.

`Remote` is the test's end; `python -m tests.engines.on_backend` the other, with KERAS_BACKEND in its environment.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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

ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",  # so small, threads would but wait
    # What JAX compiled before, it reads from here, by the code itself, its own version, its flags and the machine.
    "JAX_COMPILATION_CACHE_DIR": str(ROOT / "build" / "jax"),
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
}


class Remote:
    """A process with Keras on a backend: `remote("detect", pictures, settings)`."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.engines.on_backend"],
            cwd=ROOT,
            env=os.environ | ENVIRONMENT | {"KERAS_BACKEND": backend},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )

    def __call__(self, name: str, *arguments: Any) -> Any:
        """What the function of this name returns there; its error is raised here."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump((name, arguments), self._process.stdin)
        self._process.stdin.flush()
        try:
            result = pickle.load(self._process.stdout)
        except EOFError:
            raise AssertionError(f"the process with {self.backend} ended:\n{self.errors()}") from None
        if isinstance(result, Exception):
            raise result
        return result

    def errors(self) -> str:
        """What it wrote to its standard error so far, and what was printed there."""
        self._errors.seek(0)
        return self._errors.read().decode()

    def noise(self) -> list[str]:
        """The lines of it that are not TensorFlow's own, which its C++ code writes when it starts."""
        own = re.compile(r"WARNING: All log messages before absl|[IW]\d{4} |To enable the following instructions")
        return [line for line in self.errors().splitlines() if line and not own.match(line)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()


def backend() -> str:
    """Which backend Keras has."""
    from facecascade.backend import keras

    name: str = keras.backend.backend()
    return name


def outputs(net: str, pixels: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """What a network says."""
    from facecascade.backend import keras

    return {name: keras.ops.convert_to_numpy(value) for name, value in _model(net)(pixels).items()}


def saved_and_loaded(net: str, path: str) -> tuple[dict[str, NDArray[np.float32]], float]:
    """Weights of a network that went through a `.keras` file, which plain Keras reads, and by how much it differs."""
    from facecascade.backend import keras
    from facecascade.networks import tensors_of

    _model(net).save(path)
    loaded = keras.models.load_model(path)
    pixels = np.random.default_rng(3).uniform(-1, 1, (2, 48 if net == "ONet" else 24, 48 if net == "ONet" else 24, 3))
    pairs = [(_model(net)(pixels)[name], loaded(pixels)[name]) for name in loaded.output]
    return tensors_of(loaded), max(float(np.abs(_host(one) - _host(other)).max()) for one, other in pairs)


def untrained(net: str) -> tuple[list[float], set[str]]:
    """Standard deviation of each kernel of a new network, and what its layers say they start with."""
    from facecascade import networks

    layers = [layer for layer in getattr(networks, net)().layers if hasattr(layer, "kernel")]
    spreads = [float(_host(layer.kernel).std()) for layer in layers]
    return spreads, {type(layer.kernel_initializer).__name__ for layer in layers}


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
    compiled = _compiled(lambda own, *axes: on_device(own, axes[:2], axes[2:], cells=cells))
    return _host(compiled(*tensors))


def crops(
    pictures: Picture, sizes: list[tuple[int, int]], owner: list[int], boxes: NDArray[np.float64], geometry: str
) -> Any:
    """Crops of 24 pixels, of boxes (n, 4) in the pictures."""
    from facecascade.backend import keras
    from facecascade.engines.keras import crops as on_device
    from facecascade.engines.keras.boxes import placed
    from facecascade.engines.reference import GEOMETRIES

    values = (np.array(sizes, np.int32), np.array(owner, np.int32), placed(boxes))
    tensors = [keras.ops.convert_to_tensor(value) for value in values]
    compiled = _compiled(
        lambda own, *rest: on_device.crops(on_device.integral(own), *rest, side=24, geometry=GEOMETRIES[geometry])
    )
    return _host(compiled(keras.ops.convert_to_tensor(pictures), *tensors))


def kept(
    boxes: NDArray[np.float64], present: NDArray[np.bool_], threshold: float, smaller: bool, geometry: str
) -> NDArray[np.bool_]:
    """Non-maximum suppression of boxes (b, n, 4) that are in order."""
    from facecascade.backend import keras
    from facecascade.engines.keras.boxes import placed, suppress
    from facecascade.engines.reference import GEOMETRIES

    tensors = [keras.ops.convert_to_tensor(value) for value in (placed(boxes), present)]
    rule = GEOMETRIES[geometry]
    compiled = _compiled(
        lambda boxes, there: suppress(boxes, there, threshold=threshold, geometry=rule, smaller=smaller)
    )
    stay: NDArray[np.bool_] = _host(compiled(*tensors))
    return stay


def cut(boxes: NDArray[np.float64], geometry: str) -> NDArray[np.float32]:
    """Boxes (n, 4) as they are cropped."""
    from facecascade.backend import keras
    from facecascade.engines.keras.boxes import cut as on_device
    from facecascade.engines.keras.boxes import in_picture, placed
    from facecascade.engines.reference import GEOMETRIES

    there = keras.ops.convert_to_tensor(placed(boxes))
    return in_picture(_host(on_device(there, geometry=GEOMETRIES[geometry])))


def scanned(
    bucket: tuple[int, int], levels: list[Picture], settings: Settings, padding: float | None
) -> tuple[Any, Any, Any, Any]:
    """P-Net over the levels of one picture that is smaller than its bucket.

    Returns:
        Level, row and column of each window, which of them are there, their logits and their regressions.
    """
    from facecascade.backend import keras
    from facecascade.engines.keras import scanner
    from facecascade.engines.keras.sheet import Sheet
    from facecascade.engines.reference import GEOMETRIES

    ops = keras.ops
    sheet = Sheet.of(bucket, settings.scales(*bucket), GEOMETRIES[settings.geometry])
    sizes = np.zeros((1, len(sheet.levels), 2), np.int32)
    padded = [np.full((1, *level.cells, 3), 255, np.float32) for level in sheet.levels]
    for k, pixels in enumerate(levels):
        sizes[0, k] = height, width = pixels.shape[:2]
        padded[k][0, :height, :width] = pixels
    together = sheet.composed([ops.convert_to_tensor(level) for level in padded])
    before = scanner.NOTHING
    scanner.NOTHING = before if padding is None else padding
    try:
        tables = [ops.convert_to_tensor(table) for table in (sizes, sheet.pixels, sheet.windows)]
        logits, regression = _compiled(scanner.Scanner(_model("PNet")))(together, *tables[:2])
        there = _host(scanner.there(tables[0], tables[2]))[0]
    finally:
        scanner.NOTHING = before
    return sheet.windows, there, _host(logits)[0, sheet.spots], _host(regression)[0, sheet.spots]


def detect(pictures: list[Picture], settings: Settings) -> list[Faces]:
    """Faces of the pictures, in one call."""
    found: list[Faces] = _engine().detect(pictures, settings)
    return found


def in_groups(picture: Picture, settings: Settings, crops: dict[str, int]) -> tuple[Faces, Faces]:
    """Faces of a picture, and those with so many crops that a network takes at a time."""
    from facecascade.engines.keras import engine as module

    whole, before = detect([picture], settings)[0], dict(module.CROPS)
    module.CROPS.update(crops)
    try:
        return whole, detect([picture], settings)[0]
    finally:
        module.CROPS.update(before)


def trace(picture: Picture, settings: Settings) -> Trace:
    """The path of one picture."""
    traced: Trace = _engine().trace(picture, settings)
    return traced


def compilations(sizes: list[tuple[int, int]], settings: Settings) -> list[int]:
    """How often stages had been compiled after a picture of each of these sizes, one after the other."""
    counts = []
    for size in sizes:
        _engine().detect([np.zeros((*size, 3), np.uint8)], settings)
        counts.append(_engine().compilations(settings))
    return counts


def from_threads(pictures: list[Picture], settings: Settings, times: int) -> list[Faces]:
    """Faces of each picture, each in a thread of its own, all at the same time."""
    with ThreadPoolExecutor(len(pictures) * times) as pool:
        return list(pool.map(lambda picture: _engine().detect([picture], settings)[0], pictures * times))


def make_detector(arguments: dict[str, Any]) -> str:
    """The detector as it describes itself."""
    from facecascade import MTCNN

    with MTCNN(engine="keras", **arguments) as detector:
        return detector.engine.description


def found_by_detector(picture: Picture, arguments: dict[str, Any]) -> Faces:
    """What a detector with these arguments finds, after it was pickled."""
    from facecascade import MTCNN

    with MTCNN(engine="keras", device="cpu", **arguments) as detector:
        copy = pickle.loads(pickle.dumps(detector))
    with copy:
        faces: Faces = copy.detect(picture)
        return faces


def after_closing() -> None:
    """A detector that is used when it is closed."""
    from facecascade import MTCNN

    detector = MTCNN(engine="keras")
    detector.close()
    detector.close()
    detector.detect_batch([])


def precision() -> list[tuple[Any, Any, Any, Any]]:
    """Each switch of precision: before, inside of one and of a second engine's work, and after it."""
    from facecascade.engines.keras.precision import full_precision, switches

    name, states = backend(), []
    states.append([switch.read() for switch in switches(name)])
    with full_precision(name):
        with full_precision(name):
            pass
        states.append([switch.read() for switch in switches(name)])
    states.append([switch.read() for switch in switches(name)])
    return [(*state, switch.exact) for *state, switch in zip(*states, switches(name), strict=True)]


def told_to_cuda() -> tuple[dict[str, Any], dict[str, Any]]:
    """What JAX would tell a CUDA client of preallocating that it makes while an engine is made, and afterwards."""
    from unittest.mock import patch

    from jax._src import xla_bridge  # JAX shows it nowhere else

    from facecascade.engines.keras import memory

    def told() -> dict[str, Any]:
        options = xla_bridge._options_from_jax_configs("cuda")
        return {name: value for name, value in options.items() if name == "preallocate"}

    outside = {name: value for name, value in os.environ.items() if name not in memory.DECIDED}
    with (
        patch.object(memory, "_plugins", lambda: {"jax_plugins.xla_cuda12"}),
        patch.dict(os.environ, outside, clear=True),
    ):
        with memory.growing("jax"):
            inside = told()
        return inside, told()


def changed() -> list[str]:
    """What of the process importing and making the engine changes: variables of the environment, switches, handlers."""
    import logging

    import keras

    def state() -> dict[str, Any]:
        return dict(os.environ) | {
            "handlers": list(logging.getLogger().handlers),
            "loggers": [name for name in logging.Logger.manager.loggerDict if name.startswith("facecascade")],
            "floatx": keras.config.floatx(),
            "policy": keras.config.dtype_policy().name,
            "format": keras.config.image_data_format(),
        }

    before = state()
    from facecascade.engines.keras import KerasEngine

    KerasEngine(Weights.load().tensors)
    after = state()
    return sorted(name for name in before | after if before.get(name) != after.get(name))


@lru_cache
def _engine() -> Any:
    from facecascade.engines.keras import KerasEngine

    return KerasEngine(Weights.load().tensors, device="cpu")


def _compiled(function: Callable[..., Any]) -> Any:
    """A function as the engine compiles its own: JAX would compile each operation in it alone, which takes longer."""
    from facecascade.engines.keras.backends import Backend

    return Backend("cpu").compiled(function)


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
            answers.write(_pickled(result))
            answers.flush()


def _pickled(result: Any) -> bytes:
    try:
        return pickle.dumps(result)
    except Exception as error:  # noqa: BLE001 - an error of a library that cannot be pickled is told as text
        return pickle.dumps(RuntimeError(f"{result!r} ({error})"))


if __name__ == "__main__":
    _serve()
