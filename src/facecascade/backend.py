"""Keras 3 with the backend that its user chose; an error that says what to type where either is missing."""

from __future__ import annotations

from typing import Any

from facecascade.errors import EngineError
from facecascade.extras import load

CHOICE = (
    "Keras runs on TensorFlow, JAX or PyTorch: pip install one of tensorflow, jax, torch; KERAS_BACKEND=tensorflow, "
    "jax or torch in the environment chooses among them"
)


def _keras() -> Any:
    try:
        return load("keras", feature="what runs on Keras", extra="keras")
    except ModuleNotFoundError as error:
        if error.name not in ("tensorflow", "jax", "jaxlib", "torch"):
            raise
        raise EngineError(f"Keras is installed, but its backend {error.name} is not. {CHOICE}") from error


keras = _keras()
