"""Options of a request, as its query has them, and what they mean to the library: `FindOptions`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from facecascade.errors import SettingsError
from facecascade.extract import Cropping, Selection
from facecascade.extract.crop import Shape
from facecascade.extract.cropping import CropKind
from facecascade.extract.pictures import DEFAULT_QUALITY
from facecascade.extract.resample import colour
from facecascade.extract.work import CropFormat
from facecascade.redact import DEFAULT_CELLS, DEFAULT_MARGIN, MOST_CELLS, Outline, Redaction, Style
from facecascade.serve.problems import Problem
from facecascade.settings import PRESETS, Geometry, Preset, Settings

Made = TypeVar("Made")

Colour = Annotated[
    str, Field(pattern="^([A-Za-z]{1,30}|#[0-9A-Fa-f]{6})$", description="A name, or #rrggbb with %23 for the #.")
]
Quality = Annotated[int, Field(ge=1, le=100, description="Of JPEG and WebP.")]
MOST_SIZE: Final = 1024
"""Of a crop, in pixels: what it takes to make one, and to send it, grows with its square."""
SAME: Final[Mapping[str, str]] = {}
NUMBER: Final = r"\s*\d*\.?\d+([eE][-+]?\d{1,3})?\s*"
THREE_NUMBERS: Final = f"^{NUMBER},{NUMBER},{NUMBER}$"
LEAST_PROPOSAL: Final = 0.3
"""Lowest of the first two thresholds that is taken: what passes them is looked at more closely, and pictures can be
made of which all does."""


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
            f"commas, the first two of at least {LEAST_PROPOSAL}. 0.6,0.7,0.7, or the preset's.",
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
        return checked(Selection, values, names={"at_most": "limit"})


TemplateName = Literal["arcface-112", "arcface-128", "ffhq-512"]
"""The named templates alone: any other name would be looked for as a file."""


class DetectOptions(FindOptions):
    """The same, and what is told of each face."""

    template: Annotated[
        TemplateName | None,
        Field(description="Fill `matrix`: from the picture to the aligned crop of this template, by pixel centres."),
    ] = None
    scores: Annotated[bool, Field(description="In drawn pictures, write the score beside each box.")] = False


class CropOptions(FindOptions):
    """The same, and how faces are cut out."""

    crop: Annotated[
        CropKind, Field(description="Along the rows of the picture around the box, or upright by the landmarks.")
    ] = "box"
    size: Annotated[
        int | None,
        Field(ge=1, le=MOST_SIZE, description="Longer side of a crop in pixels. 160, or the template's."),
    ] = None
    margin: Annotated[
        float | None,
        Field(ge=0, le=10, description="box: added on each side, as a share of the box's longer side. 0.2."),
    ] = None
    shape: Annotated[Shape, Field(description="box: squares, or crops of the shape of their box.")] = "square"
    template: Annotated[TemplateName | None, Field(description="aligned: where the landmarks lie. arcface-112.")] = None
    fill: Colour = "black"
    format: Annotated[CropFormat, Field(description="Of the crops.")] = "jpg"
    quality: Quality = DEFAULT_QUALITY

    def cropping(self) -> Cropping:
        """As the library has it.

        Raises:
            Problem: a value cannot work, or says something about the other kind of crop.
        """
        names = ("size", "margin", "shape", "template")
        values = {name: getattr(self, name) for name in names if name in self.model_fields_set}
        fill = checked(colour, {"name": self.fill}, names={"name": "fill"})
        return checked(Cropping, {"kind": self.crop, **values, "fill": fill}, names={"kind": "crop"})


class BlurOptions(FindOptions):
    """The same, and how faces are hidden; by default what is doubtful is hidden too."""

    preset: Annotated[Preset, Field(description="Settings to start from; each option below replaces its value.")] = (
        "careful"
    )
    style: Annotated[
        Style, Field(description="The averages of a few cells, smoothly or as squares; or one colour.")
    ] = "blur"
    shape: Annotated[Outline, Field(description="What is hidden.")] = "ellipse"
    margin: Annotated[
        float, Field(ge=0, le=10, description="Added on each side of the box, as a share of its sides.")
    ] = DEFAULT_MARGIN
    cells: Annotated[
        int, Field(ge=1, le=MOST_CELLS, description="Averages across a face that blur and pixelate leave.")
    ] = DEFAULT_CELLS
    colour: Colour = "black"
    quality: Quality = DEFAULT_QUALITY

    def redaction(self) -> Redaction:
        """As the library has it.

        Raises:
            Problem: a value cannot work.
        """
        values = {name: getattr(self, name) for name in ("style", "shape", "margin", "cells")}
        return checked(
            Redaction, {**values, "colour": checked(colour, {"name": self.colour}, names={"name": "colour"})}
        )


def checked(make: Callable[..., Made], values: Mapping[str, Any], *, names: Mapping[str, str] = SAME) -> Made:
    """What `make` makes of these values; `names` has those of the options, where they are others.

    Raises:
        Problem: a value cannot work; it names the one that is wrong by itself.
    """
    try:
        return make(**values)
    except SettingsError as error:
        culprit = _culprit(make, values) or ""
        raise Problem("invalid-option", str(error), field=names.get(culprit, culprit) or None) from error


def _culprit(make: Callable[..., Any], values: Mapping[str, Any]) -> str | None:
    for name, value in values.items():
        try:
            make(**{name: value})
        except SettingsError:
            return name
    return None


def _thresholds(text: str) -> tuple[float, ...]:
    values = tuple(map(float, text.split(",")))
    if min(values[:2]) < LEAST_PROPOSAL:
        raise Problem(
            "invalid-option",
            f"expected the first two thresholds to be at least {LEAST_PROPOSAL}, got {text}: the third says how sure a "
            "face must be",
            field="thresholds",
        )
    return values
