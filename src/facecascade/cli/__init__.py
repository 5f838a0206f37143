"""The `facecascade` command; it needs the extra "cli"."""

from __future__ import annotations

import gc
import sys

from facecascade.errors import MissingExtra


def main() -> int:
    """Runs the command line of this process and ends it with one of the exit codes of `facecascade --help`."""
    # Millions of small objects come and go, none of them in circles: looking for those takes a tenth of the time.
    gc.set_threshold(100_000, 50, 50)
    try:
        from facecascade.cli.app import make_app, needed

        app = make_app(needed(sys.argv[1:]))
    except ModuleNotFoundError as error:
        if error.name not in {"typer", "rich"}:
            raise
        missing = MissingExtra(feature="the facecascade command", extra="cli")
        sys.stderr.write(f"facecascade: error: {missing}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    app()
    return 0
