"""P-Net, R-Net and O-Net as ONNX, layer by layer; pixels and maps are (n, channels, height, width) here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facecascade.engines.reference import Tensors
from facecascade.export.onnx.graph import Graph, Shape, Value
from facecascade.settings import ONET_SIDE, RNET_SIDE


def pnet(x: Value, tensors: Tensors) -> tuple[Value, Value]:
    """Pictures (n, 3, h, w) -> score (n, 2, h', w') and regression (n, 4, h', w') of every window."""
    x = _pool(_conv(x, tensors, "pnet.conv1"), 2)  # (n, 10, ceil((h - 2) / 2), ceil((w - 2) / 2))
    x = _conv(x, tensors, "pnet.conv2")  # (n, 16, h' + 2, w' + 2)
    x = _conv(x, tensors, "pnet.conv3")  # (n, 32, h', w')
    return _pointwise(x, tensors, "pnet.score"), _pointwise(x, tensors, "pnet.box")


def rnet(x: Value, tensors: Tensors) -> tuple[Value, Value]:
    """Crops (n, 3, 24, 24) -> score (n, 2) and regression (n, 4)."""
    x = _pool(_conv(x, tensors, "rnet.conv1"), 3)  # (n, 28, 11, 11)
    x = _pool(_conv(x, tensors, "rnet.conv2"), 3)  # (n, 48, 4, 4)
    x = _conv(x, tensors, "rnet.conv3")  # (n, 64, 3, 3)
    x = _prelu(_flat(x, tensors, "rnet.dense"), tensors["rnet.prelu4.alpha"])  # (n, 128)
    return _dense(x, tensors, "rnet.score"), _dense(x, tensors, "rnet.box")


def onet(x: Value, tensors: Tensors) -> tuple[Value, Value, Value]:
    """Crops (n, 3, 48, 48) -> score (n, 2), regression (n, 4) and landmarks (n, 5, 2) in shares of the crop."""
    x = _pool(_conv(x, tensors, "onet.conv1"), 3)  # (n, 32, 23, 23)
    x = _pool(_conv(x, tensors, "onet.conv2"), 3)  # (n, 64, 10, 10)
    x = _pool(_conv(x, tensors, "onet.conv3"), 2)  # (n, 64, 4, 4)
    x = _conv(x, tensors, "onet.conv4")  # (n, 128, 3, 3)
    x = _prelu(_flat(x, tensors, "onet.dense"), tensors["onet.prelu5.alpha"])  # (n, 256)
    points = _dense(x, tensors, "onet.landmarks").reshape(0, 2, 5).transpose(0, 2, 1)  # five x, then five y
    return _dense(x, tensors, "onet.score"), _dense(x, tensors, "onet.box"), points


def network_graph(part: str, tensors: Tensors) -> Graph:
    """One network with the inputs and outputs of `facecascade.networks`: channels last, probability, regression, ..."""
    graph = Graph()
    side = {"rnet": RNET_SIDE, "onet": ONET_SIDE}.get(part)
    shape = ("n", "height", "width", 3) if side is None else ("n", side, side, 3)
    pixels = graph.input("pixels", np.float32, shape).transpose(0, 3, 1, 2)
    place: Shape = ("n", "rows", "columns") if part == "pnet" else ("n",)
    score, regression, *points = {"pnet": pnet, "rnet": rnet, "onet": onet}[part](pixels, tensors)
    if part == "pnet":
        score, regression = (head.transpose(0, 2, 3, 1) for head in (score, regression))
    probability = graph.op("Softmax", score, axis=-1).take(np.int64(1), axis=-1)
    graph.output("probability", probability, place)
    graph.output("regression", regression, (*place, 4))
    for landmarks in points:
        graph.output("landmarks", landmarks, (*place, 5, 2))
    return graph


def _conv(x: Value, tensors: Tensors, name: str) -> Value:
    """Convolution without padding, then PReLU."""
    kernel = np.ascontiguousarray(tensors[f"{name}.weight"].transpose(3, 2, 0, 1))
    alpha = tensors[f"{name.replace('conv', 'prelu')}.alpha"]
    return _prelu(x.graph.op("Conv", x, kernel, tensors[f"{name}.bias"]), alpha[:, None, None])


def _prelu(x: Value, alpha: NDArray[np.float32]) -> Value:
    """One alpha a channel, or a unit of a dense layer."""
    return x.graph.op("PRelu", x, alpha)


def _pool(x: Value, side: int) -> Value:
    """Maximum of windows at stride 2; a last window that sticks out counts what it has."""
    return x.graph.op("MaxPool", x, kernel_shape=[side, side], strides=[2, 2], ceil_mode=1)


def _pointwise(x: Value, tensors: Tensors, name: str) -> Value:
    """A dense layer at each place of a map."""
    kernel = np.ascontiguousarray(tensors[f"{name}.weight"].T[:, :, None, None])
    return x.graph.op("Conv", x, kernel, tensors[f"{name}.bias"])


def _flat(x: Value, tensors: Tensors, name: str) -> Value:
    """A dense layer over a map of 3 x 3, whose weights follow rows, columns, channels and are put in our order."""
    weight = tensors[f"{name}.weight"]
    units = weight.shape[1]
    ours = np.ascontiguousarray(weight.reshape(3, 3, -1, units).transpose(2, 0, 1, 3).reshape(-1, units))
    return _affine(x.reshape(0, len(ours)), ours, tensors[f"{name}.bias"])


def _dense(x: Value, tensors: Tensors, name: str) -> Value:
    return _affine(x, tensors[f"{name}.weight"], tensors[f"{name}.bias"])


def _affine(x: Value, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> Value:
    return x.graph.op("Gemm", x, weight, bias)
