"""Thousands of hostile requests, and whether anybody else notices."""

from __future__ import annotations

import http.client
import json
import threading
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.report import table, verdict
from benchmarks.service.attackers import NICE
from benchmarks.service.attacks import JPEG, MOST_BYTES, PATIENCE
from benchmarks.service.process import Served
from benchmarks.service.worker import Worker

PARTS: Final = 5
"""After the first, memory has what it needs; from the next two to the last two it may not grow."""
GROWTH: Final = 1.05
HEALTH_SECONDS: Final = 0.1
PAUSE: Final = 0.02
"""Seconds between two questions for health."""


class Health:
    """Asks all the time whether the service answers, on a connection of its own for each question.

    Attributes:
        seconds: that each answer took.
        with_core: the same less the time for which the service's thread, or the one that asks, had no core.
        wrong: answers that were none.
    """

    def __init__(self, served: Served) -> None:
        self.seconds: list[float] = []
        self.with_core: list[float] = []
        self.wrong = 0
        self._served = served
        self._port = served.port
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Health:
        self._thread.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._ended.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._ended.wait(PAUSE):
            started, waited = time.perf_counter(), self._waited()
            self.wrong += not self._healthy()
            self.seconds.append(time.perf_counter() - started)
            self.with_core.append(self.seconds[-1] - self._waited() + waited)

    def _waited(self) -> float:
        own = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat").read_text(encoding="ascii")
        return self._served.seconds_without_core + int(own.split()[1]) / 1e9

    def _healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().read() == b'{"status":"ok"}'
        except OSError:
            return False
        finally:
            connection.close()


def report(*, count: int) -> str:
    """Attacks a service so many times, in parts, and tells of its answers, memory, files and health."""
    patience = [item for name in ("header", "body", "send") for item in (f"--{name}-seconds", str(PATIENCE))]
    with Served("--max-bytes", str(MOST_BYTES), *patience) as served:
        before = _answer(served.port)
        files, parts, memory = served.files, [], []
        with Worker("attackers", str(served.port)) as attackers, Health(served) as health:
            for part in range(PARTS):
                parts.append(attackers.told(count=count // PARTS, seed=part))
                memory.append(served.megabytes)
        time.sleep(3 * PATIENCE)  # until those who do not read are left
        left = served.files - files
        same = served.alive and _answer(served.port) == before
        return _told(parts, memory, health, left=left, same=same, most=served.most_megabytes)


def _answer(port: int) -> Any:
    """What the service says of a right request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/v1/detect", JPEG, {"Content-Type": "image/jpeg"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def _told(
    parts: list[dict[str, Any]], memory: list[float], health: Health, *, left: int, same: bool, most: float
) -> str:
    names = parts[0]["statuses"]
    rows = [[name, _counts(parts, name), _wrong(parts, name)] for name in names]
    words = [f"  - {name}: {text}" for part in parts for name, one in part["wrong"].items() for text in one["some"]]
    wrong = sum(_wrong(parts, name) for name in names)
    slowest = max(health.seconds)
    growth, sizes = sum(memory[3:]) / sum(memory[1:3]), ", ".join(f"{one:.0f}" for one in memory)
    flat = verdict(growth, limit=GROWTH, at_least=False)
    total = sum(sum(part["statuses"][name].values()) for part in parts for name in names)
    return "\n".join(
        [
            f"{total} requests:\n",
            table(["what", "answers by status", "wrong or missing"], rows),
            "",
            f"- wrong or missing answers: {wrong}, at most 0: {verdict(wrong, limit=0, at_least=False)}",
            *words,
            f"- alive, with the same right answer as before: {'yes: ok' if same else 'no: MISSED'}",
            f"- memory after each fifth: {sizes} MB, most {most:.0f} MB; from "
            f"the second and third to the last two times {growth:.3f}, at most {GROWTH:g}: {flat}",
            f"- files and sockets left open: {left}, at most 0: {verdict(left, limit=0, at_least=False)}",
            f"- attackers have the cores that nobody else wants (nice {NICE})",
            f"- health, asked {len(health.seconds)} times meanwhile, {health.wrong} without an answer: median "
            f"{1000 * _share(health.seconds, 0.5):.1f} ms, 99 of 100 within {1000 * _share(health.seconds, 0.99):.0f} "
            f"ms, slowest {1000 * slowest:.0f} ms, at most {1000 * HEALTH_SECONDS:.0f}: "
            f"{verdict(slowest, limit=HEALTH_SECONDS, at_least=False)}",
            f"- the same less the time without a core: median {1000 * _share(health.with_core, 0.5):.1f} ms, 99 of 100 "
            f"within {1000 * _share(health.with_core, 0.99):.0f} ms, slowest {1000 * max(health.with_core):.0f} ms",
        ]
    )


def _counts(parts: list[dict[str, Any]], name: str) -> str:
    counts: dict[str, int] = {}
    for part in parts:
        for status, count in part["statuses"][name].items():
            counts[status] = counts.get(status, 0) + count
    return ", ".join(f"{status}: {count}" for status, count in sorted(counts.items()))


def _wrong(parts: list[dict[str, Any]], name: str) -> int:
    return sum(part["wrong"].get(name, {"count": 0})["count"] for part in parts)


def _share(values: list[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)]
