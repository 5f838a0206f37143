"""A server of one process: `run`."""

from __future__ import annotations

import uvicorn

from facecascade.serve.app import create_app
from facecascade.serve.settings import ServeSettings


def run(settings: ServeSettings) -> None:
    """Serve until somebody asks to stop; what was taken by then is finished.

    Raises:
        WeightsError: the weights cannot be read.
        EngineError: the system does not give the threads.
        OSError: the port is taken.
    """
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        http="h11",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    uvicorn.Server(config).run()
