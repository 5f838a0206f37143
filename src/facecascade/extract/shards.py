"""A share of the pictures, for one of several machines: `Shard`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, Self

from facecascade.errors import SettingsError

TEXT: Final = re.compile(r"(\d+)/(\d+)")


@dataclass(frozen=True)
class Shard:
    """One of `count` shares of about the same size; which one a picture is in depends on its key alone.

    What lies in one file, such as the frames of a video, is in one shard.

    Attributes:
        number: from 1 to `count`.
        count: how many shares there are.

    Raises:
        SettingsError: there is no such share.
    """

    number: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count:
            raise SettingsError(f"expected a shard from 1/{self.count} to {self.count}/{self.count}, got {self}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """From text, such as "3/16".

        Raises:
            SettingsError: it is no such text.
        """
        match = TEXT.fullmatch(text)
        if match is None or int(match[2]) < 1:
            raise SettingsError(f'expected a shard like "3/16", got {text!r}')
        return cls(int(match[1]), int(match[2]))

    def holds(self, key: str) -> bool:
        """Whether the file of this key is in it."""
        digest = blake2b(key.encode("utf-8", "surrogateescape"), digest_size=8).digest()
        return int.from_bytes(digest, "big") % self.count == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"
