"""The prototype beside the repository, as `Prototype`: P-Net, R-Net and O-Net as it has them."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import ROOT
from benchmarks.limit.compiled import compiled

FOLDER: Final = ROOT.parent / "shared" / "prototype"
SOURCES: Final = ("pnet.cpp", "ro.cpp", "glue.cpp")
FLAGS: Final = ("-O3", "-march=native", "-ffast-math", "-fopenmp", "-DWINO2", "-w")
CAPACITY: Final = 1 << 20
"""Most windows that P-Net may let through."""
CONVOLUTIONS: Final = {"pnet": 3, "rnet": 3, "onet": 4}
HEADS: Final = {"rnet": ("box",), "onet": ("box", "landmarks")}

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Tensors = Mapping[str, Floats]


def missing(folder: Path = FOLDER) -> str | None:
    """Why the prototype cannot run here; None if it can."""
    lost = [name for name in SOURCES if not (folder / name).is_file()]
    return f"{', '.join(lost)} not in {folder.name}/ beside the repository" if lost else None


class Prototype:
    """The prototype's networks with this package's weights.

    It is compiled for this machine, as its own page says.

    Args:
        tensors: weights by name, as `facecascade.weights.Weights.tensors` has them.
        lanes: floats of a vector: 16 with AVX-512, otherwise 8.
        folder: where its sources are.
    """

    def __init__(self, tensors: Tensors, *, lanes: int, folder: Path = FOLDER) -> None:
        flags = (*FLAGS, f"-DL={lanes}")
        self._pnet, self._patch, self._glue = (compiled(folder / name, flags=flags) for name in SOURCES)
        self._kept: list[Floats] = []
        self._load_pnet(tensors)
        for number, name in enumerate(HEADS):
            self._load_patch(tensors, name=name, number=number)

    def pnet(self, levels: Sequence[Pixels], *, logit: float, threads: int) -> Floats:
        """Windows of all levels that pass, (n, 8): level, row, column, logit, regression."""
        out = np.empty((CAPACITY, 8), np.float32)
        pictures = (ctypes.c_void_p * len(levels))(*(level.ctypes.data for level in levels))
        sizes = [(level.shape[0], level.shape[1], 3 * level.shape[1]) for level in levels]
        heights, widths, strides = ((ctypes.c_int * len(levels))(*column) for column in zip(*sizes, strict=True))
        count = self._pnet.mt_pnet(
            len(levels), pictures, heights, widths, strides, ctypes.c_float(logit), threads, _at(out), CAPACITY
        )
        if count > CAPACITY:
            raise ValueError(f"expected at most {CAPACITY} windows, got {count}")
        return out[:count]

    def crops(self, picture: Pixels, boxes: NDArray[np.int32], *, side: int, threads: int) -> Pixels:
        """(n, side, side, 3) of boxes in whole pixels, counted from 1, the last one inside."""
        out = np.empty((len(boxes), side, side, 3), np.uint8)
        height, width = picture.shape[:2]
        boxes = np.ascontiguousarray(boxes, np.int32)
        self._glue.crop_c(_at(picture), height, width, 3 * width, _at(boxes), len(boxes), side, _at(out), threads)
        return out

    def patch(self, crops: Pixels, *, threads: int) -> Floats:
        """R-Net on crops of 24 x 24, O-Net on such of 48 x 48: logit, regression, and five x and y with O-Net."""
        number, columns = (0, 5) if crops.shape[1] == 24 else (1, 15)
        out = np.empty((len(crops), columns), np.float32)
        self._patch.ro_run(number, _at(crops), len(crops), threads, _at(out))
        return out

    def _load_pnet(self, tensors: Tensors) -> None:
        layers = [array for i in (1, 2, 3) for array in self._convolution(tensors, "pnet", i)]
        weight, bias = _logit(tensors, "pnet")
        heads = [self._keep(tensors[f"pnet.box.{part}"]) for part in ("weight", "bias")]
        self._pnet.mt_weights(*layers, self._keep(weight), ctypes.c_float(float(bias[0])), *heads)

    def _load_patch(self, tensors: Tensors, *, name: str, number: int) -> None:
        for i in range(CONVOLUTIONS[name]):
            size, _, inputs, outputs = tensors[f"{name}.conv{i + 1}.weight"].shape
            self._patch.ro_conv(number, i, size, inputs, outputs, *self._convolution(tensors, name, i + 1))
        weight = tensors[f"{name}.dense.weight"]
        inputs, outputs = weight.shape
        # It has the channels first where this package has them last.
        channels_first = weight.reshape(9, inputs // 9, outputs).transpose(1, 0, 2)
        alpha = tensors[f"{name}.prelu{CONVOLUTIONS[name] + 1}.alpha"]
        dense = [self._keep(part) for part in (channels_first, tensors[f"{name}.dense.bias"], alpha)]
        self._patch.ro_fc(number, 0, inputs, outputs, *dense)
        heads = [_logit(tensors, name), *(_head(tensors, name, head) for head in HEADS[name])]
        weights, biases = np.hstack([w for w, _ in heads]), np.hstack([b for _, b in heads])
        self._patch.ro_fc(number, 1, *weights.shape, self._keep(weights), self._keep(biases), None)

    def _convolution(self, tensors: Tensors, name: str, i: int) -> list[Any]:
        weight = tensors[f"{name}.conv{i}.weight"].astype(np.float64)
        bias = tensors[f"{name}.conv{i}.bias"].astype(np.float64)
        if i == 1:  # it takes pixels as they are: (x - 127.5) / 128 becomes part of the first layer
            bias = bias - weight.sum(axis=(0, 1, 2)) * (127.5 / 128)
            weight = weight / 128
        return [self._keep(part) for part in (weight, bias, tensors[f"{name}.prelu{i}.alpha"])]

    def _keep(self, values: NDArray[Any]) -> ctypes.c_void_p:
        self._kept.append(np.ascontiguousarray(values, np.float32))
        return _at(self._kept[-1])


def _at(array: NDArray[Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def _head(tensors: Tensors, name: str, head: str) -> tuple[Floats, Floats]:
    return tensors[f"{name}.{head}.weight"], tensors[f"{name}.{head}.bias"]


def _logit(tensors: Tensors, name: str) -> tuple[Floats, Floats]:
    """The score's two columns as one."""
    weight, bias = _head(tensors, name, "score")
    weight = weight.reshape(-1, 2)
    return weight[:, 1:] - weight[:, :1], bias[1:] - bias[:1]
