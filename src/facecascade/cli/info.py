"""`facecascade info`."""

from __future__ import annotations

import platform

import typer


def info() -> None:
    """Show the version, the engines, the instruction set in use and the weights."""
    for name, value in _facts():
        typer.echo(f"{name:<18}{value}")


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
            ("instruction sets", ", ".join(native.instruction_sets())),
            ("weights", detector.weights.name),
            ("weights SHA-256", detector.weights.sha256),
            ("Python", platform.python_version()),
            ("NumPy", numpy.__version__),
            ("Pillow", PIL.__version__),
            ("machine", f"{platform.system()} {platform.machine()}"),
        ]
