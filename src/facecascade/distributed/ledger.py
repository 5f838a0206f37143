"""What the tries of one unit of work have left at the destination: `Ledger`."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from typing import Final

from facecascade.distributed.claim import RECORDS, TRIES
from facecascade.distributed.parts import Container, from_bytes, records_table, table_records, to_bytes
from facecascade.distributed.places import Place
from facecascade.extract.record import Record, Stamp

MOST_TRIES: Final = 3
"""How often a picture is worked on alone, each time ending the process, before it counts as one that cannot be."""
END: Final = "-end.parquet"


class Ledger:
    """One try of a unit of work: what is done already, what it does, and what it had in hand when its process ended.

    The first try of a unit leaves one mark before it begins. A later one finds it, and knows that a process has ended
    in the middle: it goes carefully, with a mark before each picture and the picture kept at once. The last mark of a
    careful try that did not end says which picture its process ended at.

    It knows what is done as a `Journal` does, for `Origins`.

    Args:
        destination: of the job.
        unit: name of the unit, with that of its run: no two have the same.
        known: what earlier runs have done of the archives in it, with their stamps then.

    Attributes:
        name: of this try.
        kept: what is done of the unit, by this try and those before it.
        is_done: whether an earlier try came to the end, and its answer was lost.
        is_careful: whether a process has ended in the middle of the unit.
    """

    def __init__(self, destination: Place, *, unit: str, known: Mapping[str, Stamp]) -> None:
        self._destination = destination
        self._records = f"{RECORDS}/{unit}"
        self._tries = f"{TRIES}/{unit}"
        self._known: dict[str, Stamp | None] = dict(known)
        self.name = uuid.uuid4().hex[:12]
        self._parts = 0
        self._marks = 0
        self._ended: list[Container] = []
        self.kept: list[Record | Container] = []
        earlier = list(destination.names(self._tries))
        self.is_careful = bool(earlier)
        self.is_done = False
        if earlier:
            self._read_parts()
        self._ended_at = self._last_marks(earlier)
        if not self.is_done:
            destination.put(f"{self._tries}/{self.name}", b"")

    def tries(self, key: str) -> int:
        """How many processes have ended while this picture, or what opens this archive, was in hand alone."""
        return self._ended_at[key]

    def mark(self, key: str) -> None:
        """This is in hand from now on."""
        self._marks += 1
        self._destination.put(f"{self._tries}/{self.name}.{self._marks:06d}", key.encode())

    def keep(self, records: Sequence[Record], *, end: bool = False) -> None:
        """These are done, and so are the files that were added since; at the `end` nothing else is left."""
        some: list[Record | Container] = [*records, *self._ended]
        if not some and not end:
            return
        self._ended = []
        name = f"{self._records}/{self.name}-{self._parts:06d}{END if end else '.parquet'}"
        self._destination.put(name, to_bytes(records_table(some)))
        self._parts += 1
        self.kept += some

    def done(self, stamps: Mapping[str, Stamp | None], *, but_errors: bool = False) -> Set[str]:
        """Which pictures and archives are done; see `Journal.done`. What could not be read is, in one run."""
        del but_errors
        return frozenset(key for key, stamp in stamps.items() if stamp is not None and self._known.get(key) == stamp)

    def add_container(self, key: str, stamp: Stamp | None) -> None:
        """All of a file is done, once what came of it is kept."""
        if stamp is not None:
            self._ended.append(Container(key, stamp))

    def _read_parts(self) -> None:
        for name in self._destination.names(self._records):
            self.is_done |= name.endswith(END)
            for one in table_records(from_bytes(self._destination.get(name))):
                if self._known.get(one.key, "") != one.stamp:
                    self._known[one.key] = one.stamp
                    self.kept.append(one)

    def _last_marks(self, names: Sequence[str]) -> Counter[str]:
        """What each earlier try had in hand last, unless it was done all the same."""
        last: dict[str, str] = {}
        for name in sorted(names):
            attempt, _, number = name.rpartition("/")[2].partition(".")
            if number:
                last[attempt] = name
        kept = {one.key for one in self.kept}
        keys = (self._destination.get(name).decode() for name in last.values())
        return Counter(key for key in keys if key not in kept)
