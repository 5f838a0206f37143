"""Pictures from an object store and results into it, on Ray, by a driver that is killed and begun again."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.distributed.pair import differences, on_one_machine
from benchmarks.distributed.processes import descendants
from benchmarks.report import table
from facecascade.distributed import Place
from facecascade.distributed.claim import RECORDS
from facecascade.distributed.parts import from_bytes

UNIT: Final = 16
"""Pictures of a unit, so that there are some when the driver is killed."""
PATIENCE: Final = 120
"""Seconds within which what a killed driver began has to end."""
KEYS: Final = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
BUCKET: Final = "pictures"


def report(pictures: Path, work: Path) -> str:
    """The job into a bucket, ended with SIGKILL in the middle and begun again, beside the job on one machine."""
    count = on_one_machine(pictures, work / "one")
    with served() as query:
        upload(pictures, Place(f"s3://{BUCKET}/in{query}"))
        killed, left = _killed(query, work)
        done = int(_command(query, work).stdout.split()[0])
        download(Place(f"s3://{BUCKET}/out{query}"), work / "out")
    found = differences(work / "one", work / "out", moved=(str(pictures), f"s3://{BUCKET}/in"))
    header = [
        "pictures",
        "done when killed",
        "by the next run",
        "processes left",
        "crops that differ",
        "rows",
        "errors",
    ]
    return table(header, [[count, killed, done, left, *found]])


@contextmanager
def served() -> Iterator[str]:
    """A server on the loopback interface that answers as S3 does, with one bucket; gives the query that leads to it."""
    from moto.server import ThreadedMotoServer
    from pyarrow.fs import S3FileSystem

    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # not a line for each file
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        os.environ.update(KEYS)
        host, port = server.get_host_and_port()
        how = {"endpoint_override": f"{host}:{port}", "scheme": "http", "region": "us-east-1"}
        S3FileSystem(allow_bucket_creation=True, **how).create_dir(BUCKET)
        yield "?" + "&".join(f"{name}={value}" for name, value in how.items())
    finally:
        server.stop()


def upload(folder: Path, place: Place) -> None:
    """All files of a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            place.put(path.relative_to(folder).as_posix(), path.read_bytes())


def download(place: Place, folder: Path) -> None:
    """All files of a place."""
    for name in place.names(""):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(place.get(name))


def _killed(query: str, work: Path) -> tuple[int, int]:
    """Ends a driver after three units; how many pictures are done then, and how many of its processes stay."""
    out = Place(f"s3://{BUCKET}/out{query}")
    with (work / "log.txt").open("ab") as log:
        driver = subprocess.Popen(_words(query), stdout=log, stderr=log)
        while sum(1 for _ in out.names(RECORDS)) < 3:
            if driver.poll() is not None:
                raise SystemExit(f"expected a driver that is at work, got one that has ended; see {work / 'log.txt'}")
            time.sleep(0.1)
        begun = descendants(driver.pid) - {driver.pid}
        driver.send_signal(signal.SIGKILL)
        driver.wait()
    until = time.monotonic() + PATIENCE
    while (left := sum(map(_is_there, begun))) and time.monotonic() < until:
        time.sleep(0.1)
    return sum(from_bytes(out.get(name)).num_rows for name in out.names(RECORDS)), left


def _is_there(pid: int) -> bool:
    """Whether a process is at work; not one that has ended, and that nobody has asked about yet."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _command(query: str, work: Path) -> subprocess.CompletedProcess[str]:
    with (work / "log.txt").open("ab") as log:
        return subprocess.run(_words(query), stdout=subprocess.PIPE, stderr=log, text=True, check=True)


def _words(query: str) -> list[str]:
    urls = [f"s3://{BUCKET}/{name}{query}" for name in ("in", "out")]
    return [sys.executable, "-m", "benchmarks.distributed.run", "cluster:2", *urls, str(UNIT)]
