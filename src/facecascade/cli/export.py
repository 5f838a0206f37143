"""`facecascade export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer

from facecascade.cli.groups import takes_groups
from facecascade.cli.options import PRESETS_HELP, Search
from facecascade.cli.panels import FILES

if TYPE_CHECKING:
    from facecascade.export import Exported, Format, Part

UNITS: Final = {"boxes": " px", "landmarks": " px"}
"""Of the cascade's outputs; all else are shares."""

EPILOG: Final = f"""{PRESETS_HELP}
\b
Examples:
  facecascade export --to onnx -o cascade.onnx
  facecascade export --to onnx -o cascade.onnx --min-face-size 40
  facecascade export --to onnx -o cascade.onnx --check-on group.jpg
  facecascade export --to litert --part pnet -o pnet.tflite
  facecascade export --to keras --part onet --weights my.npy -o onet.keras
"""


@takes_groups
def export(
    *,
    to: Annotated[
        str, typer.Option("--to", metavar="onnx|litert|keras|tf-saved-model", help="Format.", rich_help_panel=FILES)
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write: .onnx, .tflite or .keras; a folder for tf-saved-model.",
            rich_help_panel=FILES,
        ),
    ],
    part: Annotated[
        str,
        typer.Option(
            metavar="cascade|pnet|rnet|onet",
            help="The whole cascade, for onnx alone, or one network.",
            rich_help_panel=FILES,
        ),
    ] = "cascade",
    check_on: Annotated[
        Path | None,
        typer.Option(
            metavar="PICTURE",
            help="What to check the file on; by default a picture drawn for it.",
            show_default=False,
            rich_help_panel=FILES,
        ),
    ] = None,
    search: Search,
) -> None:
    """Write the cascade or a network for ONNX Runtime, LiteRT, Keras or TensorFlow.

    The file appears only when its own runtime finds in a picture what the reference engine finds. The options of the
    detector become part of an exported cascade.
    """
    from facecascade.export import export as exported

    done = exported(
        output,
        to=cast("Format", to),
        part=cast("Part", part),
        weights=search.weights,
        settings=search.settings(),
        check_on=check_on,
    )
    _print(done)


def _print(done: Exported) -> None:
    height, width = done.picture
    found = "" if done.faces is None else f", {done.faces} face{'' if done.faces == 1 else 's'}"
    typer.echo(f"{done.path}: {done.part}, {done.size:,} bytes")
    typer.echo(f"checked with {done.runtime} on a picture of {width} x {height}{found}; largest differences:")
    for name, value in done.differences.items():
        unit = UNITS.get(name, "") if done.part == "cascade" else ""
        typer.echo(f"  {name:<12} {value:8.2g}{unit:<3}  (limit {done.limits[name]:g}{unit})")
