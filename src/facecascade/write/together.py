"""Several formats at once: `Together`."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from facecascade.errors import ImageError
from facecascade.faces import Faces
from facecascade.write.columns import Extras
from facecascade.write.writer import StrPath, Writer


class Together:
    """A `Writer` that passes everything on to several.

    When one of them cannot be completed, the others are all the same; then the first error is raised.

    Attributes:
        writers: those it was made of.
    """

    def __init__(self, writers: Sequence[Writer]) -> None:
        self.writers = tuple(writers)

    def write(
        self,
        source: StrPath,
        faces: Faces,
        *,
        width: int,
        height: int,
        crops: Sequence[StrPath] | None = None,
        extras: Extras | None = None,
    ) -> None:
        """Adds the faces of one picture to each; see `Writer.write`."""
        for writer in self.writers:
            writer.write(source, faces, width=width, height=height, crops=crops, extras=extras)

    def write_error(self, source: StrPath, error: ImageError) -> None:
        """Adds a picture that could not be read to each."""
        for writer in self.writers:
            writer.write_error(source, error)

    def close(self) -> None:
        """Completes each."""
        self.__exit__(None, None, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failures: list[Exception] = []
        left = list(self.writers)
        while left:
            try:
                left.pop(0).__exit__(kind, error, trace)
            except Exception as failure:  # noqa: BLE001  # raised below, after the others are complete
                failures.append(failure)
            except BaseException as stop:
                for writer in left:
                    writer.__exit__(type(stop), stop, stop.__traceback__)
                raise
        if failures:
            raise failures[0]
