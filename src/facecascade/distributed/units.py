"""What there is to do, cut into what an actor does at a time: `Agenda`, `Unit`."""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facecascade.distributed.tables import SUFFIX as TABLE
from facecascade.errors import ImageError
from facecascade.extract.journal import Journal
from facecascade.extract.names import candidate_names, folded
from facecascade.extract.origins import Keys, Left
from facecascade.extract.record import Stamp
from facecascade.read import printable
from facecascade.read.entries import Kind
from facecascade.read.folders import SUFFIXES

PICTURE_ENDS: Final = tuple(f"_{suffix[1:]}" for suffix in sorted(SUFFIXES))
"""What tells the crops of p.png from those of p.jpg: p_png."""
FIRST_NAMES: Final = 3
"""Candidates for a name that another picture may have; the fourth has a hash of what tells it from all others."""

BLOCK: Final = 4096
"""Places that are numbers of Python at a time: as such they take five times the memory."""


class Item(NamedTuple):
    """A file that is to be done, as it travels to an actor."""

    id: str
    path: str
    kind: Kind
    key: str
    stamp: Stamp | None
    problem: str | None
    """Of what cannot be read: what reading it says."""
    name: str | None = None
    """What its crops were called before it changed."""

    @property
    def holds_many(self) -> bool:
        """Whether it is an archive, a table or a video."""
        return self.kind in ("zip", "tar", "video") or self.path.lower().endswith(TABLE)


@dataclass(frozen=True, kw_only=True)
class Unit:
    """What an actor does at a time.

    Attributes:
        name: of the unit, below that of its run.
        items: files, in order.
        taken: names that crops of other pictures have and that might be given here, as `folded` makes them.
        known: of archives in it, what earlier runs have done, with their stamps then.
    """

    name: str
    items: tuple[Item, ...]
    taken: frozenset[str] = frozenset()
    known: Mapping[str, Stamp] = field(default_factory=dict)


class Agenda:
    """Files that are to be done, written aside, in units.

    Names of crops depend on the pictures that might have the same name, in their order. Those are in one unit, at the
    place of the first of them, so a unit gives its names alone, and they are those of one machine. For each file 16
    bytes are kept in memory; where names may meet, 40 more.

    Args:
        left: what is to be done, in order; see `Origins.left`.
        aside: a file for them.
        keys: what the journal calls pictures.
    """

    def __init__(self, left: Iterable[Left], *, aside: Path, keys: Keys) -> None:
        self._aside = aside
        self._starts = array("q")
        self._kin = array("Q")
        self._keys = keys
        with aside.open("wb") as file:
            for one in left:
                item = _item(one)
                self._starts.append(file.tell())
                self._kin.append(kin(keys(printable(item.path))))
                pickle.dump(tuple(item), file, protocol=pickle.HIGHEST_PROTOCOL)

    def __len__(self) -> int:
        return len(self._starts)

    def units(
        self, *, journal: Journal, run: str, pictures: int, limit: int | None = None, apart: bool = False
    ) -> Iterator[Unit]:
        """All of them, in order; read from the file as they are asked for.

        Args:
            journal: what is done, and which names are taken.
            run: the name of the run.
            pictures: files in a unit, at most, unless their names may meet; an archive, a table or a video is alone.
            limit: files in all, at most.
            apart: what comes now is kept apart from what came before, so that names of then are free.
        """
        some: list[Item] = []
        last = 0
        number = 0
        named = not apart and journal.counts().with_faces > 0
        for place, item in self._ordered(limit):
            related = self._kin[place] == last and bool(some)
            if some and not related and (len(some) >= pictures or item.holds_many or some[-1].holds_many):
                yield self._unit(f"{run}/{number:09d}", some, journal, named=named)
                some, number = [], number + 1
            some.append(item)
            last = self._kin[place]
        if some:
            yield self._unit(f"{run}/{number:09d}", some, journal, named=named)

    def _ordered(self, limit: int | None) -> Iterator[tuple[int, Item]]:
        order = _together(np.frombuffer(self._kin, np.uint64))[:limit]
        with self._aside.open("rb") as file:
            for start in range(0, len(order), BLOCK):
                for place in order[start : start + BLOCK].tolist():
                    file.seek(self._starts[place])
                    values = pickle.load(file)  # noqa: S301  # written by this process
                    yield place, Item(*values)

    def _unit(self, name: str, items: list[Item], journal: Journal, *, named: bool) -> Unit:
        members = [member for item in items if item.holds_many for member in journal.members(item.key)]
        known = {key: stamp for key, stamp, _ in members}
        if not named:
            return Unit(name=name, items=tuple(items), known=known)
        taken = {folded(own) for _, _, own in members if own is not None}
        for item in items:
            path = Path(self._keys(printable(item.path)))
            first = zip(range(FIRST_NAMES), candidate_names(path, absolute=item.key), strict=False)
            taken.update(text for _, one in first if journal.is_taken(text := folded(str(one))))
        return Unit(
            name=name,
            items=tuple(item._replace(name=journal.name_of(item.key)) for item in items),
            taken=frozenset(taken),
            known=known,
        )


def kin(path: str) -> int:
    """The same number for two pictures, by their paths below the root, whose crops might have one name."""
    pure = PurePosixPath(path)
    name = folded(str(pure.with_suffix("")) if pure.suffix else path)
    while (shorter := _without_end(name)) != name:
        name = shorter
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest(), "big")


def _without_end(name: str) -> str:
    end = name.rfind("_")
    return name[:end] if end > 0 and name[end:] in PICTURE_ENDS else name


def _item(one: Left) -> Item:
    entry, key, stamp = one
    problem = None
    if entry.kind == "error":
        try:
            entry.read()
        except ImageError as error:
            problem = str(error)
    return Item(entry.id, entry.path, entry.kind, key, stamp, problem)


def _together(kin: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The places of all, in order, but those of one kin behind the first of them."""
    order = np.argsort(kin, kind="stable")
    ordered = kin[order]
    again = np.flatnonzero(ordered[1:] == ordered[:-1]) + 1
    leads = np.arange(len(kin))
    for place in again.tolist():  # in the order of the places, so a chain leads to its first
        leads[order[place]] = leads[order[place - 1]]
    return np.argsort(leads, kind="stable")
