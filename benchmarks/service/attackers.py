"""Many attackers at one time; a process of its own, which tells what they were answered."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections import Counter
from typing import Any, Final

from benchmarks.service.attacks import ATTACKS

AT_ONCE: Final = 64
NICE: Final = 10
"""Attackers are elsewhere, and take no core away from whom they attack; here they take what nobody else wants."""
SHOWN: Final = 5
"""Wrong answers of each kind that are told in words."""


class Tally:
    """What the attackers were answered."""

    def __init__(self) -> None:
        self.statuses: dict[str, Counter[str]] = {name: Counter() for name in ATTACKS}
        self.wrong: dict[str, list[str]] = {name: [] for name in ATTACKS}

    def answer(self, name: str, answer: bytes) -> None:
        """Right is one of the statuses of the attack, with a reason."""
        statuses = ATTACKS[name].statuses
        if not statuses:
            self.statuses[name]["none"] += 1
            return
        head, _, body = answer.partition(b"\r\n\r\n")
        status = int(head.split()[1]) if head.startswith(b"HTTP/1.1 ") else 0
        self.statuses[name][str(status)] += 1
        if status not in statuses or b"application/problem+json" not in head or not json.loads(body).get("detail"):
            self.error(name, f"{status} {body[:200].decode('utf-8', 'replace')}")

    def error(self, name: str, words: str) -> None:
        """An answer that is wrong, or none."""
        self.wrong[name].append(words)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        wrong = {name: {"count": len(words), "some": words[:SHOWN]} for name, words in self.wrong.items() if words}
        return {"statuses": {name: dict(some) for name, some in self.statuses.items()}, "wrong": wrong}


async def _attacker(port: int, names: list[str], seed: int, tally: Tally) -> None:
    chance = random.Random(seed)
    while names:
        name = names.pop()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            tally.answer(name, await ATTACKS[name].send(reader, writer, chance))
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            tally.error(name, f"{type(error).__name__}: {error}")
        finally:
            writer.transport.abort()


async def _all(port: int, count: int, seed: int) -> Tally:
    tally = Tally()
    names = [name for number in range(count) for name in [list(ATTACKS)[number % len(ATTACKS)]]]
    random.Random(seed).shuffle(names)
    await asyncio.gather(*(_attacker(port, names, seed + number, tally) for number in range(AT_ONCE)))
    return tally


def main() -> None:
    """Attack, once for each line of standard input, and answer each with a line."""
    port = int(sys.argv[1])
    os.nice(NICE)
    for line in sys.stdin:
        order = json.loads(line)
        tally = asyncio.run(_all(port, order["count"], order["seed"]))
        sys.stdout.write(json.dumps(tally.to_dict()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
