"""Where the Keras engine runs, and what it says where it cannot; what it leaves alone."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from tests.engines.on_backend import Remote

from facecascade import MTCNN
from facecascade.engines import available
from facecascade.errors import EngineError


def fresh(code: str, **environment: str) -> str:
    """What a new interpreter prints for this code."""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | environment
    )
    return result.stdout.strip()


def test_it_says_what_it_runs_on(on_keras: Remote) -> None:
    described = on_keras("make_detector", {"device": "cpu"})
    assert described.startswith("keras 3.")
    assert described.endswith(f", {on_keras.backend} on cpu:0")


@pytest.mark.parametrize("device", ["gpu:63", "cuda:63", "tpu:63", "cpu:999"])
def test_a_device_that_is_missing_is_an_error_that_names_what_is_there(on_keras: Remote, device: str) -> None:
    with pytest.raises(EngineError, match=rf"{on_keras.backend} finds here \(cpu:0.*\), got '{device}'"):
        on_keras("make_detector", {"device": device})


@pytest.mark.parametrize("device", ["", "disk", "gpu:x", "gpu:-1", "gpu:1:2", "cpu:", ":0"])
def test_a_device_that_is_none_is_an_error(on_keras: Remote, device: str) -> None:
    with pytest.raises(EngineError, match=r'expected device as "cpu", "gpu", "gpu:1" or "tpu", got'):
        on_keras("make_detector", {"device": device})


def test_a_closed_engine_says_so(on_keras: Remote) -> None:
    with pytest.raises(EngineError, match="closed"):
        on_keras("after_closing")


def test_nothing_of_the_process_is_changed(on_keras: Remote) -> None:
    assert on_keras("changed") == []


def test_full_precision_is_asked_for_while_it_works_and_no_longer(on_keras: Remote) -> None:
    switches = on_keras("precision")
    assert len(switches) == {"tensorflow": 1, "jax": 0, "torch": 2}[on_keras.backend]
    for before, inside, after, exact in switches:
        assert inside == exact
        assert after == before


def test_threads_are_the_backends_own() -> None:
    with pytest.raises(EngineError, match="expected no threads for the keras engine"):
        MTCNN(engine="keras", threads=2)


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_other_engines_have_one_device(engine: str) -> None:
    assert len(MTCNN(engine=engine, device="cpu").detect(np.zeros((30, 30, 3), np.uint8))) == 0
    with pytest.raises(EngineError, match=r'expected device="cpu" for engine .*; engine="keras" has others'):
        MTCNN(engine=engine, device="gpu")


TRY = """
import sys
sys.modules[{missing!r}] = None
from facecascade import MTCNN, FacecascadeError
try:
    MTCNN(engine="keras")
except FacecascadeError as error:
    print(type(error).__name__, error)
"""


def test_a_missing_keras_is_an_error_with_the_command() -> None:
    said = fresh(TRY.format(missing="keras"))
    assert said.startswith("MissingExtra ")
    assert 'pip install "facecascade[keras]"' in said


def test_a_missing_backend_is_an_error_that_says_what_to_type() -> None:
    said = fresh(TRY.format(missing="jax"), KERAS_BACKEND="jax")
    assert said.startswith("EngineError Keras is installed, but its backend jax is not.")
    assert "pip install one of tensorflow, jax, torch" in said
    assert "KERAS_BACKEND=tensorflow" in said


def test_what_is_available_is_known_without_importing_keras() -> None:
    assert available() == ["native", "reference", "keras"]
    code = "from facecascade import engines; import sys; engines.available(); print('keras' in sys.modules)"
    assert fresh(code) == "False"
