"""What goes out, as OpenAPI describes it: the schemas of the answers in JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from facecascade.serve.formats import FORMATS
from facecascade.serve.problems import PREFIX

Number = Annotated[float, Field(allow_inf_nan=False)]
Point = Annotated[list[Number], Field(min_length=2, max_length=2)]
Points = Annotated[list[Point], Field(min_length=5, max_length=5)]
Row = Annotated[list[Number], Field(min_length=3, max_length=3)]


class Exact(BaseModel):
    """An object without other members."""

    model_config = ConfigDict(extra="forbid")


class WrongPicture(Exact):
    """Why one of several pictures cannot be served."""

    picture: Annotated[int, Field(ge=0, description="Its place in the request, from 0 on.")]
    name: str | None
    reason: str


class ProblemDocument(Exact):
    """What is wrong, as RFC 9457 has it."""

    type: Annotated[str, Field(examples=[f"{PREFIX}unreadable-picture"])]
    title: Annotated[str, Field(examples=["A picture cannot be read"])]
    status: Annotated[int, Field(ge=400, le=599, examples=[422])]
    detail: Annotated[
        str, Field(examples=["expected a whole picture, got one that cannot be read: image file is truncated"])
    ]
    field: Annotated[str, Field(description="The option or part that is wrong, where it is one.")] = ""
    errors: Annotated[list[WrongPicture], Field(description="Of pictures, one each.")] = []


class FoundFace(Exact):
    """One face."""

    box: Annotated[
        list[Number], Field(min_length=4, max_length=4, description="x1, y1, x2, y2; may go beyond the picture.")
    ]
    score: Annotated[float, Field(ge=0, le=1)]
    landmarks: Annotated[
        Points | None, Field(description="[x, y] of left eye, right eye, nose, left and right corner of the mouth.")
    ]
    matrix: Annotated[
        list[Row] | None,
        Field(description="2 x 3, from the picture to the aligned crop of `template`, by pixel centres."),
    ]


class FoundPicture(Exact):
    """One picture, in the order of the request."""

    name: str | None
    width: Annotated[int, Field(ge=0)]
    height: Annotated[int, Field(ge=0)]
    faces: list[FoundFace]
    error: Annotated[ProblemDocument | None, Field(description="Why there is nothing to tell of it.")]


class UsedSettings(Exact):
    """How faces were searched."""

    min_face_size: float
    scale_factor: float
    thresholds: Annotated[list[float], Field(min_length=3, max_length=3)]
    geometry: str
    stages: int
    mirror: bool
    border: float


class Detection(Exact):
    """The faces of all pictures."""

    pictures: list[FoundPicture]
    settings: UsedSettings
    software: Annotated[str, Field(examples=["facecascade 0.1.0"])]
    weights: Annotated[str, Field(description="SHA-256 of the weights.", pattern="^[0-9a-f]{64}$")]


class LimitsDocument(Exact):
    """What a request may have."""

    max_bytes: Annotated[int, Field(ge=1, description="Of its body.")]
    max_pixels: Annotated[int, Field(ge=1, description="Of each picture.")]
    max_pictures: Annotated[int, Field(ge=1)]
    max_seconds: Annotated[float, Field(gt=0, description="Until its answer.")]


class Information(Exact):
    """What this service is made of, and what it takes."""

    software: str
    engine: Annotated[str, Field(examples=["native, avx2 (8 lanes), 2 threads"])]
    weights: str
    settings: Annotated[UsedSettings, Field(description="The defaults.")]
    templates: list[str]
    presets: list[str]
    formats: Annotated[list[str], Field(description="Of pictures that are read.", examples=[list(FORMATS)])]
    limits: LimitsDocument


class Health(Exact):
    """That the service answers."""

    status: Annotated[str, Field(examples=["ok"])]
