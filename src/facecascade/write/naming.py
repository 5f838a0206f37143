"""What the file of a picture is called in formats of one file a picture."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

StrPath = str | os.PathLike[str]
Naming = Callable[[StrPath], Path]
"""The name of a picture's files: a relative path without suffix; `facecascade.extract.Names.name` is one."""


def path_without_suffix(source: StrPath) -> Path:
    """The path of the picture, less its suffix, and less what would lead out of a folder."""
    path = Path(source)
    parts = [part for part in path.parts if part not in (path.anchor, "..")]
    return Path(*parts).with_suffix("") if parts else Path("picture")


def with_ending(name: Path, ending: str) -> Path:
    """The name with an ending, whatever dots it has."""
    return name.with_name(name.name + ending)
