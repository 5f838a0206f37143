"""Options that several commands share, each with its help: what to write, how to `Search`, and all of a `Finder`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer

from facecascade.cli.groups import OptionGroup
from facecascade.cli.panels import DETECTOR, FILES
from facecascade.settings import PRESETS, Settings, preset_values

if TYPE_CHECKING:
    from facecascade.detector import MTCNN
    from facecascade.settings import Preset

WriteOption = Annotated[
    list[str] | None,
    typer.Option(
        "--write",
        metavar="FORMAT:PLACE",
        help="Also write the faces as parquet:FILE, coco:FILE, yolo:DIR, wider:FILE.txt or DIR, xmp (sidecars beside "
        "the pictures) or xmp:DIR, jsonl:FILE, json:FILE or csv:FILE; may be given several times. With options: "
        "coco+clip, yolo+pose, xmp+merge, xmp+stem.",
        show_default=False,
        rich_help_panel=FILES,
    ),
]

PRESETS_HELP: Final = """\b
Presets; an option given by name replaces the preset's value:
  default   faces from 20 pixels
  thorough  small and doubtful faces, from 10 pixels; about 8 times as long
  fast      faces from 40 pixels; a third to a half of the time
  careful   faces from 20 pixels, doubtful and cut ones too; for hiding
"""
"""For the end of the help of each command that finds faces."""


def _setting(name: str, metavar: str, meaning: str) -> Any:
    """An option whose value is the preset's unless it is given; its help shows that of the default preset."""
    value = getattr(Settings(), name)
    shown = " ".join(f"{part:g}" for part in value) if isinstance(value, tuple) else f"{value}".removesuffix(".0")
    varies = any(name in preset for preset in PRESETS.values())
    default = f"{shown}, or the preset's" if varies else shown
    return typer.Option(metavar=metavar, help=f"{meaning}  [default: {default}]", show_default=False)


@dataclass(frozen=True, kw_only=True)
class Search(OptionGroup):
    """How a command is told to search, and with which weights: an option for each field, in this order.

    A new setting of the detector is a new field here, by its name in `Settings`. None stands for what the preset has,
    or `Settings` itself.
    """

    PANEL = DETECTOR

    preset: Annotated[
        str, typer.Option(metavar="|".join(PRESETS), help="Settings to start from, listed at the end.")
    ] = "default"
    min_face_size: Annotated[
        float | None,
        _setting("min_face_size", "PIXELS", "Smallest face to look for; time grows with its inverse square."),
    ] = None
    scale_factor: Annotated[
        float | None, _setting("scale_factor", "RATIO", "Ratio of neighbouring levels of the image pyramid.")
    ] = None
    thresholds: Annotated[
        tuple[float, float, float] | None,
        _setting("thresholds", "P R O", "Probabilities that a face must reach in each of the three stages."),
    ] = None
    geometry: Annotated[
        str | None,
        _setting(
            "geometry", "subpixel|classic", "Boxes in fractions of a pixel, or the whole pixels of the usual ports."
        ),
    ] = None
    stages: Annotated[
        int | None, _setting("stages", "2|3", "3 for the whole cascade; 2 is faster, without landmarks.")
    ] = None
    mirror: Annotated[
        bool | None,
        typer.Option(
            "--mirror/--no-mirror",
            help="Look at the mirror image too: more faces and better scores, in twice the time.  "
            "[default: no, or the preset's]",
            show_default=False,
        ),
    ] = None
    border: Annotated[
        float | None,
        _setting("border", "SHARE", "Grey border, as a share of the shorter side, for faces that the edge cuts."),
    ] = None
    weights: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Other weights than those that come with facecascade.", show_default=False),
    ] = None

    def settings(self) -> Settings | None:
        """The settings of the preset, with what was given by name; None if nothing was.

        Raises:
            SettingsError: there is no such preset, or a setting cannot work.
        """
        names = {field.name for field in fields(Settings)}
        given = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        if self.preset == "default" and not given:
            return None
        return Settings(**(preset_values(self.preset) | given))


@dataclass(frozen=True, kw_only=True)
class Finder(Search):
    """What a command is told about the detector: how to search, and what computes."""

    engine: Annotated[str, typer.Option(metavar="NAME", help="What computes; see facecascade info.")] = "native"
    device: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Where the keras engine runs: cpu, gpu, gpu:1, tpu; by default what its backend prefers.",
            show_default=False,
        ),
    ] = None
    threads: Annotated[
        int | None,
        typer.Option(metavar="N", help="Threads to work with; by default all processors.", show_default=False),
    ] = None
    max_megapixels: Annotated[
        float | None,
        typer.Option(
            metavar="M",
            help="Larger pictures count as unreadable: a guard against files made to exhaust memory.",
            show_default=False,
        ),
    ] = None

    def detector(self) -> MTCNN:
        """The detector of the preset, with what was given by name.

        Raises:
            SettingsError: there is no such preset, or a setting cannot work.
            WeightsError: the weights cannot be read.
            EngineError: there is no such engine or device here.
            MissingExtra: the engine needs a library that is not installed.
        """
        from facecascade.detector import MTCNN

        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in APART}
        given = {name: value for name, value in values.items() if value is not None}
        return MTCNN.preset(cast("Preset", self.preset), **given)


@dataclass(frozen=True, kw_only=True)
class CarefulFinder(Finder):
    """The same where a missed face is worse than a false one."""

    preset: Annotated[
        str, typer.Option(metavar="|".join(PRESETS), help="Settings to start from, listed at the end.")
    ] = "careful"


APART: Final = frozenset({"preset", "max_megapixels"})
"""Fields of `Finder` that are no arguments of `MTCNN`: the one names a set of them, the other guards reading."""
