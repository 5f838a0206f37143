"""Libraries of the extras, imported when they are used: `load`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from facecascade.errors import MissingExtra


def load(module: str, *, feature: str, extra: str | None = None) -> Any:
    """A module of a library that may be missing; untyped, since this package is checked without it.

    Args:
        module: its full name, such as "scipy.io".
        feature: what wants it, for the message.
        extra: the extra that brings it; by default one of the library's name.

    Raises:
        MissingExtra: the library is not installed; the message holds the command that installs it.
    """
    library = module.partition(".")[0]
    try:
        import_module(library)
    except ModuleNotFoundError as error:
        if error.name != library:
            raise
        raise MissingExtra(feature=feature, extra=extra or library) from None
    return import_module(module)
