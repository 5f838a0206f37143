"""The cascade as functions of arrays of fixed shapes, compiled once for each shape: `Cascade`.

Between two stages the host learns how many boxes there are and chooses the next shape, so that nothing is cut off and
little is computed for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from facecascade.backend import keras
from facecascade.engines.keras.backends import Backend, Compiled
from facecascade.engines.keras.crops import integral
from facecascade.engines.keras.kept import Kept
from facecascade.engines.keras.pyramid import level
from facecascade.engines.keras.refinement import Refinement
from facecascade.engines.keras.scanner import Scanner, kept_in_level, there
from facecascade.engines.keras.sheet import Sheet
from facecascade.engines.reference import GEOMETRIES
from facecascade.settings import Settings

ops = keras.ops

PLANS = 32
"""Buckets whose tables and compiled functions are kept, at the most, for one set of settings."""


@dataclass(frozen=True)
class Plan:
    """A bucket's sheet, and its tables on the device.

    Attributes:
        sheet: where the levels lie.
        pixels: (h, w, 3) int32, from `Sheet.pixels`.
        windows: (n, 3) int32, from `Sheet.windows`.
        spots: (n,) int32, from `Sheet.spots`.
        near: (n, k) int32, from `Sheet.near`.
        boxes: (n, 6) float32, from `Sheet.boxes`.
    """

    sheet: Sheet
    pixels: Any
    windows: Any
    spots: Any
    near: Any
    boxes: Any


class Cascade:
    """The stages for one pyramid and one geometry, whatever the thresholds are.

    Args:
        scanner: P-Net.
        refinement: the stages after P-Net for this geometry, which it may share with other pyramids.
        settings: how to search.
        backend: what compiles the stages.
    """

    def __init__(self, scanner: Scanner, refinement: Refinement, settings: Settings, backend: Backend) -> None:
        self._scanner = scanner
        self._settings = settings
        self._backend = backend
        self._geometry = GEOMETRIES[settings.geometry]
        self._plans: Kept[Plan] = Kept(PLANS)
        self._scans: Kept[Compiled] = Kept(PLANS)
        self._refinement = refinement
        self.propose = refinement.propose
        self.look_rnet = refinement.look_rnet
        self.refine = refinement.refine
        self.look_onet = refinement.look_onet
        self.output = refinement.output

    @property
    def compilations(self) -> int:
        """How often a stage met new shapes, and was compiled for them; those after P-Net for any pyramid."""
        return sum(stage.compilations for stage in (*self._scans.values(), *self._refinement.stages))

    def plan(self, bucket: tuple[int, int]) -> Plan:
        """That of a bucket (height, width)."""
        return self._plans.get(bucket, lambda: self._plan(bucket))

    def _plan(self, bucket: tuple[int, int]) -> Plan:
        sheet = Sheet.of(bucket, self._settings.scales(*bucket), self._geometry)
        tables = (sheet.pixels, sheet.windows, sheet.spots, sheet.near(self._geometry), sheet.boxes)
        return Plan(sheet, *(ops.convert_to_tensor(table) for table in tables))

    def scan(self, plan: Plan, limits: Any, pictures: Any, sizes: Any, axes: list[Any]) -> tuple[Any, ...]:
        """P-Net over all levels.

        Args:
            plan: of the pictures' bucket.
            limits: (3,) float32, logits of the thresholds.
            pictures: (b, h, w, 3) uint8.
            sizes: (b, levels, 2) int32, height and width of each picture's levels; 0 for those it lacks.
            axes: for each level: starts and weights of its rows, starts and weights of its columns.

        Returns:
            Logits (b, n), regression (b, spots, 4), candidates (b, n), which of them stay in their level (b, n), sums
            of pixels (b, h + 1, w + 1, 3).
        """
        bucket = tuple(pictures.shape[1:3])
        compiled = self._scans.get(bucket, lambda: self._backend.compiled(partial(self._scan, plan.sheet)))
        found: tuple[Any, ...] = compiled(
            limits, pictures, sizes, axes, plan.pixels, plan.windows, plan.spots, plan.near
        )
        return found

    def _scan(
        self,
        sheet: Sheet,
        limits: Any,
        pictures: Any,
        sizes: Any,
        axes: Any,
        pixels: Any,
        windows: Any,
        spots: Any,
        near: Any,
    ) -> tuple[Any, ...]:
        levels = [level(pictures, at[:2], at[2:], cells=own.cells) for at, own in zip(axes, sheet.levels, strict=True)]
        logits, regression = self._scanner(sheet.composed(levels), sizes, pixels)
        logits = ops.take(logits, spots, axis=1)
        candidates = there(sizes, windows) & (logits >= limits[0])
        return logits, regression, candidates, kept_in_level(logits, candidates, near), integral(pictures)
