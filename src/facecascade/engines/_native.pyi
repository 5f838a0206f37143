from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

def instruction_sets() -> list[tuple[str, int]]: ...
def warp(
    picture: NDArray[np.uint8], back: NDArray[np.float64], height: int, width: int, fill: tuple[int, int, int]
) -> NDArray[np.uint8]: ...

class Cascade:
    def __init__(self, tensors: dict[str, NDArray[np.float32]], instruction_set: str, threads: int) -> None: ...
    def detect(
        self,
        pictures: Sequence[NDArray[np.uint8]],
        scales: Sequence[Sequence[float]],
        thresholds: tuple[float, float, float],
        classic: bool,
        stages: int,
        trace: bool,
    ) -> list[Any]: ...
    def level(self, picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]: ...
    def pnet(self, picture: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]: ...
    def rnet(self, picture: NDArray[np.uint8], boxes: NDArray[np.float64], classic: bool) -> NDArray[np.float32]: ...
    def onet(self, picture: NDArray[np.uint8], boxes: NDArray[np.float64], classic: bool) -> NDArray[np.float32]: ...
    def suppress(
        self,
        boxes: NDArray[np.float64],
        scores: NDArray[np.float32],
        threshold: float,
        classic: bool,
        smaller: bool,
    ) -> list[int]: ...
