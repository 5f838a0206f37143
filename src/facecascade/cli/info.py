"""`facecascade info`."""

from __future__ import annotations

import platform
from importlib.metadata import version
from importlib.util import find_spec
from typing import Final

import typer

EPILOG: Final = """\b
Example:
  facecascade info
"""


def info() -> None:
    """Show the version, the engines, the instruction set in use and the weights."""
    for name, value in _facts():
        typer.echo(f"{name:<18}{value}")


def _keras() -> str:
    """Keras and its backends, as far as can be told without importing them, which takes seconds."""
    if find_spec("keras") is None:
        return 'not installed; pip install "facecascade[keras]"'
    backends = [name for name in ("tensorflow", "jax", "torch") if find_spec(name) is not None]
    there = f"with {', '.join(backends)}" if backends else "without a backend: install tensorflow, jax or torch"
    chooses = "; KERAS_BACKEND chooses" if len(backends) > 1 else ""
    return f"{version('keras')}, {there}{chooses}"


def _facts() -> list[tuple[str, str]]:
    import numpy
    import PIL

    from facecascade import __version__, engines
    from facecascade.detector import MTCNN
    from facecascade.engines import native

    with MTCNN() as detector:
        return [
            ("facecascade", __version__),
            ("engine", detector.engine.description),
            ("engines", ", ".join(engines.available())),
            ("Keras", _keras()),
            ("instruction sets", ", ".join(native.instruction_sets())),
            ("weights", detector.weights.name),
            ("weights SHA-256", detector.weights.sha256),
            ("Python", platform.python_version()),
            ("NumPy", numpy.__version__),
            ("Pillow", PIL.__version__),
            ("machine", f"{platform.system()} {platform.machine()}"),
        ]
