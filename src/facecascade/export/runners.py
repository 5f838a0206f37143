"""An exported file run by the runtime that it is for: a class for each format, from arrays to arrays by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import EngineError, ExportError
from facecascade.extras import load

Arrays = Mapping[str, NDArray[Any]]

CONVERSION: Final = "writing LiteRT and SavedModel files"


class Runner(Protocol):
    """Runs one file: `runner(picture=...)`."""

    name: ClassVar[str]

    def __init__(self, path: Path) -> None: ...

    @staticmethod
    def library() -> Any:
        """What runs it, or the error that says how to get that."""

    def __call__(self, **inputs: NDArray[Any]) -> Arrays:
        """Outputs by name."""


class OnnxRunner:
    """ONNX Runtime, on the CPU."""

    name: ClassVar = "onnxruntime"

    def __init__(self, path: Path) -> None:
        self._session = self.library().InferenceSession(str(path), providers=["CPUExecutionProvider"])

    @staticmethod
    def library() -> Any:
        """ONNX Runtime."""
        return load("onnxruntime", feature="checking ONNX files", extra="onnx")

    def __call__(self, **inputs: NDArray[Any]) -> Arrays:
        """Outputs by name."""
        names = [output.name for output in self._session.get_outputs()]
        return dict(zip(names, self._session.run(names, inputs), strict=True))


class LiteRTRunner:
    """LiteRT's interpreter, on the CPU."""

    name: ClassVar = "ai-edge-litert"

    def __init__(self, path: Path) -> None:
        self._run = self.library().Interpreter(str(path)).get_signature_runner()

    @staticmethod
    def library() -> Any:
        """LiteRT's interpreter."""
        return load("ai_edge_litert.interpreter", feature="checking LiteRT files", extra="litert")

    def __call__(self, **inputs: NDArray[Any]) -> Arrays:
        """Outputs by name."""
        outputs: Arrays = self._run(**inputs)
        return outputs


class KerasRunner:
    """Keras, without this package's code."""

    name: ClassVar = "keras"

    def __init__(self, path: Path) -> None:
        self._keras = self.library()
        self._model = self._keras.saving.load_model(path)

    @staticmethod
    def library() -> Any:
        """Keras."""
        from facecascade.backend import keras  # here, since it imports Keras

        return keras

    def __call__(self, **inputs: NDArray[Any]) -> Arrays:
        """Outputs by name."""
        (pixels,) = inputs.values()
        return {name: self._keras.ops.convert_to_numpy(value) for name, value in self._model(pixels).items()}


class SavedModelRunner:
    """TensorFlow, without Keras."""

    name: ClassVar = "tensorflow"

    def __init__(self, path: Path) -> None:
        self._tensorflow = self.library()
        self._loaded = self._tensorflow.saved_model.load(str(path))  # kept, since it owns what it runs

    @staticmethod
    def library() -> Any:
        """TensorFlow."""
        return tensorflow_with_keras()

    def __call__(self, **inputs: NDArray[Any]) -> Arrays:
        """Outputs by name."""
        tensors = {name: self._tensorflow.constant(np.asarray(value)) for name, value in inputs.items()}
        return {name: value.numpy() for name, value in self._loaded.signatures["serving_default"](**tensors).items()}


def tensorflow_with_keras() -> Any:
    """The module `tensorflow`, which Keras runs on.

    Raises:
        ExportError: it is not installed.
        EngineError: Keras runs on something else.
    """
    try:
        tensorflow = load("tensorflow", feature=CONVERSION, extra="keras")
    except ImportError as error:
        raise ExportError(f"{CONVERSION} needs TensorFlow, which is not installed: pip install tensorflow") from error
    backend = load("keras", feature=CONVERSION, extra="keras").backend.backend()
    if backend != "tensorflow":
        raise EngineError(
            f"expected Keras on tensorflow for {CONVERSION}, got Keras on {backend}: set KERAS_BACKEND=tensorflow in "
            "the environment"
        )
    return tensorflow
