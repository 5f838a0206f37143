"""`facecascade serve`."""

from __future__ import annotations


def serve(*, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve faces over HTTP, and a page that uses it."""
    from facecascade.serve import ServeSettings, run

    run(ServeSettings(host=host, port=port))
