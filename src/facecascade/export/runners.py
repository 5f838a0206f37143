"""An exported file run by the runtime that it is for: a function for each format, from arrays to arrays by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecascade.extras import load

Arrays = Mapping[str, NDArray[Any]]


class OnnxRunner:
    """ONNX Runtime, on the CPU."""

    name = "onnxruntime"

    def __init__(self, path: Path) -> None:
        runtime = load("onnxruntime", feature="checking ONNX", extra="onnx")
        self._session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def __call__(self, **inputs: NDArray[Any]) -> Arrays:
        """Outputs by name."""
        names = [output.name for output in self._session.get_outputs()]
        return dict(zip(names, self._session.run(names, inputs), strict=True))


class LiteRTRunner:
    """LiteRT's interpreter, on the CPU."""

    name = "ai-edge-litert"

    def __init__(self, path: Path) -> None:
        module = load("ai_edge_litert.interpreter", feature="checking LiteRT files", extra="litert")
        self._run = module.Interpreter(str(path)).get_signature_runner()

    def __call__(self, **inputs: NDArray[Any]) -> Arrays:
        """Outputs by name."""
        outputs: Arrays = self._run(**inputs)
        return outputs


class KerasRunner:
    """Keras, without this package's code."""

    name = "keras"

    def __init__(self, path: Path) -> None:
        self._keras = load("keras", feature="checking .keras files", extra="keras")
        self._model = self._keras.saving.load_model(path)

    def __call__(self, **inputs: NDArray[Any]) -> Arrays:
        """Outputs by name."""
        (pixels,) = inputs.values()
        return {name: self._keras.ops.convert_to_numpy(value) for name, value in self._model(pixels).items()}


class SavedModelRunner:
    """TensorFlow, without Keras."""

    name = "tensorflow"

    def __init__(self, path: Path) -> None:
        self._tensorflow = load("tensorflow", feature="checking SavedModels", extra="keras")
        self._loaded = self._tensorflow.saved_model.load(str(path))  # kept, since it owns what it runs

    def __call__(self, **inputs: NDArray[Any]) -> Arrays:
        """Outputs by name."""
        tensors = {name: self._tensorflow.constant(np.asarray(value)) for name, value in inputs.items()}
        return {name: value.numpy() for name, value in self._loaded.signatures["serving_default"](**tensors).items()}
