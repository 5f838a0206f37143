"""`facecascade serve`."""

from __future__ import annotations

import gc
import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from facecascade.cli.groups import takes_groups
from facecascade.cli.serve_options import Listening, Taking, Working
from facecascade.errors import SettingsError

if TYPE_CHECKING:
    from facecascade.serve import ServeSettings

GC_THRESHOLD: Final = (700, 10, 10)
"""Python's own: what is left of a request that failed lies in circles, with the picture in them."""

EPILOG: Final = """\b
Examples:
  facecascade serve
  facecascade serve --port 9000 --max-pictures 8
  facecascade serve --host 0.0.0.0 --token-file token.txt
  curl -F pictures=@group.jpg http://127.0.0.1:8000/v1/detect

Each option is a variable of the environment too: --max-pictures is FACECASCADE_SERVE_MAX_PICTURES,
a token may be in FACECASCADE_SERVE_TOKEN. docs/service.md says more.
"""


@takes_groups
def serve(
    *,
    listening: Listening,
    taking: Taking,
    working: Working,
    quiet: Annotated[bool, typer.Option("--quiet", help="No line a request on standard error.")] = False,
) -> None:
    """Serve faces over HTTP, and a page for browsers.

    Nothing is kept after an answer, and no address of the web is ever fetched. Ctrl-C or SIGTERM ends it once all that
    was taken is answered.
    """
    from facecascade.serve import run

    gc.set_threshold(*GC_THRESHOLD)
    settings = _settings(asdict(listening) | asdict(taking) | asdict(working))
    _log(access=not quiet)
    run(settings, started=lambda address: typer.echo(f"facecascade: serving at {address}; Ctrl-C ends it", err=True))


def _settings(told: dict[str, Any]) -> ServeSettings:
    """What was told, and what the environment says of the rest.

    Raises:
        SettingsError: a value cannot work.
    """
    from pydantic import ValidationError

    from facecascade.serve import ServeSettings

    token_file: Path | None = told.pop("token_file")
    if token_file is not None:
        told["token"] = _token(token_file)
    try:
        return ServeSettings(**{name: value for name, value in told.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "".join(f"{part}: " for part in first["loc"][:1])
        raise SettingsError(f"{name}{first['msg']}, got {first['input']!r:.200}") from error


def _token(file: Path) -> str:
    lines = file.read_text(encoding="utf-8").splitlines()
    if not lines or not lines[0].strip():
        raise SettingsError(f"{file}: expected a token in the first line, got none")
    return lines[0].strip()


def _log(*, access: bool) -> None:
    """What happens goes to standard error, a line each."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(message)s")
    for library in ("uvicorn.error", "python_multipart"):  # they warn of what is told to whoever sent it
        logging.getLogger(library).setLevel(logging.ERROR)
    logging.getLogger("facecascade.serve").setLevel(logging.INFO if access else logging.WARNING)
