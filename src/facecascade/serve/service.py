"""All that the routes of one application share: `Service`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from fastapi import Depends
from fastapi.security import HTTPBearer
from starlette.requests import ClientDisconnect, Request

from facecascade.serve.budget import Budget
from facecascade.serve.finder import Finder
from facecascade.serve.metrics import Metrics
from facecascade.serve.problems import Problem
from facecascade.serve.settings import ServeSettings
from facecascade.serve.uploads import Upload, read_uploads, takes_time

Result = TypeVar("Result")

TOKEN: Final = HTTPBearer(scheme_name="token", auto_error=False)
"""For the description alone: `Guard` has looked at it before anything else is done."""


class Service:
    """What is taken, and what works on it.

    Args:
        settings: what is allowed.

    Raises:
        WeightsError: the weights cannot be read.
        EngineError: the system does not give the threads.
    """

    def __init__(self, settings: ServeSettings) -> None:
        self.settings = settings
        self.protection = [] if settings.token is None else [Depends(TOKEN)]
        self.metrics = Metrics()
        self.finder = Finder(settings, metrics=self.metrics)
        self._bytes = Budget(settings.max_bytes_held)
        self._requests = Budget(settings.max_requests)
        self.metrics.watch(in_work=lambda: self._requests.held, bytes_held=lambda: self._bytes.held)

    @asynccontextmanager
    async def uploads(self, request: Request) -> AsyncIterator[list[Upload]]:
        """The pictures of a request, counted as held for the block.

        Raises:
            Problem: there is too much to do, the body is too large, too slow, or not well formed.
            ClientDisconnect: nobody waits for an answer any more.
        """
        if not self._requests.take(1):
            raise Problem(
                "busy", f"expected fewer than {self.settings.max_requests} requests at a time: come back later"
            )
        held = _Held(self._bytes, limit=self.settings.max_bytes)
        try:
            yield await self._read(request.headers.get("content-type", ""), await self._body(request, held))
        finally:
            held.give_back()
            self._requests.give(1)

    async def answered(self, request: Request, work: Coroutine[Any, Any, Result]) -> Result:
        """What some work returns, if that is in time and somebody still waits for it; otherwise it is cancelled.

        Raises:
            Problem: it was not done in time.
            ClientDisconnect: nobody waits for it.
        """
        task = asyncio.ensure_future(work)
        gone = asyncio.ensure_future(_disconnect(request))
        try:
            await asyncio.wait((task, gone), timeout=self.settings.max_seconds, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            if gone.done():
                raise ClientDisconnect
            raise Problem("too-slow", f"expected an answer within {self.settings.max_seconds:g} s, got none: send less")
        finally:
            await _cancelled(task, gone)
            del task, gone  # an error of the one would hold this frame, and this frame the error, and both the picture

    async def _read(self, content_type: str, pieces: list[bytes]) -> list[Upload]:
        def read() -> list[Upload]:
            body = b"".join(pieces)
            pieces.clear()  # or all of it would be there once more
            return read_uploads(content_type, body, most=self.settings.max_pictures)

        return await self.finder.in_thread(read) if takes_time(content_type, sum(map(len, pieces))) else read()

    async def _body(self, request: Request, held: _Held) -> list[bytes]:
        told = request.headers.get("content-length", "0")
        held.check(int(told) if told.isdecimal() else 0)
        pieces: list[bytes] = []
        try:
            async with asyncio.timeout(self.settings.body_seconds):
                async for piece in request.stream():
                    held.take(len(piece))
                    pieces.append(piece)
        except TimeoutError:
            raise Problem(
                "slow-body",
                f"expected a body within {self.settings.body_seconds:g} s, got a part of one: send less",
                headers={"connection": "close"},
            ) from None
        return pieces


class _Held:
    """Bytes of one body."""

    def __init__(self, budget: Budget, *, limit: int) -> None:
        self._budget = budget
        self._limit = limit
        self._held = 0

    def check(self, size: int) -> None:
        if size > self._limit:
            raise Problem("too-large", f"expected a body of at most {self._limit} bytes, got more: send fewer pictures")

    def take(self, size: int) -> None:
        self.check(self._held + size)
        if not self._budget.take(size):
            raise Problem("busy", f"expected bodies of {self._budget.limit} bytes at a time, got more: come back later")
        self._held += size

    def give_back(self) -> None:
        self._budget.give(self._held)


async def _disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _cancelled(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
