"""The shards of a job, put together to what one machine would have made: `merge_shards`."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path

from facecascade.errors import JournalError, SettingsError
from facecascade.extract.journal import SUFFIX, Journal, Run, has_journal
from facecascade.extract.names import StrPath
from facecascade.extract.record import Record
from facecascade.extract.whole import copy_whole


def merge_shards(shards: Sequence[StrPath], folder: StrPath) -> Iterator[Record]:
    """Bring the crops and journals of several outputs into one; yields each picture that came in.

    Crops share the content of those in the shards where they lie on one file system, and are copied where not; the
    shards stay as they are. Stopped and begun again, it goes on. A picture that several shards hold is taken from the
    first. Names are given anew, in the order of the keys, so that they are those of one run over all pictures.

    Args:
        shards: output folders of runs with the same settings.
        folder: for all of them; a new one, or one that is partly merged.

    Raises:
        SettingsError: the shards, or those merged before, have other settings or weights.
        JournalError: a folder holds no journal, another process is at work in one, or a crop is missing.
        OSError: the folder cannot be written to.
    """
    paths = [Path(shard) for shard in shards]
    if Path(folder).resolve() in [path.resolve() for path in paths]:
        raise SettingsError(f"expected a folder apart from the shards, got {folder}")
    with ExitStack() as opened:
        journals = [opened.enter_context(_journal(path)) for path in paths]
        run, suffix = _agreed(journals)
        merged = opened.enter_context(Journal(Path(folder)))
        merged.begin(run, started=datetime.now(UTC).isoformat(timespec="seconds"))
        root = journals[0].root()
        if root is not None and merged.root() is None:
            merged.tell_root(root)
        merged.tell(SUFFIX, suffix)
        yield from _pictures(journals, merged, suffix)
        for journal in journals:
            for key, stamp in journal.containers():
                merged.add_container(key, stamp)


def _journal(path: Path) -> Journal:
    if not has_journal(path):
        raise JournalError(f"expected a folder of an extraction, with its journal, got {path}")
    return Journal(path, readonly=True)


def _agreed(journals: Sequence[Journal]) -> tuple[Run, str]:
    first = journals[0].run() if journals else None
    if first is None:
        raise JournalError("expected folders of an extraction that was begun, got none")
    for journal in journals[1:]:
        journal.check(first)
    return first, journals[0].about(SUFFIX) or ""


def _pictures(journals: Sequence[Journal], merged: Journal, suffix: str) -> Iterator[Record]:
    numbered = [_numbered(journal, number) for number, journal in enumerate(journals)]
    last = ""
    for key, number, record in heapq.merge(*numbered, key=itemgetter(0, 1)):
        known = key == last or (record.stamp is not None and merged.done({key: record.stamp}))
        last = key
        if not known:
            yield _taken_over(record, journals[number].path.parent, merged, suffix)


def _numbered(journal: Journal, number: int) -> Iterator[tuple[str, int, Record]]:
    return ((record.key, number, record) for record in journal.records())


def _taken_over(record: Record, shard: Path, merged: Journal, suffix: str) -> Record:
    name = merged.name_for(record.key, record.path) if len(record.faces) else None
    renamed = replace(record, name=name)
    for old, new in zip(record.crops(suffix), renamed.crops(suffix), strict=True):
        try:
            copy_whole(shard / old, merged.path.parent / new)
        except FileNotFoundError as error:
            raise JournalError(f"{shard / old}: expected the crop that the journal knows, got none") from error
    merged.add(renamed, suffix=suffix)
    return renamed
