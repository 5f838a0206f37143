"""Options that say how faces are cut out, and which: `CropOptions`, `SelectionOptions`, and `Limits` alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, cast

import typer

from facecascade.cli.groups import OptionGroup
from facecascade.cli.panels import CROPS, SELECTION

if TYPE_CHECKING:
    from facecascade.extract import Cropping, Selection
    from facecascade.extract.crop import Shape
    from facecascade.extract.cropping import CropKind


@dataclass(frozen=True, kw_only=True)
class CropOptions(OptionGroup):
    """How faces are cut out; None stands for what `Cropping` has."""

    PANEL = CROPS

    crop: Annotated[
        str,
        typer.Option(
            metavar="box|aligned",
            help="Along the rows of the picture around the box; or upright, with eyes, nose and mouth where the "
            "template has them, as networks that recognise or restore faces want it.",
        ),
    ] = "box"
    size: Annotated[
        int | None,
        typer.Option(
            metavar="PIXELS",
            help="Longer side of a cut-out face.  [default: 160, or the template's]",
            show_default=False,
        ),
    ] = None
    margin: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="box: added on each side, as a share of the box's longer side.  [default: 0.2]",
            show_default=False,
        ),
    ] = None
    shape: Annotated[
        str,
        typer.Option(
            metavar="square|box",
            help="box: squares, or crops of the shape of their box, with the margin as a share of each side.",
        ),
    ] = "square"
    template: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="aligned: arcface-112, arcface-128, ffhq-512, in any --size; or a JSON file with size and five "
            "points.  [default: arcface-112]",
            show_default=False,
        ),
    ] = None
    fill: Annotated[
        str, typer.Option(metavar="COLOUR", help="Around the picture where a crop leaves it: a name or #rrggbb.")
    ] = "black"

    def cropping(self) -> Cropping:
        """As the library has it.

        Raises:
            SettingsError: a value cannot work.
        """
        from facecascade.extract import Cropping
        from facecascade.extract.resample import colour

        return Cropping(
            kind=cast("CropKind", self.crop),
            size=self.size,
            margin=self.margin,
            shape=cast("Shape", self.shape),
            template=self.template,
            fill=colour(self.fill),
        )


@dataclass(frozen=True, kw_only=True)
class Limits(OptionGroup):
    """Which faces are kept, as far as nothing has to be measured: fields of `Selection`."""

    PANEL = SELECTION

    min_score: Annotated[float, typer.Option(metavar="SCORE", help="Leave out faces with a lower score.")] = 0
    min_size: Annotated[
        float, typer.Option(metavar="PIXELS", help="Leave out faces whose box is narrower or lower.")
    ] = 0

    def selection(self) -> Selection:
        """As the library has it.

        Raises:
            SettingsError: a value cannot work.
        """
        from facecascade.extract import Selection

        return Selection(**asdict(self))


@dataclass(frozen=True, kw_only=True)
class SelectionOptions(Limits):
    """Which faces are kept: the fields of `Selection`."""

    min_sharpness: Annotated[
        float,
        typer.Option(
            metavar="VARIANCE",
            help="Leave out blurred faces; try 50. Variance of the Laplacian of the aligned face at 112 pixels.",
        ),
    ] = 0
    max_roll: Annotated[
        float | None,
        typer.Option(metavar="DEGREES", help="Leave out faces that lean further to a side.", show_default=False),
    ] = None
    max_yaw: Annotated[
        float | None,
        typer.Option(
            metavar="DEGREES",
            help="Leave out faces that look further to a side; a rough figure, 20 keeps the frontal ones.",
            show_default=False,
        ),
    ] = None
    at_most: Annotated[
        int | None, typer.Option(metavar="N", help="Faces of one picture, at most.", show_default=False)
    ] = None
    prefer: Annotated[
        str,
        typer.Option(
            metavar="score|size|centre",
            help="Which ones then: the surest, the largest, those nearest to the centre of the picture.",
        ),
    ] = "score"
