"""A server of one process: `run`."""

from __future__ import annotations

import gc
import math
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from facecascade.serve.app import create_app
from facecascade.serve.connection import MOST_HEAD_BYTES, connection_class
from facecascade.serve.settings import ServeSettings


def _silent(address: str) -> None:
    del address


class Server(uvicorn.Server):
    """A server that ends well when it is asked to: what it has taken is finished, and the process goes on.

    Args:
        app: what `create_app` makes.
        settings: the same that the application has.
        started: called with the address, once requests are taken.
    """

    def __init__(self, app: ASGIApp, settings: ServeSettings, *, started: Callable[[str], None] = _silent) -> None:
        patience = settings.body_seconds + settings.max_seconds + settings.send_seconds
        super().__init__(
            uvicorn.Config(
                app,
                http=connection_class(settings),
                h11_max_incomplete_event_size=MOST_HEAD_BYTES,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=math.ceil(patience),
            )
        )
        self._tell = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take requests."""
        await super().startup(sockets)
        if self.started:
            # To go through all that was imported takes a tenth of a second, for which nobody else is served.
            gc.collect()
            gc.freeze()
            gc.collect()  # or the next one would wait until there is a quarter as much again
            self._tell(address_of((sockets or [])[0]))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End, once what was taken is finished."""
        await super().shutdown(sockets)
        gc.unfreeze()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal ends the taking, the second the waiting for what was taken."""
        del sig, frame
        self.force_exit = self.should_exit
        self.should_exit = True


def run(settings: ServeSettings, *, started: Callable[[str], None] = _silent) -> None:
    """Serve until somebody asks to stop, by SIGTERM or Ctrl-C; what was taken by then is finished.

    Args:
        settings: where, and what is allowed.
        started: called with the address, once requests are taken.

    Raises:
        WeightsError: the weights cannot be read.
        EngineError: the system does not give the threads.
        OSError: the port is taken, or there is no such address here.
    """
    app = create_app(settings)
    with listening(settings.host, settings.port) as listener:
        Server(app, settings, started=started).run([listener])


def listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections; port 0 is any that is free.

    Raises:
        OSError: the port is taken, or there is no such address here; the message names it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from error


def address_of(listener: socket.socket) -> str:
    """Where a socket listens, as an address for browsers."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
