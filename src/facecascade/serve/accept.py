"""Which form of an answer a client wants: `preferred`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from facecascade.serve.problems import Problem

MOST_RANGES: Final = 32
"""Of one header; browsers send eight."""


def preferred(header: str | None, forms: Sequence[str]) -> str:
    """The media type that the header Accept likes best; the first of equal ones, as RFC 9110 has it.

    Args:
        header: None where there is none, which accepts all.
        forms: media types that there are, the usual one first.

    Raises:
        Problem: none of them is accepted.
    """
    if header is None or not header.strip():
        return forms[0]
    ranges = [_range(one) for one in header.lower().split(",")[:MOST_RANGES]]
    best = max(forms, key=lambda form: _quality(form, ranges))
    if _quality(best, ranges) <= 0:
        raise Problem(
            "not-acceptable", f"expected one of {', '.join(forms)} to be accepted, got Accept: {header[:200]}"
        )
    return best


def _range(text: str) -> tuple[str, float]:
    """A media range and its quality; one that is not well formed has none."""
    media_range, *parameters = (part.strip() for part in text.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = min(max(float(value), 0.0), 1.0)
            except ValueError:
                quality = 0.0
    return media_range, quality


def _quality(form: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The quality that the most specific range gives to a form."""
    for pattern in (form, f"{form.partition('/')[0]}/*", "*/*"):
        found = [quality for media_range, quality in ranges if media_range == pattern]
        if found:
            return max(found)
    return 0.0
