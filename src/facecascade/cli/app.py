"""The commands, gathered; and how each of them ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from facecascade.cli.exits import INTERRUPTED, PIPE_CLOSED, WRONG_USAGE
from facecascade.cli.panels import PanelCommand
from facecascade.cli.report import one_line
from facecascade.errors import FacecascadeError

COMMANDS: Final = ("detect", "extract", "merge", "blur", "draw", "evaluate", "export", "serve", "info")
"""Each a function in a module of its own, of the same name."""
HELP: Final = "Find faces in pictures, take them out, or hide them."
EPILOG: Final = """\b
Exit codes:
  0    all went well
  1    some pictures could not be read; all others are done
  2    wrong usage or settings, or the output cannot be written
  130  interrupted by Ctrl-C; what was done until then is kept
"""


class Commands(TyperGroup):
    """Turns what a person can put right into one clear line and an exit code; a bug keeps its traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Runs one command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.stderr.write("facecascade: interrupted; what was not complete is dropped\n")
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            _silence_stdout()
            raise typer.Exit(PIPE_CLOSED) from None
        except (FacecascadeError, OSError) as error:
            sys.stderr.write(f"facecascade: error: {one_line(error)}\n")
            raise typer.Exit(WRONG_USAGE) from None
        except MemoryError:
            sys.stderr.write(
                "facecascade: error: not enough memory; --threads and --max-megapixels limit what is used\n"
            )
            raise typer.Exit(WRONG_USAGE) from None


def make_app(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command line, with some commands alone: to load what the others need takes longer than to find a face."""
    app = typer.Typer(
        cls=Commands,
        help=HELP,
        epilog=EPILOG,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(top)
    for name in names:
        module = import_module(f"facecascade.cli.{name}")
        app.command(cls=PanelCommand, epilog=module.EPILOG)(getattr(module, name))
    return app


def needed(arguments: Sequence[str]) -> Sequence[str]:
    """The command that is asked for; all of them for help, and where what is asked for is none."""
    return [name for name in arguments[:1] if name in COMMANDS] or COMMANDS


def _show_version(value: bool) -> None:  # noqa: FBT001  # how typer calls it
    if value:
        from facecascade import __version__

        typer.echo(f"facecascade {__version__}")
        raise typer.Exit


def top(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Options before the command."""


def _silence_stdout() -> None:
    """Whoever read our output has left, as `head` does; the interpreter must not complain about it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
