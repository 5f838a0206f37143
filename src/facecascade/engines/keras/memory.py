"""GPU memory that is taken as it is needed, and not most of it at the start: `growing`.

A backend decides this once, when it meets its GPUs. TensorFlow is told by GPU, JAX by an option of the client that it
makes, and PyTorch does so anyway. What the program has decided before stays as it is.
"""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any, Final

from facecascade.extras import load

OPTIONS: Final = "jax_pjrt_client_create_options"
"""JAX's setting for what it tells a client that it makes."""
TYPED: Final = (0, 6, 2)
"""The version of JAX from which these options may be other than text, which its GPUs refuse for this."""
DECIDED: Final = (
    "XLA_PYTHON_CLIENT_PREALLOCATE",
    "XLA_CLIENT_MEM_FRACTION",
    "XLA_PYTHON_CLIENT_MEM_FRACTION",
    "XLA_PYTHON_CLIENT_ALLOCATOR",
    "PJRT_NAMES_AND_LIBRARY_PATHS",  # of a plugin that may refuse an option it does not know
)
"""Variables of the environment by which a user has decided for JAX."""


@contextmanager
def growing(backend: str) -> Iterator[None]:
    """A backend that meets its GPUs in here takes their memory as it needs it, unless the program decided otherwise."""
    if backend == "tensorflow":
        _tell_tensorflow(load("tensorflow", feature="the keras engine", extra="keras").config)
    if backend == "jax":
        jax = load("jax", feature="the keras engine", extra="keras")
        with _tell_jax(jax.config, version=jax.__version_info__):
            yield
    else:
        yield


def _tell_tensorflow(config: Any) -> None:
    """All GPUs or none, since TensorFlow wants them alike, and none that is divided into logical ones."""
    gpus = config.list_physical_devices("GPU")
    told = [config.experimental.get_memory_growth(gpu) for gpu in gpus]
    if False in told or any(config.get_logical_device_configuration(gpu) for gpu in gpus):
        return
    for gpu in gpus:
        try:
            config.experimental.set_memory_growth(gpu, True)  # noqa: FBT003 - the signature is TensorFlow's
        except RuntimeError:  # it is too late: the program has begun to use its GPUs as it wants
            return


@contextmanager
def _tell_jax(config: Any, *, version: tuple[int, ...]) -> Iterator[None]:
    """The setting is as before afterwards; the client keeps what it was told. One that is there already hears nothing.

    Every client but the CPU's is told the same, and one that does not know an option fails. So it is said where all
    are of GPUs, and not on a TPU, where JAX has said something itself.
    """
    before = getattr(config, OPTIONS, None)
    if before is not None or version < TYPED or any(name in os.environ for name in DECIDED) or not _only_gpus():
        yield
        return
    config.update(OPTIONS, {"preallocate": False})
    try:
        yield
    finally:
        config.update(OPTIONS, before)


def _only_gpus() -> bool:
    """JAX has plugins for devices, and all of them are for GPUs."""
    plugins = _plugins()
    return bool(plugins) and all(name.startswith(("jax_plugins.xla_cuda", "jax_plugins.xla_rocm")) for name in plugins)


def _plugins() -> set[str]:
    """Modules by which JAX finds devices, as it looks for them itself."""
    namespace = find_spec("jax_plugins")
    folders = list(namespace.submodule_search_locations or ()) if namespace else []
    installed = {f"jax_plugins.{module.name}" for module in pkgutil.iter_modules(folders)}
    return installed | {plugin.value for plugin in entry_points(group="jax_plugins")}
