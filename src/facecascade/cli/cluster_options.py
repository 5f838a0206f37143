"""Options of a job on a Ray cluster: `ClusterOptions`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer

from facecascade.cli.groups import OptionGroup
from facecascade.cli.panels import CLUSTER
from facecascade.errors import SettingsError

if TYPE_CHECKING:
    from facecascade.distributed import Cluster
    from facecascade.distributed.sinks import Layout

HERE: Final = "local"


@dataclass(frozen=True, kw_only=True)
class ClusterOptions(OptionGroup):
    """Whether a job runs on a cluster, and how much of it."""

    PANEL = CLUSTER

    ray: Annotated[
        str | None,
        typer.Option(
            metavar="[ADDRESS]",
            help="Work on the cluster at this address, such as auto or 10.0.0.1:6379; without one, on this machine. "
            "Inputs and DIR may be URLs then; see docs/scale.md.",
            show_default=False,
        ),
    ] = None
    actors: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Processes with a detector each.  [default: one a processor]", show_default=False
        ),
    ] = None
    gpus: Annotated[float, typer.Option("--gpus", metavar="N", help="GPUs of each of them, with --engine keras.")] = 0
    layout: Annotated[
        str, typer.Option("--layout", metavar="files|shards", help="Crops as files, or in tar shards for WebDataset.")
    ] = "files"
    shard_megabytes: Annotated[float, typer.Option(metavar="MB", help="Size of a shard.")] = 64
    unit: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Pictures that a process that ends may lose.  [default: 64, or 2048 in shards]",
            show_default=False,
        ),
    ] = None

    def cluster(self) -> Cluster:
        """As the library has it.

        Raises:
            SettingsError: a value cannot work.
        """
        from facecascade.distributed import Cluster

        if self.ray is None:
            raise SettingsError("expected a cluster, got none: give --ray")
        if self.ray != HERE and self.ray != "auto" and ":" not in self.ray:
            raise SettingsError(
                f"expected --ray without an address, or with one like auto or 10.0.0.1:6379, got {self.ray!r}: "
                "put the inputs before it"
            )
        return Cluster(address=self.ray, actors=self.actors, gpus=self.gpus)

    def arguments(self) -> dict[str, Any]:
        """Those of `DistributedJob`.

        Raises:
            SettingsError: a value cannot work.
        """
        from facecascade.distributed import Amounts

        amounts = Amounts(pictures=self.unit, shard_bytes=int(self.shard_megabytes * 1e6))
        return {"layout": cast("Layout", self.layout), "amounts": amounts}

    def check_beside(self, output: str, **given: object) -> None:
        """An error for what is made from crops, or beside them, where they are no files of this machine.

        Args:
            output: the destination.
            given: what was asked for by the name of its option; empty where it was not.

        Raises:
            SettingsError: something was.
        """
        wanted = [f"--{name.replace('_', '-')}" for name, value in given.items() if value]
        if wanted and not self.has_files(output):
            got = "shards" if self.layout != "files" else output
            raise SettingsError(
                f"expected crops as files in a folder of this machine for {', '.join(wanted)}, got {got}: "
                "leave it out; faces.parquet at the destination lists all faces"
            )

    def has_files(self, output: str) -> bool:
        """Whether the crops are files in a folder of this machine."""
        from facecascade.distributed.places import local_path

        return self.layout == "files" and local_path(output) is not None
