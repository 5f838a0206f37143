"""Pictures a second of the service, beside the Python API."""

from __future__ import annotations

import pickle
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.report import table, verdict
from benchmarks.service.process import Served
from benchmarks.service.worker import Worker

SHARE: Final = 0.85
TAIL: Final = 4.0
MEGABYTES: Final = 400.0
GROWTH: Final = 1.05
"""Of memory from the first third of the turns to the last, at most."""
MIN_FACE_SIZE: Final = 40
WARM_UP: Final = 5.0
"""Seconds of the same work before the first turn, of either side, that do not count."""


def report(pictures: Sequence[bytes], *, clients: int, seconds: float, turns: int, options: Sequence[str]) -> str:
    """Both in turn, the service for so many seconds in all.

    Args:
        pictures: JPEGs.
        clients: that ask at one time.
        seconds: of the service, and as many of the Python API.
        turns: in so many pieces.
        options: of `facecascade serve`.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pictures"
        file.write_bytes(pickle.dumps(list(pictures)))
        query = f"min_face_size={MIN_FACE_SIZE}"
        with (
            Served(*options) as served,
            Worker("clients", str(file), str(served.port), str(clients), query) as asking,
            Worker("api", str(file), str(MIN_FACE_SIZE)) as api,
        ):
            for worker in (asking, api):
                worker.turn(WARM_UP)
            return _told(_turns(served, asking, api, seconds=seconds / turns, turns=turns), served)


def _turns(served: Served, asking: Worker, api: Worker, *, seconds: float, turns: int) -> list[dict[str, Any]]:
    measured = []
    for number in range(turns):
        first = api.turn(seconds) if number % 2 else None
        cpu = served.cpu_seconds
        service = asking.turn(seconds)
        service |= {"server_cpu": served.cpu_seconds - cpu, "megabytes": served.megabytes}
        measured.append({"service": service, "api": first or api.turn(seconds)})
    return measured


def _told(turns: list[dict[str, Any]], served: Served) -> str:
    rows = [_row(number, turn) for number, turn in enumerate(turns, 1)]
    latencies = sorted(one for turn in turns for one in turn["service"]["latencies"])
    median, tail = latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.99)]
    share = statistics.median(_rate(turn["service"]) / _rate(turn["api"]) for turn in turns)
    wrong = sum(turn["service"]["wrong"] for turn in turns)
    third = max(len(turns) // 3, 1)
    memory = [turn["service"]["megabytes"] for turn in turns]
    growth = statistics.mean(memory[-third:]) / statistics.mean(memory[:third])
    most = served.most_megabytes
    header = ["turn", "service/s", "Python API/s", "share", "API ms CPU", "server ms CPU", "clients ms CPU", "MB"]
    return "\n".join(
        [
            table(header, rows),
            "",
            f"- before the first turn, either side had {WARM_UP:g} s of the same work that do not count",
            f"- share of the Python API's pictures a second, median of the turns: {share:.0%}, at least {SHARE:.0%}: "
            f"{verdict(share, limit=SHARE, at_least=True)}",
            "- the same by the processor time of a picture, of the Python API and of server and clients together: "
            f"{_costs(turns):.0%}",
            f"- of {len(latencies)} answers the median took {1000 * median:.0f} ms, 99 of 100 at most "
            f"{1000 * tail:.0f} ms: {tail / median:.2f} times, at most {TAIL:g}: "
            f"{verdict(tail / median, limit=TAIL, at_least=False)}",
            f"- wrong or missing answers: {wrong}, at most 0: {verdict(wrong, limit=0, at_least=False)}",
            f"- most memory: {most:.0f} MB, at most {MEGABYTES:g}: {verdict(most, limit=MEGABYTES, at_least=False)}; "
            f"from the first third of the turns to the last times {growth:.3f}, at most {GROWTH:g}: "
            f"{verdict(growth, limit=GROWTH, at_least=False)}",
        ]
    )


def _rate(result: dict[str, Any]) -> float:
    return float(result["count"] / result["seconds"])


def _costs(turns: list[dict[str, Any]]) -> float:
    """What the share would be if nobody else wanted a core, and all of them were always at work."""
    api, service = ([turn[name] for turn in turns] for name in ("api", "service"))
    once = sum(one["cpu"] for one in api) / sum(one["count"] for one in api)
    return float(once * sum(one["count"] for one in service) / sum(one["server_cpu"] + one["cpu"] for one in service))


def _row(number: int, turn: dict[str, Any]) -> list[str]:
    service, api = turn["service"], turn["api"]
    costs = (api["cpu"] / api["count"], service["server_cpu"] / service["count"], service["cpu"] / service["count"])
    return [
        str(number),
        f"{_rate(service):.1f}",
        f"{_rate(api):.1f}",
        f"{_rate(service) / _rate(api):.0%}",
        *(f"{1000 * cost:.2f}" for cost in costs),
        f"{service['megabytes']:.0f}",
    ]
