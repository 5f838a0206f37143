"""Clients that ask again as soon as they are answered; a process of its own, told by lines what to do.

It reads lines of JSON, {"seconds": S}, and answers each with a line: how many requests, how long each took, how many
went wrong, and what the process took of the processors.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import pickle
import sys
import time
from pathlib import Path
from typing import Any


class Client(asyncio.Protocol):
    """One connection, and one request after the other."""

    def __init__(self, requests: list[bytes], first: int, step: int, *, until: float, told: Told) -> None:
        self._requests = requests
        self._number = first
        self._step = step
        self._until = until
        self._told = told
        self._received = bytearray()
        self._wanted = -1
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask the first time."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        """A piece of an answer."""
        self._received += data
        if self._wanted < 0:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._received[:end]).lower()
            self._wanted = end + 4 + int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
        if len(self._received) >= self._wanted:
            self._answered()

    def connection_lost(self, error: Exception | None) -> None:
        """The server has gone."""
        del error
        if not self.ended.done():
            self._told.wrong += 1
            self.ended.set_result(None)

    def _ask(self) -> None:
        self._received.clear()
        self._wanted = -1
        self._asked = time.perf_counter()
        self._transport.write(self._requests[self._number % len(self._requests)])

    def _answered(self) -> None:
        now = time.perf_counter()
        self._told.answer(self._number % len(self._requests), bytes(self._received), now - self._asked)
        self._number += self._step
        if now < self._until:
            self._ask()
        else:
            self.ended.set_result(None)
            self._transport.close()


class Told:
    """What the clients of one turn were told."""

    def __init__(self, bodies: dict[int, bytes]) -> None:
        self.seconds: list[float] = []
        self.wrong = 0
        self._bodies = bodies

    def answer(self, picture: int, answer: bytes, seconds: float) -> None:
        """Right is a status of 200 and what was said the first time of this picture, to the byte."""
        head, _, body = answer.partition(b"\r\n\r\n")
        digest = hashlib.blake2b(body, digest_size=16).digest()
        right = head.startswith(b"HTTP/1.1 200") and digest == self._bodies.setdefault(picture, digest)
        self.wrong += not right
        self.seconds.append(seconds)


def request_of(picture: bytes, query: str) -> bytes:
    """A request with a picture as its body."""
    head = f"POST /v1/detect?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/jpeg\r\n"
    return f"{head}Content-Length: {len(picture)}\r\n\r\n".encode() + picture


async def _turn(requests: list[bytes], port: int, clients: int, seconds: float, told: Told) -> None:
    loop = asyncio.get_running_loop()
    until = time.perf_counter() + seconds
    protocols = []
    for number in range(clients):
        _, protocol = await loop.create_connection(
            lambda number=number: Client(requests, number, clients, until=until, told=told),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
        protocols.append(protocol)
    await asyncio.gather(*(protocol.ended for protocol in protocols))


def main() -> None:
    """Work until standard input ends."""
    pictures, port, clients, query = sys.argv[1:]
    requests = [request_of(one, query) for one in pickle.loads(Path(pictures).read_bytes())]
    bodies: dict[int, bytes] = {}
    for line in sys.stdin:
        told = Told(bodies)
        started, cpu = time.perf_counter(), time.process_time()
        asyncio.run(_turn(requests, int(port), int(clients), json.loads(line)["seconds"], told))
        answer: dict[str, Any] = {
            "count": len(told.seconds),
            "wrong": told.wrong,
            "latencies": told.seconds,
            "seconds": time.perf_counter() - started,
            "cpu": time.process_time() - cpu,
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
