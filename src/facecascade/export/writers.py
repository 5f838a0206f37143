"""A network or the cascade written in one format: a function for each, from weights to a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from facecascade.export.runners import tensorflow_with_keras
from facecascade.settings import Settings
from facecascade.version import VERSION
from facecascade.weights import Weights


def write_onnx(path: Path, part: str, weights: Weights, settings: Settings) -> None:
    """An ONNX file of a network or of the cascade; needs no Keras."""
    from facecascade.export.onnx.cascade import cascade_graph
    from facecascade.export.onnx.networks import network_graph

    facts = {"facecascade": VERSION, "weights_sha256": weights.sha256}
    if part == "cascade":
        graph = cascade_graph(weights.tensors, settings)
        facts["settings"] = json.dumps(settings.to_dict())
    else:
        graph = network_graph(part, weights.tensors)
    model = graph.model(part, about=_ABOUT[part], facts=facts)
    path.write_bytes(model.SerializeToString())


def write_keras(path: Path, part: str, weights: Weights, settings: Settings) -> None:
    """A `.keras` file, which plain Keras loads."""
    del settings
    keras_model(part, weights).save(path)


def write_saved_model(path: Path, part: str, weights: Weights, settings: Settings) -> None:
    """A folder that TensorFlow serves."""
    del settings
    tensorflow_with_keras()
    keras_model(part, weights).export(path, format="tf_saved_model", verbose=False)


def write_litert(path: Path, part: str, weights: Weights, settings: Settings) -> None:
    """A `.tflite` file, float32."""
    tensorflow = tensorflow_with_keras()
    with TemporaryDirectory() as folder:
        write_saved_model(Path(folder, part), part, weights, settings)
        converter = tensorflow.lite.TFLiteConverter.from_saved_model(
            str(Path(folder, part)), signature_keys=["serving_default"]
        )
        path.write_bytes(converter.convert())


def keras_model(part: str, weights: Weights) -> Any:
    """The Keras model of a network, by its part's name."""
    from facecascade import networks  # here, since it imports Keras

    model: Callable[[Any], Any] = {"pnet": networks.PNet, "rnet": networks.RNet, "onet": networks.ONet}[part]
    return model(weights.tensors)


_INPUT = "pixels: (value - 127.5) / 128, RGB, float32, channels last."
_ABOUT = {
    "pnet": f"P-Net of MTCNN. {_INPUT} For each 12 x 12 window, at steps of 2 pixels: the probability of a face, and "
    "how far x1 y1 x2 y2 have to move, in shares of the side.",
    "rnet": f"R-Net of MTCNN. {_INPUT} For each crop: the probability of a face, and how far x1 y1 x2 y2 have to move, "
    "in shares of the side.",
    "onet": f"O-Net of MTCNN. {_INPUT} For each crop: the probability of a face, how far x1 y1 x2 y2 have to move, and "
    "x and y of left eye, right eye, nose, left and right corner of the mouth, in shares of the side.",
    "cascade": "MTCNN face detection. picture: uint8 RGB of any size. boxes: x1 y1 x2 y2 in pixels of the picture; "
    "landmarks: x and y of left eye, right eye, nose, left and right corner of the mouth; best score first.",
}
