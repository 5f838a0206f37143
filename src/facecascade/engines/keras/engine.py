"""The whole cascade on Keras as an engine, on any of its backends and devices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.backend import keras
from facecascade.engines.keras.backends import Backend, Function
from facecascade.engines.keras.buckets import bucket_count, bucket_side, power_of_two
from facecascade.engines.keras.cascade import Cascade, Networks
from facecascade.engines.keras.levels import axis
from facecascade.errors import EngineError
from facecascade.faces import Faces
from facecascade.networks import Tensors
from facecascade.settings import Settings, level_size
from facecascade.trace import Trace

ops = keras.ops

Picture = NDArray[np.uint8]

BATCH_PIXELS: Final = {"cpu": 2**20, "gpu": 2**25, "tpu": 2**25}
"""Pixels of one batch by kind of device, at the most, unless one picture has more."""
CROPS: Final = {"rnet": 2048, "onet": 512}
"""Crops that a network looks at together, at the most: half a gigabyte of corners of cells."""


@dataclass(frozen=True)
class Batch:
    """Pictures that share one bucket.

    Attributes:
        places: where they are in the call.
        pictures: (b, h, w, 3) uint8, zeros where a picture ends.
        sizes: height and width of each; 0 where there is none.
    """

    places: list[int]
    pictures: Picture
    sizes: NDArray[np.int32]

    @property
    def bucket(self) -> tuple[int, int]:
        """Height and width."""
        return self.pictures.shape[1], self.pictures.shape[2]


@dataclass(frozen=True)
class Stage:
    """Boxes on the device, of which each picture has `counts`, first ones first.

    Attributes:
        arrays: boxes (b, n, 4), logits (b, n), and landmarks (b, n, 5, 2) after O-Net.
        counts: (b,).
    """

    arrays: tuple[Any, ...]
    counts: NDArray[np.int32]

    def faces(self, position: int) -> Faces:
        """Those of one picture."""
        count = int(self.counts[position])
        boxes, logits, *landmarks = (_host(array[position, :count]) for array in self.arrays)
        with np.errstate(over="ignore"):
            scores = (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)
        return Faces(boxes, scores, landmarks[0] if landmarks else None)


class KerasEngine:
    """The cascade in `keras.ops`, batched over pictures and over crops, on a device.

    Pictures of similar sizes share a shape, so that a compiled function serves many; pictures of one call that share
    one are one batch. Results are those of the reference to .05 pixel and 1e-4 of score; a batch has those of its
    pictures alone to the last digits of float32, since a device may sum in another order for another number of them.

    Args:
        tensors: weights by name, as `facecascade.weights.Weights.tensors` has them.
        device: "cpu", "gpu", "gpu:1" or "tpu"; None for what the backend prefers.

    Raises:
        MissingExtra: there is no Keras.
        EngineError: Keras has no backend, or it finds no such device.
    """

    name = "keras"

    def __init__(self, tensors: Tensors, *, device: str | None = None) -> None:
        self._backend = Backend(device)
        with self._backend.scope():
            self._networks: Networks | None = Networks(tensors)
        self._cascade = lru_cache(maxsize=8)(self._make_cascade)

    @property
    def device(self) -> str:
        """Where it runs, by the name that Keras has for it."""
        return self._backend.device

    @property
    def description(self) -> str:
        """One line for people."""
        return f"keras {keras.__version__}, {self._backend.name} on {self._backend.device}"

    def detect(self, pictures: Sequence[Picture], settings: Settings) -> list[Faces]:
        """Faces of each picture, (h, w, 3) uint8 RGB."""
        found = [Faces.empty(landmarks=settings.stages == 3) for _ in pictures]
        for batch in self._batches(pictures, settings):
            *_, last = self._stages(batch, settings)
            for position, place in enumerate(batch.places):
                found[place] = last.faces(position)
        return found

    def trace(self, picture: Picture, settings: Settings) -> Trace:
        """Faces of one picture, with what each stage let through."""
        scales = tuple(settings.scales(*picture.shape[:2]))
        stages: list[Stage] = []
        candidates: list[int] = []
        for batch in self._batches([picture], settings):
            stages = list(self._stages(batch, settings, candidates=candidates))
        proposals, refined, *output = (stage.faces(0) for stage in stages) if stages else _nothing(settings)
        return Trace(
            scales=scales,
            candidates=tuple(candidates[: len(scales)]),
            proposals=proposals,
            refined=refined,
            faces=output[0] if output else refined,
        )

    def shapes(self, settings: Settings) -> int:
        """How many shapes of batches it has met with these settings; each costs the time to compile it once."""
        return len(self._cascade(_of_one_pass(settings)).shapes)

    def close(self) -> None:
        """Let go of the networks; later calls raise `EngineError`."""
        self._networks = None
        self._cascade.cache_clear()

    def _make_cascade(self, settings: Settings) -> Cascade:
        if self._networks is None:
            raise EngineError("this detector is closed; make a new one")
        return Cascade(self._networks, settings, self._backend)

    def _batches(self, pictures: Sequence[Picture], settings: Settings) -> Iterator[Batch]:
        """Pictures that have a pyramid level, by bucket, in batches of a power of two."""
        if self._networks is None:
            raise EngineError("this detector is closed; make a new one")
        buckets: dict[tuple[int, int], list[int]] = {}
        for place, picture in enumerate(pictures):
            height, width = picture.shape[:2]
            if settings.scales(height, width):
                buckets.setdefault((bucket_side(height), bucket_side(width)), []).append(place)
        limit = BATCH_PIXELS[self._backend.device.partition(":")[0]]
        for (height, width), places in buckets.items():
            most = max(1 << (limit // (height * width)).bit_length() >> 1, 1)
            for first in range(0, len(places), most):
                yield _batch(pictures, places[first : first + most], (height, width))

    def _stages(self, batch: Batch, settings: Settings, *, candidates: list[int] | None = None) -> Iterator[Stage]:
        """What P-Net proposes, what R-Net refines, what O-Net gives out."""
        cascade = self._cascade(_of_one_pass(settings))
        cascade.shapes.add(batch.pictures.shape)
        with self._backend.scope():
            sizes = ops.convert_to_tensor(batch.sizes)
            logits, regression, keep, windows, kept, sums = cascade.scan(*_scan_arguments(batch, settings))
            if candidates is not None:
                candidates += _host(windows)[0].tolist()
            total = int(logits.shape[1])
            room = min(bucket_count(int(_host(kept).max()), least=64), total)
            stage = _stage(cascade.proposer(batch.bucket, room)(logits, regression, keep))
            yield stage
            stage = _stage(_next(cascade.look_rnet, cascade.refine, stage, sums, sizes, most=CROPS["rnet"]))
            yield stage
            if settings.stages == 3:
                yield _stage(_next(cascade.look_onet, cascade.output, stage, sums, sizes, most=CROPS["onet"]))


def _of_one_pass(settings: Settings) -> Settings:
    """Settings that differ in what an engine does alone."""
    return replace(settings, mirror=False, border=0)


def _batch(pictures: Sequence[Picture], places: list[int], bucket: tuple[int, int]) -> Batch:
    count = power_of_two(len(places))
    together = np.zeros((count, *bucket, 3), np.uint8)
    sizes = np.zeros((count, 2), np.int32)
    for position, place in enumerate(places):
        height, width = sizes[position] = pictures[place].shape[:2]
        together[position, :height, :width] = pictures[place]
    return Batch(places, together, sizes)


def _scan_arguments(batch: Batch, settings: Settings) -> tuple[Any, ...]:
    """Pictures, sizes of their levels, and the weights of the pyramid, on the device."""
    scales = settings.scales(*batch.bucket)
    sizes = np.zeros((len(batch.sizes), len(scales), 2), np.int32)
    for position, (height, width) in enumerate(batch.sizes.tolist()):
        for k in range(len(settings.scales(height, width))):
            sizes[position, k] = level_size(height, width, scales[k])
    axes = [
        [
            ops.convert_to_tensor(array)
            for side in (0, 1)
            for array in _axes(batch.sizes[:, side], batch.bucket[side], scale)
        ]
        for scale in scales
    ]
    return ops.convert_to_tensor(batch.pictures), ops.convert_to_tensor(sizes), axes


def _axes(sizes: NDArray[np.int32], bucket: int, scale: float) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Starts and weights of one axis for all pictures of a batch; one for all where their sides are the same."""
    there = [size for size in sizes.tolist() if size]
    one = len(set(there)) == 1
    axes = [axis(size or there[0], bucket=bucket, scale=scale) for size in (there[:1] if one else sizes.tolist())]
    return np.stack([each.starts for each in axes]), np.stack([each.weights for each in axes])


def _next(look: Function, choose: Function, stage: Stage, sums: Any, sizes: Any, *, most: int) -> tuple[Any, ...]:
    """The boxes of a stage through the next network, in groups of crops, and what is left of them."""
    counts = stage.counts
    room = int(stage.arrays[0].shape[1])
    owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    first = np.cumsum(counts) - counts
    inside = np.arange(len(owner), dtype=np.int32) - first[owner]
    every = bucket_count(len(owner), least=16)
    every = every if every <= most else -(-len(owner) // most) * most
    boxes = ops.take(ops.reshape(stage.arrays[0], (-1, 4)), _filled(owner * room + inside, every), axis=0)
    owners = ops.convert_to_tensor(_filled(owner, every))
    groups = [
        look(sums, sizes, owners[start : start + most], boxes[start : start + most]) for start in range(0, every, most)
    ]
    said = groups[0] if len(groups) == 1 else [ops.concatenate(parts, axis=0) for parts in zip(*groups, strict=True)]
    columns = np.arange(bucket_count(int(counts.max()), least=16), dtype=np.int32)
    present = columns < counts[:, None]
    at = np.where(present, first[:, None] + columns, 0).astype(np.int32)
    chosen: tuple[Any, ...] = choose(ops.convert_to_tensor(at), ops.convert_to_tensor(present), *said)
    return chosen


def _filled(values: NDArray[Any], length: int) -> NDArray[np.int32]:
    return np.pad(values.astype(np.int32), (0, length - len(values)))


def _stage(arrays: tuple[Any, ...]) -> Stage:
    *columns, counts = arrays
    return Stage(tuple(columns), _host(counts))


def _host(array: Any) -> NDArray[Any]:
    values: NDArray[Any] = ops.convert_to_numpy(array)
    return values


def _nothing(settings: Settings) -> Iterator[Faces]:
    yield from (Faces.empty(landmarks=stage == 3) for stage in range(1, settings.stages + 1))
