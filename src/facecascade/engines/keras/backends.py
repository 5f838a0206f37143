"""What the three backends of Keras do differently: devices, and what compiles a function."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

from facecascade.backend import CHOICE, keras
from facecascade.engines.keras.kept import Kept
from facecascade.engines.keras.memory import growing
from facecascade.engines.keras.precision import full_precision
from facecascade.errors import EngineError
from facecascade.extras import load

Function = Callable[..., Any]

SHAPES = 256
"""Sets of shapes whose compiled function is kept, at the most, for each stage."""


class Compiled:
    """A function, compiled once for each set of shapes.

    Args:
        function: of tensors, and of lists of them.
        compiler: what makes a compiled function of it and of the first arguments of a set.
    """

    def __init__(self, function: Function, compiler: Callable[[Function, tuple[Any, ...]], Function]) -> None:
        self._function = function
        self._compiler = compiler
        self._compiled: Kept[Function] = Kept(SHAPES)
        self._number = 0

    @property
    def compilations(self) -> int:
        """For how many sets of shapes it was compiled."""
        return self._number

    def __call__(self, *arguments: Any) -> Any:
        """What the function returns."""
        return self._compiled.get(_shapes(arguments), partial(self._make, arguments))(*arguments)

    def _make(self, arguments: tuple[Any, ...]) -> Function:
        self._number += 1
        return self._compiler(self._function, arguments)


def _shapes(arguments: Any) -> Hashable:
    """Shapes of all tensors, nested as they are."""
    if isinstance(arguments, tuple | list):
        return tuple(_shapes(argument) for argument in arguments)
    return tuple(arguments.shape)


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
        with growing(self.name):
            kinds = _DEVICES[self.name]()
        self.device = _chosen(device, kinds, backend=self.name)

    @property
    def kind(self) -> str:
        """Of the device: "cpu", "gpu" or "tpu"."""
        return self.device.partition(":")[0]

    @contextmanager
    def scope(self) -> Iterator[None]:
        """What is made in here lies on the device, and is computed in full precision, without gradients."""
        with keras.device(self.device), full_precision(self.name), self._without_gradients():
            yield

    def _without_gradients(self) -> AbstractContextManager[Any]:
        if self.name != "torch":
            return nullcontext()
        mode: AbstractContextManager[Any] = load("torch", feature="the keras engine", extra="keras").inference_mode()
        return mode

    def compiled(self, function: Function) -> Compiled:
        """The function, compiled once for each set of shapes.

        TensorFlow makes a graph of it, on a GPU or TPU one that XLA compiles. PyTorch runs it as it is: its compiler
        takes longer for a set of shapes than most runs have to gain.
        """
        if self.name == "tensorflow":
            graph = load("tensorflow", feature="the keras engine", extra="keras").function
            options = {"autograph": False, "jit_compile": self.kind != "cpu" or None}
            # The function of one set alone: TensorFlow would warn of one that is traced again and again.
            return Compiled(function, lambda plain, first: graph(plain, **options).get_concrete_function(*first))
        if self.name == "jax":
            jit = load("jax", feature="the keras engine", extra="keras").jit
            return Compiled(function, lambda plain, _: jit(lambda *arguments: plain(*arguments)))  # each its own cache
        return Compiled(function, lambda plain, _: plain)


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
    kind, colon, number = device.lower().partition(":")
    kind = {"cuda": "gpu"}.get(kind, kind)
    if kind not in ("cpu", "gpu", "tpu") or (colon and not number.isdecimal()):
        raise EngineError(f'expected device as "cpu", "gpu", "gpu:1" or "tpu", got {device!r}')
    if int(number or 0) >= kinds.count(kind):
        there = ", ".join(f"{kind}:{i}" for kind in sorted(set(kinds)) for i in range(kinds.count(kind)))
        raise EngineError(f"expected a device that {backend} finds here ({there}), got {device!r}")
    return f"{kind}:{int(number or 0)}"
