"""Graphs under test, run by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from facecascade.export.onnx.graph import Graph, Value

Arrays = dict[str, NDArray[Any]]


def session(graph: Graph) -> Any:
    """A graph, checked and loaded; one thread and no hoard of memory, since tests run beside others."""
    options = onnxruntime.SessionOptions()
    options.enable_cpu_mem_arena = False
    options.intra_op_num_threads = 1
    model = graph.model("under_test").SerializeToString()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


class Compiled:
    """A function of values as a function of arrays.

    Args:
        function: takes values and returns one.
        result: number of axes of what it returns.
        ranks: name, type and number of axes of each argument.
    """

    def __init__(self, function: Callable[..., Value], *, result: int, **ranks: tuple[type, int]) -> None:
        graph = Graph()
        inputs = [
            graph.input(name, dtype, [f"{name}{axis}" for axis in range(rank)]) for name, (dtype, rank) in ranks.items()
        ]
        graph.output("result", function(*inputs), [f"result{axis}" for axis in range(result)])
        self._names = list(ranks)
        self._session = session(graph)

    def __call__(self, *arrays: NDArray[Any]) -> NDArray[Any]:
        made: NDArray[Any] = self._session.run(["result"], dict(zip(self._names, arrays, strict=True)))[0]
        return made


def random_picture(height: int, width: int, *, seed: int = 0) -> NDArray[np.uint8]:
    """Noise over blocks: every pixel differs, and there is something large to see."""
    random = np.random.default_rng(seed)
    blocks = random.integers(40, 216, (height // 8 + 1, width // 8 + 1, 3))
    large = np.kron(blocks, np.ones((8, 8, 1), np.int64))[:height, :width]
    return (large + random.integers(-40, 40, (height, width, 3))).astype(np.uint8)
