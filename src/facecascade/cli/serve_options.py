"""Options of `facecascade serve`: each is a field of `ServeSettings`, and None leaves it to the environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from facecascade.cli.groups import OptionGroup

LISTENING: Final = "Where and to whom"
TAKING: Final = "What is taken"
WORKING: Final = "How it is worked on"


def _limit(metavar: str, meaning: str, default: str) -> Any:
    return typer.Option(metavar=metavar, help=f"{meaning}  [default: {default}]", show_default=False)


@dataclass(frozen=True, kw_only=True)
class Listening(OptionGroup):
    """Where a service listens, and who may ask."""

    PANEL = LISTENING

    host: Annotated[
        str | None,
        _limit("ADDRESS", "Where to listen; 0.0.0.0 is for everybody who reaches this machine.", "127.0.0.1"),
    ] = None
    port: Annotated[int | None, _limit("PORT", "0 for any that is free.", "8000")] = None
    token_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Whose first line everybody must send as Authorization: Bearer, for all below /v1. Not an option by "
            "itself, since all users of a machine see those.",
            show_default=False,
        ),
    ] = None
    hosts: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar="NAME",
            help="A name that the header Host may have; may be given several times.  [default: this machine's, while "
            "it listens to itself alone; else any]",
            show_default=False,
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Taking(OptionGroup):
    """What a service takes."""

    PANEL = TAKING

    max_bytes: Annotated[int | None, _limit("N", "Of the body of a request.", "67108864")] = None
    max_pixels: Annotated[int | None, _limit("N", "Of a picture.", "64000000")] = None
    max_pictures: Annotated[int | None, _limit("N", "Of a request.", "64")] = None
    max_levels: Annotated[
        int | None, _limit("N", "Pixels of the image pyramid of a picture: what detection takes time for.", "100000000")
    ] = None
    max_seconds: Annotated[float | None, _limit("S", "From the end of a request to its answer.", "60")] = None
    body_seconds: Annotated[float | None, _limit("S", "For a body to arrive.", "30")] = None
    header_seconds: Annotated[float | None, _limit("S", "For the head of a request to arrive.", "10")] = None
    send_seconds: Annotated[float | None, _limit("S", "For which an answer may lie unread.", "30")] = None
    max_requests: Annotated[int | None, _limit("N", "Without an answer yet; others are told to come back.", "128")] = (
        None
    )
    max_connections: Annotated[int | None, _limit("N", "That are open.", "1024")] = None
    max_bytes_held: Annotated[int | None, _limit("N", "Of all bodies without an answer yet.", "268435456")] = None
    max_pixels_held: Annotated[int | None, _limit("N", "Of all pictures that are decoded.", "96000000")] = None


@dataclass(frozen=True, kw_only=True)
class Working(OptionGroup):
    """How a service works."""

    PANEL = WORKING

    window: Annotated[
        float | None, _limit("S", "That a picture waits for others while the detector has nothing to do.", "0.003")
    ] = None
    batch_pictures: Annotated[int | None, _limit("N", "Pictures of one call of the detector, at most.", "16")] = None
    batch_levels: Annotated[int | None, _limit("N", "Pixels of all pyramids that end a batch.", "8000000")] = None
    lanes: Annotated[int | None, _limit("N", "Batches that are worked on at one time.", "2")] = None
    decoders: Annotated[int | None, _limit("N", "Pictures that are decoded at one time.", "2")] = None
    threads: Annotated[
        int | None,
        typer.Option(metavar="N", help="Of the detector; by default all processors.", show_default=False),
    ] = None
    weights: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Other weights than those that come with facecascade.", show_default=False),
    ] = None
