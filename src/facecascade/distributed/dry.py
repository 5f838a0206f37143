"""What a job on a cluster would have to do: `dry_run`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from facecascade.distributed.claim import Claim
from facecascade.distributed.history import History
from facecascade.distributed.places import Place
from facecascade.distributed.sinks import Layout, check_layout
from facecascade.distributed.sources import Source, find_source
from facecascade.distributed.tables import is_table
from facecascade.extract.agreement import FaceDetector
from facecascade.extract.batches import Looked
from facecascade.extract.names import StrPath
from facecascade.extract.origins import Keys, Origins, Plan
from facecascade.extract.shards import Shard
from facecascade.extract.work import ExtractOptions
from facecascade.read import Sampling


def dry_run(
    source: StrPath | Sequence[StrPath],
    destination: StrPath,
    *,
    detector: Callable[[], FaceDetector],
    options: ExtractOptions | None = None,
    layout: Layout = "files",
    frames: str = "first",
    sampling: Sampling | None = None,
    shard: Shard | None = None,
    retry: bool = False,
    moved: bool = False,
    scratch: StrPath | None = None,
) -> Plan:
    """What a `DistributedJob` of the same arguments would have to do; nothing is written but to a disk of this machine.

    Raises:
        SettingsError, JournalError, MissingExtra: as of the job.
        OSError: the destination cannot be read.
    """
    check_layout(layout, options)
    options = options or ExtractOptions()
    place = Place(destination)
    found = find_source(source, output=destination, frames=frames, sampling=sampling)
    claim = Claim.of(found, place, detector=detector, options=options, layout=layout, moved=moved)
    history = History(place, layout=layout, suffix=options.format, claim=claim, scratch=scratch)
    try:
        keys = Keys(root=claim.root, seen=found.root)
        looked = _Looked(found)
        plan = Origins(history.journal, keys=keys, shard=shard, retry=retry).counted(looked, frames=found.frames)
    finally:
        history.close()
    return plan._replace(pictures=None) if looked.tables else plan


class _Looked:
    """The files of a source; whether tables are among them, whose pictures only reading can count."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.tables = False

    def __iter__(self) -> Iterator[Looked]:
        for entry, stamp in self._source.looked():
            self.tables |= is_table(entry)
            yield entry, stamp
