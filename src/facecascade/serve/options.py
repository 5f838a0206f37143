"""Options of a request, as its query has them, and what they mean to the library: `FindOptions`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from facecascade.errors import SettingsError
from facecascade.extract import Selection
from facecascade.serve.problems import Problem
from facecascade.settings import PRESETS, Geometry, Preset, Settings

Made = TypeVar("Made")

THREE_NUMBERS: Final = r"^\s*\d*\.?\d+\s*,\s*\d*\.?\d+\s*,\s*\d*\.?\d+\s*$"
LEAST_PROPOSAL: Final = 0.3
"""Lowest first threshold that is taken: each window below it would be a face to look at more closely, and pictures can
be made to have millions of them."""


class FindOptions(BaseModel):
    """How faces are searched, and which of them are kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    preset: Annotated[Preset, Field(description="Settings to start from; each option below replaces its value.")] = (
        "default"
    )
    min_face_size: Annotated[
        float | None, Field(ge=4, le=100_000, description="Smallest face to look for, in pixels. 20, or the preset's.")
    ] = None
    scale_factor: Annotated[
        float | None,
        Field(gt=0, le=0.99, description="Ratio of neighbouring levels of the image pyramid. 0.709, or the preset's."),
    ] = None
    thresholds: Annotated[
        str | None,
        Field(
            pattern=THREE_NUMBERS,
            max_length=100,
            description="Probabilities that a face must reach in each of the three stages: three numbers below 1, with "
            f"commas, the first of at least {LEAST_PROPOSAL}. 0.6,0.7,0.7, or the preset's.",
        ),
    ] = None
    geometry: Annotated[
        Geometry | None, Field(description="Boxes in fractions of a pixel, or the whole pixels of the usual ports.")
    ] = None
    mirror: Annotated[bool | None, Field(description="Look at the mirror image too.")] = None
    border: Annotated[
        float | None,
        Field(ge=0, le=1, description="Grey border, as a share of the shorter side, for faces that the edge cuts."),
    ] = None
    min_score: Annotated[float, Field(ge=0, le=1, description="Leave out faces with a lower score.")] = 0
    min_size: Annotated[
        float, Field(ge=0, le=1e9, description="Leave out faces whose box is narrower or lower, in pixels.")
    ] = 0
    limit: Annotated[
        int | None, Field(ge=1, le=1_000_000, description="So many faces of a picture at most, those of best score.")
    ] = None

    def settings(self) -> Settings:
        """As the library has them.

        Raises:
            Problem: a value cannot work.
        """
        names = ("min_face_size", "scale_factor", "geometry", "mirror", "border")
        given: dict[str, Any] = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        if self.thresholds is not None:
            given["thresholds"] = _thresholds(self.thresholds)
        return checked(Settings, PRESETS[self.preset] | given)

    def selection(self) -> Selection:
        """As the library has it.

        Raises:
            Problem: a value cannot work.
        """
        values = {"min_score": self.min_score, "min_size": self.min_size, "at_most": self.limit}
        return checked(Selection, values)


TemplateName = Literal["arcface-112", "arcface-128", "ffhq-512"]
"""The named templates alone: any other name would be looked for as a file."""


class DetectOptions(FindOptions):
    """The same, and what is told of each face."""

    template: Annotated[
        TemplateName | None,
        Field(description="Fill `matrix`: from the picture to the aligned crop of this template, by pixel centres."),
    ] = None
    scores: Annotated[bool, Field(description="In drawn pictures, write the score beside each box.")] = False


def checked(make: Callable[..., Made], values: Mapping[str, Any]) -> Made:
    """What `make` makes of these values.

    Raises:
        Problem: a value cannot work; it names the one that is wrong by itself.
    """
    try:
        return make(**values)
    except SettingsError as error:
        raise Problem("invalid-option", str(error), field=_culprit(make, values)) from error


def _culprit(make: Callable[..., Any], values: Mapping[str, Any]) -> str | None:
    for name, value in values.items():
        try:
            make(**{name: value})
        except SettingsError:
            return name
    return None


def _thresholds(text: str) -> tuple[float, ...]:
    values = tuple(map(float, text.split(",")))
    if values[0] < LEAST_PROPOSAL:
        raise Problem(
            "invalid-option",
            f"expected a first threshold of at least {LEAST_PROPOSAL}, got {values[0]:g}; `min_score` and the other "
            "two say how sure a face must be",
            field="thresholds",
        )
    return values
