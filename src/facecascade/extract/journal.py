"""What a job has done, in a SQLite file beside its output: `Journal`."""

from __future__ import annotations

import json
import os
import sqlite3
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import numpy as np

from facecascade.errors import JournalError, SettingsError
from facecascade.extract.names import folded, free_name
from facecascade.extract.record import FACE, Record, Stamp
from facecascade.extract.root import Root

FILE_NAME: Final = "journal.sqlite"
FORMAT: Final = "1"
"""Of the tables; a journal of another one is refused."""

TABLES: Final = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
    run INTEGER PRIMARY KEY, started TEXT NOT NULL,
    settings TEXT NOT NULL, software TEXT NOT NULL, weights TEXT NOT NULL
);
CREATE TABLE pictures (
    key TEXT PRIMARY KEY, path TEXT, run INTEGER NOT NULL REFERENCES runs, size INTEGER, mtime INTEGER,
    width INTEGER NOT NULL, height INTEGER NOT NULL, faces BLOB NOT NULL, name TEXT, folded TEXT,
    captured TEXT, orientation INTEGER NOT NULL, container TEXT, time REAL, error TEXT
) WITHOUT ROWID;
CREATE UNIQUE INDEX names ON pictures (folded) WHERE folded IS NOT NULL;
CREATE TABLE containers (key TEXT PRIMARY KEY, size INTEGER, mtime INTEGER) WITHOUT ROWID;
CREATE TABLE leftovers (file TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO about VALUES ('format', '1');
"""
COLUMNS: Final = "key, path, size, mtime, width, height, faces, name, captured, orientation, container, time, error"

MOST_ASKED: Final = 256
"""Keys in one question; SQLite allows 999 at least."""
MOST_PASSED: Final = 2
"""Rows that are walked along for each key that is asked for, before the others are searched for."""

ROOT: Final = "root"
SPELLED: Final = "spelled"
"""What is known of the `Root` of its keys."""
SUFFIX: Final = "suffix"
"""Of its crops, without a dot."""
LISTED: Final = "listed"
"""What was listed of the pictures since they last changed."""


class Run(NamedTuple):
    """What made the faces of a picture."""

    settings: Mapping[str, Any]
    """What decides on the result; plain values by name."""
    software: str
    """Name and version."""
    weights: str
    """SHA-256."""


class Counts(NamedTuple):
    """What a journal holds."""

    pictures: int
    """Those that could be read."""
    with_faces: int
    faces: int
    errors: int


class Journal:
    """The pictures of one output folder that were worked on, each of them in one transaction.

    It is in WAL mode: a process that is killed leaves a journal that holds every picture it had added, and nothing of
    the one it had not. One process at a time may write to it.

    As a context manager it closes itself.

    Args:
        folder: the output folder.
        readonly: whether it is only looked at; it must exist then, and others may write to it meanwhile.
        remove: removes a crop; by default from the folder.

    Raises:
        JournalError: the file is none, another process is at work in the folder, or the disk is full or fails.
    """

    def __init__(self, folder: Path, *, readonly: bool = False, remove: Callable[[str], object] | None = None) -> None:
        self.path = folder / FILE_NAME
        self._remove = remove or (lambda file: (folder / file).unlink(missing_ok=True))
        self._run = 0
        self._listed = False
        with self._told():
            self._database = _opened(self.path, readonly=readonly)
            try:
                self._prepare(readonly=readonly)
            except BaseException:
                self._database.close()
                raise

    def begin(self, run: Run, *, started: str) -> str | None:
        """Say what makes the faces from here on.

        Args:
            run: its settings must be those of the runs before.
            started: now, in ISO 8601.

        Returns:
            The software of the last run before, where it was another.

        Raises:
            SettingsError: the folder holds faces of other settings or weights; the message lists what differs.
        """
        before = self.check(run)
        with self._told():
            values = (started, json.dumps(run.settings, sort_keys=True), run.software, run.weights)
            self._run = int(
                self._database.execute(
                    "INSERT INTO runs (started, settings, software, weights) VALUES (?, ?, ?, ?)", values
                ).lastrowid
                or 0
            )
        return before.software if before is not None and before.software != run.software else None

    def check(self, run: Run) -> Run | None:
        """The last run before; an error if this one has other settings or weights.

        Raises:
            SettingsError: it has; the message lists what differs.
        """
        before = self.run()
        if before is not None:
            check_same(before, run, folder=self.path.parent)
        return before

    def run(self) -> Run | None:
        """The last run; None before the first."""
        with self._told():
            row = self._database.execute(
                "SELECT settings, software, weights FROM runs ORDER BY run DESC LIMIT 1"
            ).fetchone()
        return None if row is None else Run(json.loads(row[0]), row[1], row[2])

    def about(self, name: str) -> str | None:
        """A text kept under a name."""
        with self._told():
            row = self._database.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def tell(self, name: str, value: str) -> None:
        """Keep a text under a name, in place of an older one."""
        with self._told():
            self._database.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value))

    def root(self) -> Root | None:
        """What its keys are relative to; None in a new one."""
        folder = self.about(ROOT)
        return None if folder is None else Root(folder, self.about(SPELLED) or "")

    def tell_root(self, root: Root) -> None:
        """Say what its keys are relative to."""
        self.tell(ROOT, root.folder)
        self.tell(SPELLED, root.spelled)

    def done(self, stamps: Mapping[str, Stamp | None], *, but_errors: bool = False) -> frozenset[str]:
        """Which pictures, and which archives, videos and animated pictures with all that is in them, are done.

        Args:
            stamps: of the files by key, as they are now; what has another stamp, or none, is not done.
            but_errors: what could not be read is not done, and so no archive, whatever is in it.
        """
        keys = list(stamps)
        with self._told():
            done = _unchanged(
                self._known("pictures", keys, "CASE WHEN error IS NULL THEN size END" if but_errors else "size"), stamps
            )
            if len(done) < len(keys) and not but_errors:
                done |= _unchanged(self._known("containers", [key for key in keys if key not in done], "size"), stamps)
        return frozenset(done)

    def _known(self, table: str, keys: list[str], size: str) -> Iterator[tuple[Any, ...]]:
        """Key, size and time of change of these keys, and perhaps of some between them.

        The files of a folder lie side by side here too, so that to walk along them is quicker than to search for each;
        but a folder inside it, whose files lie between them, may have any number of files.
        """
        query = f"SELECT key, {size}, mtime FROM {table} WHERE key "  # noqa: S608
        for start in range(0, len(keys), MOST_ASKED):
            asked = sorted(keys[start : start + MOST_ASKED])
            most = MOST_PASSED * len(asked)
            walked = self._database.execute(
                f"{query} BETWEEN ? AND ? ORDER BY key LIMIT ?", (asked[0], asked[-1], most)
            )
            rows = walked.fetchall()
            yield from rows
            if len(rows) == most and (rest := asked[bisect(asked, rows[-1][0]) :]):
                # One number of marks for all lengths: SQLite keeps what it made of the text.
                some = rest + [rest[-1]] * (MOST_ASKED - len(rest))
                yield from self._database.execute(f"{query} IN ({', '.join('?' * len(some))})", some)

    def name_for(self, key: str, path: str) -> str:
        """What the crops of a picture are called: as before, or by a name that no other picture has.

        Args:
            key: of the picture.
            path: where it lies below the root; what the name is made of.
        """
        with self._told():
            own = self._database.execute("SELECT name FROM pictures WHERE key = ?", (key,)).fetchone()
            if own is not None and own[0] is not None:
                return str(own[0])
            return str(free_name(Path(path), absolute=key, taken=self.is_taken))

    def is_taken(self, name: str) -> bool:
        """Whether the crops of a picture have this name, which comes `folded`."""
        with self._told():
            taken = self._database.execute("SELECT 1 FROM pictures WHERE folded = ?", (name,)).fetchone()
        return taken is not None

    def name_of(self, key: str) -> str | None:
        """What the crops of a picture are called; None where it is not known, or has none."""
        with self._told():
            row = self._database.execute("SELECT name FROM pictures WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def members(self, container: str) -> list[tuple[str, Stamp, str | None]]:
        """Pictures in an archive, a video or an animated picture that are known: key, stamp of then, name."""
        within = (container + "/", container + "0")  # "0" comes after the slash
        query = "SELECT key, size, mtime, name FROM pictures WHERE size NOT NULL AND key > ? AND key < ?"
        with self._told():
            rows = self._database.execute(query, within).fetchall()
        return [(key, Stamp(size, mtime), name) for key, size, mtime, name in rows]

    def add(self, record: Record, *, suffix: str) -> None:
        """One picture, in place of what was known of it; crops that it no longer has are dropped."""
        with self._told():
            before = self._database.execute(
                "SELECT name, length(faces) FROM pictures WHERE key = ?", (record.key,)
            ).fetchone()
            gone = _gone(before, record, suffix=suffix)
            with self._transaction():
                self._forget_listing()
                self._insert(record)
                self._database.executemany("INSERT OR IGNORE INTO leftovers VALUES (?)", [(file,) for file in gone])
        if gone:
            self.drop_leftovers()

    def add_container(self, key: str, stamp: Stamp | None) -> None:
        """An archive, a video or an animated picture of which all is done."""
        if stamp is not None:
            with self._told():
                self._database.execute("INSERT OR REPLACE INTO containers VALUES (?, ?, ?)", (key, *stamp))

    def drop_leftovers(self) -> None:
        """Remove the crops that no picture has any more."""
        with self._told():
            files = [file for (file,) in self._database.execute("SELECT file FROM leftovers")]
            for file in files:
                self._remove(file)
            self._database.executemany("DELETE FROM leftovers WHERE file = ?", [(file,) for file in files])

    def leave_over(self, files: Iterable[str]) -> None:
        """Crops that are not kept: they are removed by the next `drop_leftovers`, whatever happens before."""
        with self._told(), self._transaction():
            self._database.executemany("INSERT OR IGNORE INTO leftovers VALUES (?)", ((file,) for file in files))

    def containers(self) -> list[tuple[str, Stamp]]:
        """Archives, videos and animated pictures of which all is done."""
        with self._told():
            rows = self._database.execute("SELECT key, size, mtime FROM containers ORDER BY key").fetchall()
        return [(key, Stamp(size, mtime)) for key, size, mtime in rows]

    def counts(self) -> Counts:
        """What it holds."""
        with self._told():
            row = self._database.execute(
                "SELECT count(*) - count(error), sum(length(faces) > 0), sum(length(faces)), count(error) FROM pictures"
            ).fetchone()
        return Counts(row[0], row[1] or 0, (row[2] or 0) // FACE.itemsize, row[3])

    def records(self) -> Iterator[Record]:
        """All pictures, by key."""
        with self._told(), closing(self._database.cursor()) as cursor:
            cursor.arraysize = 256
            cursor.execute(f"SELECT {COLUMNS} FROM pictures ORDER BY key")  # noqa: S608  # a constant
            while rows := cursor.fetchmany():
                yield from map(_record, rows)

    @property
    def listed(self) -> str | None:
        """What `list_as` was told, unless a picture came or changed since."""
        return self.about(LISTED)

    def list_as(self, what: str) -> None:
        """Remember that all pictures are listed, and how."""
        self.tell(LISTED, what)
        self._listed = True

    def close(self) -> None:
        """Put everything into the one file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _prepare(self, *, readonly: bool) -> None:
        tables = {name for (name,) in self._database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables and not readonly:
            self._database.executescript(f"BEGIN; {TABLES} COMMIT;")
        elif "about" not in tables or self.about("format") != FORMAT:
            raise JournalError(
                f"{self.path}: expected a journal of facecascade, format {FORMAT}, got something else: "
                "use another output folder"
            )
        self._listed = self.listed is not None

    def _insert(self, record: Record) -> None:
        size, mtime = (None, None) if record.stamp is None else record.stamp
        self._database.execute(
            "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(
                    record.key,
                    None if record.path == record.key else record.path,
                    self._run,
                    size,
                    mtime,
                    record.width,
                    record.height,
                    record.faces.tobytes(),
                ),
                *(record.name, None if record.name is None else folded(record.name)),
                *(record.captured, record.orientation, record.container, record.time, record.error),
            ),
        )

    def _forget_listing(self) -> None:
        if self._listed:
            self._database.execute("DELETE FROM about WHERE name = ?", (LISTED,))
            self._listed = False

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make one transaction of all that is done inside: quicker, and gone as a whole if it does not end well."""
        with self._told(), self._transaction():
            yield

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._database.in_transaction:  # a part of a larger one
            yield
            return
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise JournalError(f"{self.path}: {_explained(error)}") from error


def has_journal(folder: Path) -> bool:
    """Whether a job has worked in this folder."""
    return (folder / FILE_NAME).is_file()


def _opened(path: Path, *, readonly: bool) -> sqlite3.Connection:
    if readonly:
        # One that may write leaves no files of its own behind; one that may not trusts that nobody else does.
        mode = "mode=rw" if os.access(path.parent, os.W_OK) else "mode=ro&immutable=1"
        return sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None, timeout=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    # What is locked is freed when the process ends, however it ends. Without shared memory WAL works on network file
    # systems too.
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    return database


def _record(row: tuple[Any, ...]) -> Record:
    key, path, size, mtime, width, height, faces, name, captured, orientation, container, time, error = row
    return Record(
        key=key,
        path=key if path is None else path,
        stamp=None if size is None else Stamp(size, mtime),
        width=width,
        height=height,
        faces=np.frombuffer(faces, FACE),
        name=name,
        captured=captured,
        orientation=orientation,
        container=container,
        time=time,
        error=error,
    )


def _unchanged(rows: Iterable[tuple[Any, ...]], stamps: Mapping[str, Stamp | None]) -> set[str]:
    return {key for key, size, mtime in rows if stamps.get(key) == (size, mtime)}


def _gone(before: tuple[Any, ...] | None, record: Record, *, suffix: str) -> list[str]:
    """Crops that a picture had and has no longer."""
    if before is None or before[0] is None:
        return []
    old = Record(
        key=record.key, path=record.path, stamp=None, name=before[0], faces=np.empty(before[1] // FACE.itemsize, FACE)
    )
    return sorted(set(old.crops(suffix)) - set(record.crops(suffix)))


def check_same(before: Run, now: Run, *, folder: Path | str) -> None:
    """An error if one run has other settings or weights than another one before it in the same folder.

    Raises:
        SettingsError: it has; the message lists what differs.
    """
    old, new = ({**run.settings, "weights": run.weights} for run in (before, json_like(now)))
    differ = [
        f"{name} was {json.dumps(old.get(name))} and is {json.dumps(new.get(name))}"
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]
    if differ:
        raise SettingsError(
            f"{folder} holds faces of other settings: {'; '.join(differ)}. "
            "Use the settings of before, or another output folder"
        )


def json_like(run: Run) -> Run:
    """The run with its settings as JSON gives them back."""
    return run._replace(settings=json.loads(json.dumps(run.settings)))


def _explained(error: sqlite3.Error) -> str:
    text = str(error)
    if "locked" in text:
        return "another process is at work in this folder; wait for its end, or use another folder"
    if "full" in text:
        return "the disk is full; what was done is kept: make room and run again"
    return f"the journal fails: {text}"
