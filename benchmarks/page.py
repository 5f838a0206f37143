"""A page whose measured parts a program replaces: they stand between two comments that Markdown does not show."""

from __future__ import annotations

import re
from collections.abc import Mapping

START, END = "<!-- measured: {name} -->", "<!-- end of {name} -->"


def names_of(text: str) -> list[str]:
    """The measured parts of a page, in their order."""
    return re.findall(r"<!-- measured: (.+?) -->", text)


def fill(text: str, parts: Mapping[str, str]) -> str:
    """The page with every measured part replaced.

    Raises:
        ValueError: the page and `parts` do not name the same parts, or one has no end.
    """
    if sorted(names_of(text)) != sorted(parts):
        raise ValueError(f"expected a page with the parts {sorted(parts)}, got {sorted(names_of(text))}")
    for name, content in parts.items():
        start, end = START.format(name=name), END.format(name=name)
        if text.count(start) != 1 or text.count(end) != 1 or text.index(start) > text.index(end):
            raise ValueError(f"expected {start} once with {end} after it")
        before, after = text[: text.index(start)], text[text.index(end) :]
        text = f"{before}{start}\n\n{content.strip()}\n\n{after}"
    return text
