"""What the three backends of Keras do differently: devices, memory, and what compiles a function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from facecascade.backend import CHOICE, keras
from facecascade.errors import EngineError
from facecascade.extras import load

Function = Callable[..., Any]


class Backend:
    """One backend of Keras, on one device.

    Args:
        device: "cpu", "gpu", "gpu:1", ("cuda" is another word for "gpu"), "tpu"; None for what the backend prefers.

    Raises:
        EngineError: there is no such device, or the backend is none of the three.
    """

    def __init__(self, device: str | None) -> None:
        self.name: str = keras.backend.backend()
        if self.name not in _DEVICES:
            raise EngineError(f"expected Keras on tensorflow, jax or torch, got {self.name}. {CHOICE}")
        if self.name == "tensorflow":
            _grow_memory()
        self.device = _chosen(device, _DEVICES[self.name](), backend=self.name)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """What is made in here lies on the device."""
        with keras.device(self.device):
            if self.name == "jax":
                with load("jax", feature="the keras engine", extra="keras").default_matmul_precision("highest"):
                    yield
            elif self.name == "torch":
                with load("torch", feature="the keras engine", extra="keras").inference_mode():
                    yield
            else:
                yield

    def compiled(self, function: Function) -> Function:
        """The function, compiled once for each set of shapes.

        PyTorch runs it as it is: its compiler takes longer for a set of shapes than most runs have to gain.
        """
        if self.name == "tensorflow":
            wrapped: Function = load("tensorflow", feature="the keras engine", extra="keras").function(
                function, autograph=False, jit_compile=True
            )
            return wrapped
        if self.name == "jax":
            jitted: Function = load("jax", feature="the keras engine", extra="keras").jit(function)
            return jitted
        return function


def _tensorflow_devices() -> list[str]:
    devices = load("tensorflow", feature="the keras engine", extra="keras").config.list_physical_devices()
    return [device.device_type.lower() for device in devices if device.device_type in ("CPU", "GPU", "TPU")]


def _jax_devices() -> list[str]:
    jax = load("jax", feature="the keras engine", extra="keras")
    return [*("cpu" for _ in jax.devices("cpu")), *(d.platform for d in jax.devices() if d.platform != "cpu")]


def _torch_devices() -> list[str]:
    torch = load("torch", feature="the keras engine", extra="keras")
    return ["cpu", *("gpu" for _ in range(torch.cuda.device_count()))]


_DEVICES: dict[str, Callable[[], list[str]]] = {
    "tensorflow": _tensorflow_devices,
    "jax": _jax_devices,
    "torch": _torch_devices,
}


def _chosen(device: str | None, kinds: list[str], *, backend: str) -> str:
    """The device by the name that Keras has for it, if it is there; `kinds` has the kind of each one."""
    if device is None:
        return f"{next((kind for kind in kinds if kind != 'cpu'), 'cpu')}:0"
    kind, _, number = device.lower().partition(":")
    kind = {"cuda": "gpu"}.get(kind, kind)
    if kind not in ("cpu", "gpu", "tpu") or not (number or "0").isdecimal():
        raise EngineError(f'expected device as "cpu", "gpu", "gpu:1" or "tpu", got {device!r}')
    if int(number or 0) >= kinds.count(kind):
        there = ", ".join(f"{kind}:{i}" for kind in sorted(set(kinds)) for i in range(kinds.count(kind)))
        raise EngineError(f"expected a device that {backend} finds here ({there}), got {device!r}")
    return f"{kind}:{int(number or 0)}"


def _grow_memory() -> None:
    """Let TensorFlow take GPU memory as it needs it, unless the program has begun to use a GPU and so decided."""
    config = load("tensorflow", feature="the keras engine", extra="keras").config
    for gpu in config.list_physical_devices("GPU"):
        try:
            config.experimental.set_memory_growth(device=gpu, enable=True)
        except RuntimeError:  # it is too late for this device: the program has chosen
            continue
