"""Which pictures of the inputs are still to be done, and where each comes from: `Origins`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from facecascade.extract.batches import Batch, Looked, batches_of
from facecascade.extract.inputs import Inputs
from facecascade.extract.record import Stamp
from facecascade.extract.root import Root
from facecascade.extract.shards import Shard
from facecascade.extract.work import Origin
from facecascade.read import Entry, Frames, printable
from facecascade.read.animations import may_move

if TYPE_CHECKING:
    from facecascade.read.entries import Skip

CONTAINERS: Final = ("zip", "tar", "video")

Left = tuple[Entry, str, Stamp | None]
"""A file, its key and its stamp."""


class Expanded(Protocol):
    """Puts the pictures in a file in its place; see `expand`."""

    def __call__(self, entry: Entry, /, *, skip: Skip) -> Iterator[Entry]:
        """They, in order."""


class Plan(NamedTuple):
    """What there is to do."""

    files: int
    """Pictures, archives, videos of the inputs, or of the shard of them."""
    left: int
    """Those that are not done yet, or have changed."""
    pictures: int | None
    """The same as pictures; None where an archive or a video is among them, and only reading can tell."""


class Known(Protocol):
    """What knows which pictures are done: a `Journal`."""

    def done(self, stamps: Mapping[str, Stamp | None], *, but_errors: bool = False) -> Set[str]:
        """Those of these keys that are; see `Journal.done`."""

    def add_container(self, key: str, stamp: Stamp | None) -> None:
        """All of an archive, a video or an animated picture is."""


class Keys:
    """What a journal calls the picture of an id.

    Args:
        root: what its keys are relative to.
        seen: the root of the inputs, at or below the other.
    """

    def __init__(self, *, root: Root, seen: Root) -> None:
        self._seen = seen
        self._start = seen.seen_from(root) or ""

    def __call__(self, identity: str) -> str:
        """The key of this id, or of a path below the same root."""
        key = self._seen.key(identity)
        return key if key[:1] == "/" else self._start + key

    def of(self, ids: Iterable[str]) -> list[str]:
        """The keys of many ids."""
        keys = self._seen.keys(ids)
        return [key if key[:1] == "/" else self._start + key for key in keys] if self._start else keys


class Origins:
    """The pictures that a journal does not know, or that have changed.

    Args:
        journal: what is done; None for nothing.
        keys: what it calls them.
        shard: the share that is worked on.
        retry: pictures that could not be read are to be done again.
    """

    def __init__(self, journal: Known | None, *, keys: Keys, shard: Shard | None = None, retry: bool = False) -> None:
        self._journal = journal
        self._key = keys
        self._shard = shard
        self._retry = retry
        self._files: dict[str, tuple[str, Stamp | None]] = {}
        self._begun = 0
        self._done = 0
        self._ends: deque[tuple[int, str, Stamp | None]] = deque()

    def pictures(self, inputs: Inputs, max_megapixels: float | None) -> Iterator[Entry]:
        """Those that are to be done, in order; what lies in archives, videos and animated pictures with them."""
        return self.opened(self._left_of(inputs.batches()), partial(inputs.expanded, max_megapixels=max_megapixels))

    def left(self, looked: Iterable[Looked]) -> Iterator[Left]:
        """Files that are to be done, in order, without opening any."""
        return self._left_of(batches_of(looked))

    def opened(self, left: Iterable[Left], expanded: Expanded) -> Iterator[Entry]:
        """The pictures in some files that are to be done, those that are done already left out.

        Args:
            left: as `left` gives them.
            expanded: opens one, as `expand` does.
        """
        for entry, key, stamp in left:
            found = expanded(entry, skip=partial(self._has, stamp=stamp))
            yield from self._opened(entry, found, key, stamp)

    def plan(self, inputs: Inputs) -> Plan:
        """Counts them, without opening any; surveys the inputs if nobody has yet."""
        count = _Count(inputs.frames)

        def look(batch: Batch) -> None:
            keyed = self._keyed(batch)
            count.add(len(keyed), self._left(batch, keyed))

        if inputs.surveyed:
            for batch in inputs.batches():
                look(batch)
        else:
            inputs.survey(look)
        return count.plan()

    def counted(self, looked: Iterable[Looked], *, frames: Frames) -> Plan:
        """Counts those among some files.

        Args:
            looked: the files.
            frames: of animated pictures, "first" or "all".
        """
        count = _Count(frames)
        for batch in batches_of(looked):
            keyed = self._keyed(batch)
            count.add(len(keyed), self._left(batch, keyed))
        return count.plan()

    def origin(self, entry: Entry) -> Origin:
        """Of a picture that `pictures` gave."""
        key = self._key(entry.id)
        file, stamp = self._files[entry.id]
        return Origin(key, stamp, None if file == key else file, self._key(printable(entry.path)))

    def done(self, entry: Entry) -> None:
        """A picture is in the journal; they must come in the order in which `pictures` gave them."""
        del self._files[entry.id]
        self._done += 1
        self._close_containers()

    def finish(self) -> None:
        """All that were given are in the journal."""
        self._close_containers()

    def _opened(self, entry: Entry, found: Iterator[Entry], key: str, stamp: Stamp | None) -> Iterator[Entry]:
        alone = False
        for number, picture in enumerate(found):
            alone = number == 0 and picture.id == entry.id
            self._files[picture.id] = key, stamp
            self._begun += 1
            yield picture
        if not alone:
            self._ends.append((self._begun, key, stamp))

    def _close_containers(self) -> None:
        while self._ends and self._ends[0][0] <= self._done:
            _, key, stamp = self._ends.popleft()
            if self._journal is not None:
                self._journal.add_container(key, stamp)

    def _left_of(self, batches: Iterable[Batch]) -> Iterator[Left]:
        return (left for batch in batches for left in self._left(batch, self._keyed(batch)))

    def _keyed(self, batch: Batch) -> list[tuple[int, str]]:
        """Place and key of those that are in the shard."""
        keyed = list(enumerate(self._key.of(batch.ids)))
        return keyed if self._shard is None else [one for one in keyed if self._shard.holds(one[1])]

    def _left(self, batch: Batch, keyed: list[tuple[int, str]]) -> list[Left]:
        """Those that are to be done, with their keys."""
        stamps = batch.stamps
        done = self._done_of({key: stamps[place] for place, key in keyed})
        return [(batch.entry(place), key, stamps[place]) for place, key in keyed if key not in done]

    def _done_of(self, stamps: Mapping[str, Stamp | None]) -> Set[str]:
        return frozenset() if self._journal is None else self._journal.done(stamps, but_errors=self._retry)

    def _has(self, identity: str, *, stamp: Stamp | None) -> bool:
        """Whether a picture in a file is done; the file itself is not, or nobody would ask."""
        return bool(self._done_of({self._key(identity): stamp}))


class _Count:
    """A `Plan` in the making."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._files = 0
        self._left = 0
        self._countable = True

    def add(self, files: int, left: list[Left]) -> None:
        self._files += files
        self._left += len(left)
        for entry, _, _ in left:
            self._countable &= entry.kind not in CONTAINERS and not (self._frames == "all" and may_move(entry))

    def plan(self) -> Plan:
        return Plan(self._files, self._left, self._left if self._countable else None)
