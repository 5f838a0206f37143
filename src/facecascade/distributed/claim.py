"""What a destination holds the faces of, so that no run mixes them with others: `Claim`."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

from facecascade.distributed.places import Place
from facecascade.distributed.sinks import Layout
from facecascade.distributed.sources import Source
from facecascade.errors import JournalError
from facecascade.extract.agreement import FaceDetector, checked_root, run_of
from facecascade.extract.journal import Run, check_same, json_like
from facecascade.extract.root import Root
from facecascade.extract.work import ExtractOptions

JOB: Final = "_job"
"""The folder of what the job remembers; readers of tables pass over what begins like this."""
RUNS: Final = f"{JOB}/runs"
RECORDS: Final = f"{JOB}/records"
TRIES: Final = f"{JOB}/tries"
FORMAT: Final = "1"


@dataclass(frozen=True)
class Claim:
    """What one run says of itself.

    Attributes:
        name: of the run; later ones sort after it.
        run: settings, software and weights.
        root: what keys are relative to.
    """

    name: str
    run: Run
    root: Root

    @classmethod
    def of(
        cls,
        source: Source,
        destination: Place,
        *,
        detector: Callable[[], FaceDetector],
        options: ExtractOptions,
        layout: Layout,
        moved: bool,
    ) -> Self:
        """That of a run that begins now; nothing is said to anybody yet.

        Raises:
            SettingsError: runs before it have other settings or weights, or had other pictures, which have not moved.
            JournalError: a claim cannot be read.
            OSError: the destination cannot be.
        """
        run = run_of(detector(), options, source)
        run = run._replace(settings={**run.settings, "layout": layout})
        before = cls.before(destination)
        root = checked_root(before[-1].root if before else None, source.root, folder=str(destination), moved=moved)
        claim = cls(f"{now().replace(':', '')}-{uuid.uuid4().hex[:8]}", run, root)
        claim.check(before, destination)
        return claim

    @classmethod
    def before(cls, destination: Place) -> list[Self]:
        """Those of the runs before, the first one first.

        Raises:
            JournalError: a claim cannot be read.
            OSError: the destination cannot be.
        """
        return [cls._read(destination, name) for name in destination.names(RUNS) if name.endswith(".json")]

    @classmethod
    def _read(cls, destination: Place, name: str) -> Self:
        try:
            told = json.loads(destination.get(name))
            if told["format"] != FORMAT:
                raise JournalError(
                    f"{destination}/{name}: expected a job of format {FORMAT}, got {told['format']!r}: "
                    "use another destination"
                )
            return cls(told["name"], Run(**told["run"]), Root(**told["root"]))
        except (ValueError, KeyError, TypeError) as error:
            raise JournalError(f"{destination}/{name}: expected what a run says of itself, got: {error}") from error

    def make(self, destination: Place) -> None:
        """Say so at the destination, and look whether another run says something else.

        Of two runs that begin together each says so before it looks, so one of them at least sees the other.

        Raises:
            SettingsError: another run has other settings or weights; this one leaves nothing behind.
            JournalError: a claim cannot be read.
            OSError: the destination cannot be written to.
        """
        self.check(self.before(destination), destination)
        file = f"{RUNS}/{self.name}.json"
        destination.put(file, self._text())
        try:
            self.check(self.before(destination), destination)
        except BaseException:
            destination.remove(file)
            raise

    def check(self, others: Sequence[Claim], destination: Place) -> None:
        """An error if one of them has other settings or weights.

        Raises:
            SettingsError: one has; the message lists what differs.
        """
        for other in others:
            check_same(other.run, self.run, folder=str(destination))

    def _text(self) -> bytes:
        run = json_like(self.run)
        told: dict[str, Any] = {"format": FORMAT, "name": self.name, "run": run._asdict(), "root": asdict(self.root)}
        return json.dumps(told, indent=1).encode()


def now() -> str:
    """In ISO 8601; later ones sort after earlier ones."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
