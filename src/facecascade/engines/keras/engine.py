"""The whole cascade on Keras as an engine, on any of its backends and devices."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.backend import keras
from facecascade.engines.keras.backends import Backend
from facecascade.engines.keras.batches import Batch, batches
from facecascade.engines.keras.cascade import Cascade
from facecascade.engines.keras.kept import Kept
from facecascade.engines.keras.refinement import Heads, Refinement
from facecascade.engines.keras.scanner import Scanner
from facecascade.engines.keras.stages import Crops, Stage, host, rows
from facecascade.engines.reference import GEOMETRIES
from facecascade.errors import EngineError
from facecascade.faces import Faces
from facecascade.networks import PNet, Tensors
from facecascade.settings import Settings
from facecascade.trace import Trace

ops = keras.ops

Picture = NDArray[np.uint8]

BATCH_PIXELS: Final = {"cpu": 2**20, "gpu": 2**24, "tpu": 2**24}
"""Pixels of one batch by kind of device, at the most, unless one picture has more."""
CROPS: Final = {"rnet": 4096, "onet": 1024}
"""Crops that a network looks at together, at the most: their corners are 120 MB."""
CASCADES: Final = 8
"""Pyramids whose compiled stages are kept, at the most."""
AXES: Final = 64
"""Sizes of pictures whose weights of the pyramid are kept on the device, at the most."""


class KerasEngine:
    """The cascade in `keras.ops`, batched over pictures and over crops, on a device.

    Pictures of similar sizes share a shape, so that a compiled function serves many; pictures of one call that share
    one are one batch. Results are those of the reference to .05 pixel and 1e-4 of score; a batch has those of its
    pictures alone to the last digits of float32, since a device may sum in another order for another number of them.

    Args:
        tensors: weights by name, as `facecascade.weights.Weights.tensors` has them.
        device: "cpu", "gpu", "gpu:1" or "tpu"; None for what the backend prefers.

    Attributes:
        backend: what compiles and computes.

    Raises:
        MissingExtra: there is no Keras.
        EngineError: Keras has no backend, or it finds no such device.
    """

    name = "keras"

    def __init__(self, tensors: Tensors, *, device: str | None = None) -> None:
        self.backend = Backend(device)
        with self.backend.scope():
            self._networks: tuple[Scanner, Heads] | None = Scanner(PNet(tensors)), Heads(tensors)
        self._cascades: Kept[Cascade] = Kept(CASCADES)
        self._refinements: Kept[Refinement] = Kept(len(GEOMETRIES))
        self._axes: Kept[list[list[Any]]] = Kept(AXES)

    @property
    def device(self) -> str:
        """Where it runs, by the name that Keras has for it."""
        return self.backend.device

    @property
    def description(self) -> str:
        """One line for people."""
        return f"keras {keras.__version__}, {self.backend.name} on {self.backend.device}"

    def detect(self, pictures: Sequence[Picture], settings: Settings) -> list[Faces]:
        """Faces of each picture, (h, w, 3) uint8 RGB."""
        found = [Faces.empty(landmarks=settings.stages == 3) for _ in pictures]
        for batch in self._batches(pictures, settings):
            *_, last = self._stages(batch, settings)
            for place, faces in zip(batch.places, last.faces(), strict=False):  # a batch may have empty places
                found[place] = faces
        return found

    def trace(self, picture: Picture, settings: Settings) -> Trace:
        """Faces of one picture, with what each stage let through."""
        scales = tuple(settings.scales(*picture.shape[:2]))
        stages: list[Faces] = []
        candidates: list[int] = []
        for batch in self._batches([picture], settings):
            stages = [stage.faces()[0] for stage in self._stages(batch, settings, candidates=candidates)]
        proposals, refined, *output = stages or _nothing(settings)
        return Trace(
            scales=scales,
            candidates=tuple(candidates[: len(scales)]),
            proposals=proposals,
            refined=refined,
            faces=output[0] if output else refined,
        )

    def compilations(self, settings: Settings) -> int:
        """How many sets of shapes the stages of these settings have met; each was compiled once.

        Settings that differ in their thresholds share all stages, those of one geometry all after P-Net.
        """
        return self.cascade(settings).compilations

    def close(self) -> None:
        """Let go of the networks; later calls raise `EngineError`."""
        self._networks = None
        self._cascades.clear()
        self._refinements.clear()
        self._axes.clear()

    def cascade(self, settings: Settings) -> Cascade:
        """The compiled stages for these settings, of which the geometry and the pyramid matter here.

        Raises:
            EngineError: the engine is closed.
        """
        networks = self._networks
        if networks is None:
            raise EngineError("this detector is closed; make a new one")
        scanner, heads = networks
        geometry = settings.geometry
        pyramid = Settings(min_face_size=settings.min_face_size, scale_factor=settings.scale_factor, geometry=geometry)

        def make() -> Cascade:
            after = self._refinements.get(geometry, lambda: Refinement(heads, geometry, self.backend))
            return Cascade(scanner, after, pyramid, self.backend)

        return self._cascades.get(pyramid, make)

    def _batches(self, pictures: Sequence[Picture], settings: Settings) -> Iterator[Batch]:
        self.cascade(settings)  # raises if this is closed, be there pictures or not
        return batches(pictures, settings, pixels=BATCH_PIXELS[self.backend.kind])

    def _stages(self, batch: Batch, settings: Settings, *, candidates: list[int] | None = None) -> Iterator[Stage]:
        """What P-Net proposes, what R-Net refines, what O-Net gives out; `candidates` are counted level by level."""
        cascade = self.cascade(settings)
        with self.backend.scope():
            plan = cascade.plan(batch.bucket)
            pictures, sizes, levels = map(ops.convert_to_tensor, (batch.pictures, batch.sizes, batch.levels(settings)))
            limits = ops.convert_to_tensor(_limits(settings))
            axes = self._axes_of(batch, settings)
            logits, regression, passed, keep, sums = cascade.scan(plan, limits, pictures, levels, axes)
            if candidates is not None:
                levels_of = plan.sheet.windows[host(passed)[0], 0]
                candidates += np.bincount(levels_of, minlength=len(plan.sheet.levels)).tolist()
            at, present = map(ops.convert_to_tensor, rows(host(keep), least=64))
            stage = Stage.of(cascade.propose(plan.boxes, plan.spots, at, present, logits, regression))
            yield stage
            crops = Crops(stage, most=CROPS["rnet"])
            looked = crops.looked_at(cascade.look_rnet, sums, sizes)
            stage = Stage.of(cascade.refine(limits, *crops.places(), *looked))
            yield stage
            if settings.stages == 3:
                crops = Crops(stage, most=CROPS["onet"])
                yield Stage.of(
                    cascade.output(limits, *crops.places(), *crops.looked_at(cascade.look_onet, sums, sizes))
                )

    def _axes_of(self, batch: Batch, settings: Settings) -> list[list[Any]]:
        """Weights of the pyramid on the device; those of pictures of one size are kept there."""

        def make() -> list[list[Any]]:
            return [[ops.convert_to_tensor(array) for array in level] for level in batch.axes(settings)]

        if len(batch.different) > 1:
            return make()
        scales = (settings.min_face_size, settings.scale_factor)
        return self._axes.get((batch.bucket, batch.different, scales), make)


def _limits(settings: Settings) -> NDArray[np.float32]:
    """(3,): logits of the thresholds."""
    return np.array([math.log(p / (1 - p)) if p else -math.inf for p in settings.thresholds], np.float32)


def _nothing(settings: Settings) -> list[Faces]:
    return [Faces.empty(landmarks=stage == 3) for stage in range(1, settings.stages + 1)]
