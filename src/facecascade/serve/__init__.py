"""The web service: faces from pictures over HTTP, and the page that uses it; it needs the extra "serve".

    from facecascade.serve import ServeSettings, create_app

    app = create_app(ServeSettings(max_pictures=8))

`create_app` makes an ASGI application, `run` serves it with uvicorn, as `facecascade serve` does.
"""

from __future__ import annotations

from facecascade.extras import load

for _library in ("fastapi", "uvicorn", "pydantic_settings", "prometheus_client", "python_multipart"):
    load(_library, feature="the web service", extra="serve")

from facecascade.serve.app import create_app  # noqa: E402  # after the check that says what to install
from facecascade.serve.server import run  # noqa: E402
from facecascade.serve.settings import ServeSettings  # noqa: E402

__all__ = ["ServeSettings", "create_app", "run"]
