"""P-Net, R-Net and O-Net as Keras 3 models, to look into, train, export, and run on TensorFlow, JAX or PyTorch.

    from facecascade import Weights
    from facecascade.networks import ONet, tensors_of

    onet = ONet(Weights.load().tensors)
    onet.summary()
    ...  # train it, with anything Keras has
    Weights(Weights.load().tensors | tensors_of(onet)).save("mine.safetensors")

All are functional models of built-in layers alone, so that a `.keras` file of one loads without this package. They take
pixels as `(value - 127.5) / 128`, RGB, float32, channels last, and give a dict of float32 arrays:

    probability  (...,)       that there is a face: the second of the two softmax values of layer "score"
    regression   (..., 4)     how far x1 y1 x2 y2 of the window have to move, in shares of its side
    landmarks    (..., 5, 2)  x and y in the order of `LANDMARK_NAMES`, in shares of the window; O-Net alone

Layer names are those of `facecascade.weights.SHAPES`. Source: the paper's figure 2, with the padding of the published
weights: a pool's last window may stick out (Caffe's "ceil"), which `padding="same"` is where the side is even.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecascade.backend import keras
from facecascade.errors import WeightsError
from facecascade.settings import ONET_SIDE, RNET_SIDE

Tensors = Mapping[str, NDArray[np.float32]]


def PNet(tensors: Tensors | None = None) -> Any:  # noqa: N802 - a model's name, as in keras.applications
    """P-Net, which proposes: the probability and box of every 12 x 12 window of a picture, at steps of 2 pixels.

    Args:
        tensors: `Weights.tensors`, of which those of "pnet" are taken; None for new ones, to be trained.

    Returns:
        A `keras.Model`: (n, h, w, 3) -> probability (n, h', w'), regression (n, h', w', 4), h' = ceil(h / 2) - 5.

    Raises:
        WeightsError: a tensor is missing.
    """
    pixels = x = keras.Input((None, None, 3), name="pixels")
    x = _conv(x, 1, filters=10, side=3)  # (n, h - 2, w - 2, 10)
    x = _pool(x, 1, side=2, padding="same")  # (n, ceil((h - 2) / 2), ceil((w - 2) / 2), 10)
    x = _conv(x, 2, filters=16, side=3)  # (n, h' + 2, w' + 2, 16)
    x = _conv(x, 3, filters=32, side=3)  # (n, h', w', 32)
    score = _layer("Conv2D", "score", 2, 1)(x)  # (n, h', w', 2)
    box = _layer("Conv2D", "box", 4, 1)(x)  # (n, h', w', 4)
    return _model("pnet", pixels, {"probability": _probability(score), "regression": box}, tensors)


def RNet(tensors: Tensors | None = None) -> Any:  # noqa: N802
    """R-Net, which refines: the probability and box of each crop.

    Args:
        tensors: `Weights.tensors`, of which those of "rnet" are taken; None for new ones, to be trained.

    Returns:
        A `keras.Model`: (n, 24, 24, 3) -> probability (n,), regression (n, 4).

    Raises:
        WeightsError: a tensor is missing.
    """
    pixels = x = keras.Input((RNET_SIDE, RNET_SIDE, 3), name="pixels")
    x = _conv(x, 1, filters=28, side=3)  # (n, 22, 22, 28)
    x = _pool(x, 1, side=3, padding="same")  # (n, 11, 11, 28)
    x = _conv(x, 2, filters=48, side=3)  # (n, 9, 9, 48)
    x = _pool(x, 2, side=3, padding="valid")  # (n, 4, 4, 48)
    x = _conv(x, 3, filters=64, side=2)  # (n, 3, 3, 64)
    x = _dense(x, 4, units=128)  # (n, 128)
    score = _layer("Dense", "score", 2)(x)  # (n, 2)
    box = _layer("Dense", "box", 4)(x)  # (n, 4)
    return _model("rnet", pixels, {"probability": _probability(score), "regression": box}, tensors)


def ONet(tensors: Tensors | None = None) -> Any:  # noqa: N802
    """O-Net, which outputs: the probability, box and five landmarks of each crop.

    Args:
        tensors: `Weights.tensors`, of which those of "onet" are taken; None for new ones, to be trained.

    Returns:
        A `keras.Model`: (n, 48, 48, 3) -> probability (n,), regression (n, 4), landmarks (n, 5, 2).

    Raises:
        WeightsError: a tensor is missing.
    """
    pixels = x = keras.Input((ONET_SIDE, ONET_SIDE, 3), name="pixels")
    x = _conv(x, 1, filters=32, side=3)  # (n, 46, 46, 32)
    x = _pool(x, 1, side=3, padding="same")  # (n, 23, 23, 32)
    x = _conv(x, 2, filters=64, side=3)  # (n, 21, 21, 64)
    x = _pool(x, 2, side=3, padding="valid")  # (n, 10, 10, 64)
    x = _conv(x, 3, filters=64, side=3)  # (n, 8, 8, 64)
    x = _pool(x, 3, side=2, padding="valid")  # (n, 4, 4, 64)
    x = _conv(x, 4, filters=128, side=2)  # (n, 3, 3, 128)
    x = _dense(x, 5, units=256)  # (n, 256)
    score = _layer("Dense", "score", 2)(x)  # (n, 2)
    box = _layer("Dense", "box", 4)(x)  # (n, 4)
    points = _layer("Dense", "landmarks", 10)(x)  # (n, 10): five x, then five y
    points = keras.layers.Permute((2, 1), name="pairs")(keras.layers.Reshape((2, 5), name="rows")(points))  # (n, 5, 2)
    heads = {"probability": _probability(score), "regression": box, "landmarks": points}
    return _model("onet", pixels, heads, tensors)


def load_tensors(model: Any, tensors: Tensors) -> None:
    """Put weights into a model of this module, or into one that was loaded from a `.keras` file of one.

    Args:
        model: named "pnet", "rnet" or "onet".
        tensors: `Weights.tensors`; those of the other networks are left alone.

    Raises:
        WeightsError: a tensor is missing or of another shape, or the model is none of the three.
    """
    for name, variable, flat in _variables(model):
        if name not in tensors:
            raise WeightsError(f"expected a tensor {name}, got none; Weights.load().tensors has them all")
        if tensors[name].shape != flat:
            raise WeightsError(f"expected {name} of shape {flat}, got {tensors[name].shape}")
        variable.assign(tensors[name].reshape(variable.shape))


def tensors_of(*models: Any) -> dict[str, NDArray[np.float32]]:
    """The weights of models of this module by the names of `facecascade.weights.SHAPES`, equal to the byte.

    `Weights(tensors_of(pnet, rnet, onet))` holds all three, for `MTCNN(weights=...)` and for `save`.

    Raises:
        WeightsError: a model is none of the three.
    """
    return {
        name: np.array(keras.ops.convert_to_numpy(variable), np.float32).reshape(flat)
        for model in models
        for name, variable, flat in _variables(model)
    }


def _variables(model: Any) -> list[tuple[str, Any, tuple[int, ...]]]:
    """Name, variable and shape without the axes of size 1 that Keras wants, of each tensor of a model."""
    if model.name not in ("pnet", "rnet", "onet"):
        raise WeightsError(f'expected a model named "pnet", "rnet" or "onet", got {model.name!r}')
    found = []
    for layer in model.layers:
        for variable in layer.weights:
            kind = {"kernel": "weight"}.get(variable.name, variable.name)
            shape = tuple(variable.shape)
            flat = shape[2:] if shape[:2] == (1, 1) else shape
            found.append((f"{model.name}.{layer.name}.{kind}", variable, flat))
    return found


def _layer(kind: str, name: str, *arguments: int) -> Any:
    """A layer whose kernel is zeros: `_model` draws random numbers where they are wanted, which takes JAX seconds."""
    form = {"data_format": "channels_last"} if kind == "Conv2D" else {}
    return getattr(keras.layers, kind)(*arguments, **form, kernel_initializer="zeros", name=name, dtype="float32")


def _conv(x: Any, position: int, *, filters: int, side: int) -> Any:
    """Convolution without padding, then PReLU with one alpha a channel."""
    x = _layer("Conv2D", f"conv{position}", filters, side)(x)
    return keras.layers.PReLU(shared_axes=(1, 2), name=f"prelu{position}", dtype="float32")(x)


def _pool(x: Any, position: int, *, side: int, padding: str) -> Any:
    form = {"padding": padding, "data_format": "channels_last", "dtype": "float32"}
    return keras.layers.MaxPooling2D(side, 2, name=f"pool{position}", **form)(x)


def _dense(x: Any, position: int, *, units: int) -> Any:
    """The map's rows, columns and channels in this order, fully connected, then PReLU."""
    x = keras.layers.Flatten(data_format="channels_last", name="flat")(x)
    x = _layer("Dense", "dense", units)(x)
    return keras.layers.PReLU(name=f"prelu{position}", dtype="float32")(x)


def _probability(score: Any) -> Any:
    """Second of the two softmax values."""
    return keras.layers.Softmax(name="softmax", dtype="float32")(score)[..., 1]


def _model(name: str, pixels: Any, heads: dict[str, Any], tensors: Tensors | None) -> Any:
    model = keras.Model(pixels, heads, name=name)
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            layer.kernel_initializer = keras.initializers.GlorotUniform()
            if tensors is None:
                layer.kernel.assign(layer.kernel_initializer(layer.kernel.shape, layer.kernel.dtype))
    if tensors is not None:
        load_tensors(model, tensors)
    return model
