"""Files that appear whole or not at all: `Replacement`, and `beside` for what wants a name or is a folder."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import ClassVar, Self


class Replacement:
    """A file written beside its target, which it replaces in one step; until then an older target stays as it was.

    As a context manager it commits when the block ends well, and discards when it ends with an exception.

    Args:
        target: where the file shall be; a symbolic link stays one, and what it points to is replaced.

    Attributes:
        path: where to write meanwhile, in the same folder.
    """

    PATTERN: ClassVar = ".facecascade-*.part"
    """Matches every `path`: a process that is killed leaves such a file behind."""

    def __init__(self, target: Path) -> None:
        self._shown = target
        self._target = target.resolve()
        self.path = self._target.with_name(self.PATTERN.replace("*", secrets.token_hex(8)))

    def commit(self) -> None:
        """Put the file in place; an OSError leaves nothing behind."""
        try:
            self.path.replace(self._target)
        except OSError as error:
            raise self.named(error) from None
        finally:
            self.discard()

    def discard(self) -> None:
        """Drop the file; the older target stays."""
        self.path.unlink(missing_ok=True)

    def named(self, error: OSError) -> OSError:
        """The error with the name of the target in it, since nobody knows the file beside it."""
        error.filename, error.filename2 = str(self._shown), None
        return error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
            return
        self.discard()
        if isinstance(error, OSError) and error.filename == str(self.path):
            self.named(error)


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A place of the target's name in a folder of its own beside it, which takes the target's place at the end.

    For files that are written by their suffix, and for folders, of which the target must be none yet. Nothing is left
    when the block ends with an exception.

    Raises:
        OSError: the folder of the target is missing, or cannot be written.
    """
    home = target.resolve()
    if not home.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target.parent))
    with TemporaryDirectory(dir=home.parent, prefix=".facecascade-", suffix=".aside") as folder:
        path = Path(folder, home.name)
        yield path
        path.replace(home)
