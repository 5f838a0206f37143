"""GPU memory that grows: what TensorFlow and JAX are told, and when they are told nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.engines.on_backend import Remote

from facecascade.engines.keras import memory

CUDA = {"jax_plugins.xla_cuda12"}


class TensorFlowConfig:
    """TensorFlow's, of a machine with so many GPUs, as strict as its own."""

    def __init__(self, gpus: int, *, started: bool = False) -> None:
        self.growth: dict[str, bool | None] = {f"GPU:{k}": None for k in range(gpus)}
        self.logical: dict[str, list[str]] = {}
        self.started = started
        self.experimental = self

    def list_physical_devices(self, kind: str) -> list[str]:
        assert kind == "GPU"
        return list(self.growth)

    def get_memory_growth(self, gpu: str) -> bool | None:
        return self.growth[gpu]

    def get_logical_device_configuration(self, gpu: str) -> list[str] | None:
        return self.logical.get(gpu)

    def set_memory_growth(self, gpu: str, enable: bool) -> None:
        if gpu in self.logical:
            raise ValueError("Cannot set memory growth on device when virtual devices configured")
        if self.growth[gpu] == enable:
            return
        if self.started:
            raise RuntimeError("Physical devices cannot be modified after being initialized")
        self.growth[gpu] = enable


@pytest.mark.parametrize("gpus", [0, 1, 3])
def test_every_gpu_of_tensorflow_is_told(gpus: int) -> None:
    config = TensorFlowConfig(gpus)
    memory._tell_tensorflow(config)
    assert list(config.growth.values()) == [True] * gpus


def test_tensorflow_that_has_begun_is_left_as_it_is() -> None:
    config = TensorFlowConfig(2, started=True)
    memory._tell_tensorflow(config)
    assert list(config.growth.values()) == [None, None]


def test_gpus_of_tensorflow_stay_alike() -> None:
    """It refuses to start where some grow and others do not."""
    some = TensorFlowConfig(2)
    some.growth["GPU:1"] = True
    memory._tell_tensorflow(some)
    assert list(some.growth.values()) == [True, True]
    decided = TensorFlowConfig(2)
    decided.growth["GPU:1"] = False
    memory._tell_tensorflow(decided)
    assert list(decided.growth.values()) == [None, False]


def test_a_gpu_of_tensorflow_that_is_divided_is_no_error() -> None:
    config = TensorFlowConfig(2)
    config.logical["GPU:1"] = ["2048 MB"]
    memory._tell_tensorflow(config)
    assert list(config.growth.values()) == [None, None]


class JaxConfig:
    """JAX's, with one setting."""

    def __init__(self, before: Any = None) -> None:
        self.jax_pjrt_client_create_options = before

    def update(self, name: str, value: Any) -> None:
        assert name == memory.OPTIONS
        self.jax_pjrt_client_create_options = value


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """What a client of JAX is told that is made while the engine is; afterwards nothing may be left."""

    def told(*, plugins: set[str] = CUDA, before: Any = None, version: tuple[int, ...] = memory.TYPED) -> Any:
        monkeypatch.setattr(memory, "_plugins", lambda: plugins)
        config = JaxConfig(before)
        with memory._tell_jax(config, version=version):
            inside = config.jax_pjrt_client_create_options
        assert config.jax_pjrt_client_create_options == before
        return inside

    for name in memory.DECIDED:
        monkeypatch.delenv(name, raising=False)
    return told


def test_a_gpu_of_jax_is_told_while_the_engine_is_made(told: Callable[..., Any]) -> None:
    assert told() == {"preallocate": False}
    assert told(plugins={"jax_plugins.xla_rocm60"}) == {"preallocate": False}


@pytest.mark.parametrize("plugins", [set(), {"jax_plugins.metal"}, CUDA | {"mine.device"}])
def test_a_device_of_jax_that_may_refuse_the_option_is_told_nothing(
    told: Callable[..., Any], plugins: set[str]
) -> None:
    assert told(plugins=plugins) is None


@pytest.mark.parametrize("before", ["ml_framework_name:JAX", {"preallocate": True}, {}])
def test_what_a_program_tells_jax_itself_stays(told: Callable[..., Any], before: Any) -> None:
    assert told(before=before) == before


def test_a_jax_whose_options_are_text_is_told_nothing(told: Callable[..., Any]) -> None:
    assert told(version=(0, 6, 1)) is None


@pytest.mark.parametrize("name", memory.DECIDED)
def test_what_a_user_has_set_for_jax_stays(
    told: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "false")
    assert told() is None


def test_the_setting_is_put_back_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_plugins", lambda: CUDA)
    for name in memory.DECIDED:
        monkeypatch.delenv(name, raising=False)
    config = JaxConfig()
    with pytest.raises(ZeroDivisionError), memory._tell_jax(config, version=memory.TYPED):
        raise ZeroDivisionError
    assert config.jax_pjrt_client_create_options is None


def test_jax_hands_it_to_a_client_of_cuda(on_keras: Remote) -> None:
    if on_keras.backend != "jax":
        pytest.skip("this is of JAX alone")
    assert on_keras("told_to_cuda") == ({"preallocate": False}, {})
