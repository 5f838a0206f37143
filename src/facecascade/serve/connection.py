"""One connection of a client, with an end to its patience: `Connection`."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from facecascade.serve.guard import RAW_HEADERS
from facecascade.serve.problems import Problem
from facecascade.serve.settings import ServeSettings

MOST_HEAD_BYTES: Final = 16_384
"""Of a request, less its body."""
LINGER_SECONDS: Final = 5.0
"""For which the rest of a body is thrown away that was refused: a connection that is closed under a client who still
sends would lose the answer that says why."""


class Connection(H11Protocol):
    """A connection that is closed if a request does not arrive in time, or an answer is not read in time.

    uvicorn waits for both for as long as it takes, and so for everybody who sends a letter a minute. How long a body
    may take is for `Service` to say, which can tell why.
    """

    limits: ClassVar[ServeSettings]
    """Of the server; set by `connection_class`."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has come."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.max_connections:
            self.transport.abort()
        else:
            self._follow()

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody has gone."""
        for name in list(self._timers):
            self._stop(name)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A piece of a request."""
        super().data_received(data)
        self._follow()

    def on_response_complete(self) -> None:
        """An answer has been handed over to the system."""
        super().on_response_complete()
        self._follow()
        if self.transport.is_closing():  # whatever of it is still here
            self._start("send", self.limits.send_seconds, self.transport.abort)

    def timeout_keep_alive_handler(self) -> None:
        """Nothing more has come."""
        super().timeout_keep_alive_handler()
        self._start("send", self.limits.send_seconds, self.transport.abort)

    def pause_writing(self) -> None:
        """The client does not read as fast as it is answered."""
        super().pause_writing()
        self._start("send", self.limits.send_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It has read on."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._stop("send")

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, and close."""
        del msg
        if self.conn.trailing_data[0] and len(self.conn.trailing_data[0]) >= MOST_HEAD_BYTES:
            self._refuse(Problem("large-head", f"expected a head of at most {MOST_HEAD_BYTES} bytes, got more"))
        else:
            self._refuse(Problem("bad-request", "expected a request in HTTP/1.1, got something else"))

    def _follow(self) -> None:
        """Watch what has to arrive: a head that has begun, or the rest of a body that nobody wants."""
        idle_after_answer = self.timeout_keep_alive_task is not None
        if self.conn.their_state is h11.IDLE and not idle_after_answer:
            self._start("head", self.limits.header_seconds, self._late)
        else:
            self._stop("head")
        if self.conn.their_state is h11.SEND_BODY and self.conn.our_state in (h11.DONE, h11.MUST_CLOSE):
            self._start("rest", LINGER_SECONDS, self.transport.abort)
        else:
            self._stop("rest")

    def _late(self) -> None:
        if not self.conn.trailing_data[0]:
            self.transport.close()  # nothing was asked
            return
        seconds = self.limits.header_seconds
        self._refuse(Problem("slow-head", f"expected the head of a request within {seconds:g} s, got a part of one"))

    def _refuse(self, problem: Problem) -> None:
        """Answer with a problem, unless an answer has begun, and close."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            answer = problem.response()
            further = (*answer.raw_headers, *RAW_HEADERS, (b"connection", b"close"))
            headers = [*self.server_state.default_headers, *further]
            self._write(h11.Response(status_code=answer.status_code, headers=headers))
            self._write(h11.Data(data=bytes(answer.body)))
            self._write(h11.EndOfMessage())
        self.transport.close()
        self._start("send", self.limits.send_seconds, self.transport.abort)

    def _write(self, event: h11.Event) -> None:
        data = self.conn.send(event)
        if data:
            self.transport.write(data)

    def _start(self, name: str, seconds: float, then: Any) -> None:
        if name not in self._timers:
            self._timers[name] = self.loop.call_later(seconds, then)

    def _stop(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()


def connection_class(limits: ServeSettings) -> type[Connection]:
    """The connections of a server with these limits."""
    return type("Connection", (Connection,), {"limits": limits})
