"""Which picture of one list is which of another, where the folders above them differ."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import PurePosixPath

from facecascade.errors import AnnotationError
from facecascade.read.folders import SUFFIXES

Parts = tuple[str, ...]


def pair_names(names: Iterable[str], marked: Collection[str]) -> dict[str, str]:
    """The name that belongs to each marked picture, by the longest common ending of their paths.

    Suffixes of pictures do not count, nor do the folders in front of what is common: `photos/0--Parade/0_1.jpg` belongs
    to `0--Parade/0_1`, and to `0_1` where no other marked picture is called so. Names without a partner are left out.

    Args:
        names: paths of pictures or of detections.
        marked: paths as the annotations write them.

    Returns:
        The partner of each marked picture that has one, in the order of `marked`.

    Raises:
        AnnotationError: two names belong equally well to one marked picture, or one name to several pictures.
    """
    known = {_parts(name): name for name in marked}
    endings: dict[Parts, set[Parts]] = {}
    for parts in known:
        for ending in _endings(parts):
            endings.setdefault(ending, set()).add(parts)
    partners: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        if (found := _partner(name, endings)) is not None:
            partners.setdefault(known[found[0]], []).append((found[1], name))
    return {name: _best(partners[name], marked=name) for name in marked if name in partners}


def _best(candidates: list[tuple[int, str]], *, marked: str) -> str:
    """The one with the longest common ending."""
    longest = max(length for length, _ in candidates)
    best = [name for length, name in candidates if length == longest]
    if len(best) > 1:
        raise AnnotationError(
            f"expected one partner for the marked picture {marked!r}, got {best[0]!r} and {best[1]!r}: "
            "name the folder with one of the two alone"
        )
    return best[0]


def _partner(name: str, endings: dict[Parts, set[Parts]]) -> tuple[Parts, int] | None:
    """The marked picture that a name belongs to, and how many parts of their paths are alike."""
    for ending in _endings(_parts(name)):
        candidates = endings.get(ending, set())
        if len(candidates) == 1:
            return next(iter(candidates)), len(ending)
        if candidates:
            shown = sorted("/".join(parts) for parts in candidates)[:2]
            raise AnnotationError(
                f"expected one marked picture for {name!r}, got {len(candidates)}, such as {shown[0]!r} and "
                f"{shown[1]!r}: keep the folders in the names"
            )
    return None


def _endings(parts: Parts) -> Iterator[Parts]:
    """The longest first."""
    return (parts[start:] for start in range(len(parts)))


def _parts(name: str) -> Parts:
    path = PurePosixPath(name.replace("\\", "/"))
    stem = path.with_suffix("") if path.suffix.lower() in SUFFIXES | {".txt"} else path
    return tuple(part for part in stem.parts if part not in ("/", "."))
