"""float32 in full on GPUs, which round what they multiply to 10 bits unless they are told not to: `full_precision`.

TensorFlow and PyTorch know no other way to say so than a switch of the whole process. It is set while an engine works,
and put back as it was when the last one has ended. JAX has a setting for each thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from facecascade.extras import load


@dataclass
class Switch:
    """A switch of the process that is set while someone is inside.

    Attributes:
        read: its state.
        write: sets its state.
        exact: the state that it has inside.
    """

    read: Callable[[], Any]
    write: Callable[[Any], None]
    exact: Any
    _inside: int = 0
    _before: Any = None
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Set in here; of several threads the first sets it, and the last one puts it back."""
        with self._lock:
            if not self._inside:
                self._before = self.read()
                self.write(self.exact)
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if not self._inside:
                    self.write(self._before)


def _tensorflow() -> list[Switch]:
    config = load("tensorflow", feature="the keras engine", extra="keras").config.experimental
    return [Switch(config.tensor_float_32_execution_enabled, config.enable_tensor_float_32_execution, exact=False)]


def _torch() -> list[Switch]:
    backends = load("torch", feature="the keras engine", extra="keras").backends
    if hasattr(backends.cuda.matmul, "fp32_precision"):
        return [
            _attribute(backends.cuda.matmul, "fp32_precision", exact="ieee"),
            _attribute(backends.cudnn.conv, "fp32_precision", exact="ieee"),
        ]
    return [
        _attribute(backends.cuda.matmul, "allow_tf32", exact=False),
        _attribute(backends.cudnn, "allow_tf32", exact=False),
    ]


def _attribute(owner: Any, name: str, *, exact: Any) -> Switch:
    return Switch(lambda: getattr(owner, name), lambda value: setattr(owner, name, value), exact)


_MAKERS: Final[dict[str, Callable[[], list[Switch]]]] = {"tensorflow": _tensorflow, "torch": _torch}
_SWITCHES: Final[dict[str, list[Switch]]] = {}
"""One for the whole process, as what they switch is."""
_LOCK: Final = Lock()


def switches(backend: str) -> list[Switch]:
    """Those of a backend; none for JAX."""
    with _LOCK:
        if backend in _MAKERS and backend not in _SWITCHES:
            _SWITCHES[backend] = _MAKERS[backend]()
        return _SWITCHES.get(backend, [])


@contextmanager
def full_precision(backend: str) -> Iterator[None]:
    """What is compiled and computed in here is float32 in full."""
    with ExitStack() as stack:
        if backend == "jax":
            jax = load("jax", feature="the keras engine", extra="keras")
            stack.enter_context(jax.default_matmul_precision("highest"))
        for switch in switches(backend):
            stack.enter_context(switch.held())
        yield
