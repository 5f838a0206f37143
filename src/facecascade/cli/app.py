"""The commands, gathered; and how each of them ends."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from facecascade.cli.blur import EPILOG as BLUR_EPILOG
from facecascade.cli.blur import blur
from facecascade.cli.detect import EPILOG as DETECT_EPILOG
from facecascade.cli.detect import detect
from facecascade.cli.draw import EPILOG as DRAW_EPILOG
from facecascade.cli.draw import draw
from facecascade.cli.evaluate import EPILOG as EVALUATE_EPILOG
from facecascade.cli.evaluate import evaluate
from facecascade.cli.exits import INTERRUPTED, PIPE_CLOSED, WRONG_USAGE
from facecascade.cli.export import EPILOG as EXPORT_EPILOG
from facecascade.cli.export import export
from facecascade.cli.extract import EPILOG as EXTRACT_EPILOG
from facecascade.cli.extract import extract
from facecascade.cli.info import info
from facecascade.cli.merge import EPILOG as MERGE_EPILOG
from facecascade.cli.merge import merge
from facecascade.cli.panels import PanelCommand
from facecascade.cli.report import one_line
from facecascade.cli.serve import EPILOG as SERVE_EPILOG
from facecascade.cli.serve import serve
from facecascade.errors import FacecascadeError

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
app.command(cls=PanelCommand, epilog=DETECT_EPILOG)(detect)
app.command(cls=PanelCommand, epilog=EXTRACT_EPILOG)(extract)
app.command(cls=PanelCommand, epilog=MERGE_EPILOG)(merge)
app.command(cls=PanelCommand, epilog=BLUR_EPILOG)(blur)
app.command(cls=PanelCommand, epilog=DRAW_EPILOG)(draw)
app.command(cls=PanelCommand, epilog=EVALUATE_EPILOG)(evaluate)
app.command(cls=PanelCommand, epilog=EXPORT_EPILOG)(export)
app.command(cls=PanelCommand, epilog=SERVE_EPILOG)(serve)
app.command()(info)


def _show_version(value: bool) -> None:  # noqa: FBT001  # how typer calls it
    if value:
        from facecascade import __version__

        typer.echo(f"facecascade {__version__}")
        raise typer.Exit


@app.callback()
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
