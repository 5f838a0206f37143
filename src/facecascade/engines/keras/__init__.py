"""The cascade on Keras 3: TensorFlow, JAX or PyTorch, on a CPU, GPU or TPU, batched over pictures and over crops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from facecascade.engines.keras.engine import KerasEngine

__all__ = ["KerasEngine"]


def __getattr__(name: str) -> Any:
    if name == "KerasEngine":  # its import is that of Keras, which takes seconds
        from facecascade.engines.keras.engine import KerasEngine

        return KerasEngine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
