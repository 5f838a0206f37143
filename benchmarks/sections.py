"""Programs of several parts, some of which may be asked for by name: `parsed`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable


def parsed(parser: argparse.ArgumentParser, names: Iterable[str], *, kind: str = "sections") -> argparse.Namespace:
    """The arguments of the process, with the parts that were asked for; all of them if none was.

    Args:
        parser: has all other arguments; one named after the kind is added.
        names: of the parts, in order.
        kind: what the program calls them.
    """
    known = list(names)
    listed = ", ".join(known)
    parser.add_argument(kind, nargs="*", help=f"which of {listed} (default: all)")
    args = parser.parse_args()
    chosen: list[str] = getattr(args, kind)
    unknown = [name for name in chosen if name not in known]
    if unknown:
        parser.error(f"expected {kind} out of {listed}, got {', '.join(unknown)}")
    setattr(args, kind, chosen or known)
    return args
