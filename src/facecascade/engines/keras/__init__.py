"""The cascade on Keras 3: TensorFlow, JAX or PyTorch, on a CPU, GPU or TPU, batched over pictures and over crops."""

from facecascade.engines.keras.engine import KerasEngine

__all__ = ["KerasEngine"]
