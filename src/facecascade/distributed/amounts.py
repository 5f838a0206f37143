"""How much of a job is done at a time: `Amounts`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from facecascade.distributed.sinks import Layout
from facecascade.errors import SettingsError

OF_FILES: Final = 64
"""Pictures in a unit: some seconds of work, so that none waits long for the last, and few files of records."""
OF_SHARDS: Final = 2048
"""The same where the crops of a unit are to fill shards."""


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """How much there is of what; none of it changes a face or a crop.

    Attributes:
        pictures: in one unit of work: what a process that ends loses at most. By default 64, in shards 2048.
        shard_bytes: of crops in a shard; a smaller one ends each unit.
        rows: faces in a file of the manifest, about: whole groups of 131,072.
        readers: threads of an actor that read and decode pictures.

    Raises:
        SettingsError: a number that cannot work.
    """

    pictures: int | None = None
    shard_bytes: int = 64_000_000
    rows: int = 1 << 20
    readers: int = 2

    def __post_init__(self) -> None:
        for name in ("pictures", "shard_bytes", "rows", "readers"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise SettingsError(f"expected {name} of at least 1, got {value}")

    def of_unit(self, layout: Layout) -> int:
        """Pictures in a unit."""
        return self.pictures or (OF_SHARDS if layout == "shards" else OF_FILES)
