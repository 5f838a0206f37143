"""What a service allows: `ServeSettings`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MEBIBYTE: Final = 2**20

Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class ServeSettings(BaseSettings):
    """Where a service listens and what it allows.

    Each field may be given by a variable of the environment too: `FACECASCADE_SERVE_MAX_BYTES` is `max_bytes`. None of
    them changes which faces are found; they say what is refused.
    """

    model_config = SettingsConfigDict(env_prefix="FACECASCADE_SERVE_", frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    """Where to listen: by default for programs of this machine alone."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """0 for any that is free."""
    token: SecretStr | None = None
    """What `Authorization: Bearer` must hold for everything below /v1; None for no such check."""
    hosts: tuple[str, ...] = ()
    """Names that the header Host may have, without a port; by default this machine's alone while `host` is one of them,
    else any. A page that makes a name of its own point to this machine is kept out by it."""

    max_bytes: Count = 64 * MEBIBYTE
    """Of the body of one request."""
    max_pixels: Count = 64_000_000
    """Of one picture; decoding takes 7 bytes a pixel."""
    max_pictures: Count = 64
    """Of one request."""
    max_levels: Count = 100_000_000
    """Pixels of all levels of the image pyramid of one picture, for which detection takes its time: it cannot be
    stopped once it has begun."""
    max_seconds: Seconds = 60.0
    """From the last byte of a request to its answer, or of a streamed answer to its end."""
    body_seconds: Seconds = 30.0
    """For a body to arrive."""
    header_seconds: Seconds = 10.0
    """For the head of a request to arrive."""
    send_seconds: Seconds = 30.0
    """For which a client may leave its answer unread."""

    max_requests: Count = 128
    """That have been taken and not been answered; more of them are told to come back."""
    max_connections: Count = 1024
    """That are open; more of them are closed at once."""
    max_bytes_held: Count = 256 * MEBIBYTE
    """Of all bodies that have been taken and not been answered; a request that would go beyond is told to come back."""
    max_pixels_held: Count = 96_000_000
    """Of all pictures that are decoded at one time; others wait, as they came."""

    window: Annotated[float, Field(ge=0, le=1)] = 0.003
    """Seconds that a picture waits for others while the detector has nothing to do."""
    batch_pictures: Count = 16
    """That the detector gets in one call."""
    batch_levels: Count = 8_000_000
    """A batch ends with the picture that brings the pixels of all its pyramids to this."""
    lanes: Annotated[int, Field(ge=1, le=16)] = 2
    """Batches that are worked on at one time, so that a large one does not hold up the small ones."""
    decoders: Annotated[int, Field(ge=1, le=64)] = 2
    """Pictures that are decoded at one time."""
    threads: Annotated[int | None, Field(ge=1, le=1024)] = None
    """Of the detector; None for as many as this process may use."""
    weights: Path | None = None
    """None for the bundled ones."""

    @model_validator(mode="after")
    def _one_fits(self) -> Self:
        for one, all_of_them in (("max_bytes", "max_bytes_held"), ("max_pixels", "max_pixels_held")):
            if getattr(self, one) > getattr(self, all_of_them):
                raise ValueError(
                    f"expected {all_of_them} of at least {one}, got {getattr(self, all_of_them)} and "
                    f"{getattr(self, one)}: the largest one could never be taken"
                )
        return self
