"""Importing the package is light, and every public name is there."""

from __future__ import annotations

import json
import subprocess
import sys

import facecascade

HEAVY = ("PIL", "typer", "rich", "facecascade.detector", "facecascade.engines", "facecascade.read", "facecascade.cli")


def fresh(code: str) -> str:
    """What a new interpreter prints for this code."""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return result.stdout.strip()


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import json, sys, facecascade; print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    assert json.loads(fresh(code)) == []


def test_importing_the_package_costs_little_beyond_numpy() -> None:
    code = (
        "import time, numpy; start = time.perf_counter(); import facecascade; "
        "facecascade.Faces, facecascade.Settings; print(time.perf_counter() - start)"
    )
    assert min(float(fresh(code)) for _ in range(3)) < 0.1


def test_every_public_name_resolves_and_is_listed_once() -> None:
    assert sorted(set(facecascade.__all__)) == sorted(facecascade.__all__)
    for name in facecascade.__all__:
        assert getattr(facecascade, name) is not None
    assert set(facecascade.__all__) <= set(dir(facecascade))


def test_a_star_import_gives_the_public_names() -> None:
    code = (
        "before = set(globals()) | {'before'}; from facecascade import *; import facecascade; "
        "print(set(facecascade.__all__) - set(globals()))"
    )
    assert fresh(code) == "set()"


def test_an_unknown_name_is_an_attribute_error_that_names_it() -> None:
    code = "import facecascade\ntry:\n    facecascade.nonsense\nexcept AttributeError as error:\n    print(error)"
    assert "nonsense" in fresh(code)


def test_names_from_the_package_are_those_of_their_modules() -> None:
    from facecascade.errors import FacecascadeError
    from facecascade.faces import Faces
    from facecascade.settings import Settings

    assert facecascade.FacecascadeError is FacecascadeError
    assert facecascade.Faces is Faces
    assert facecascade.Settings is Settings


def test_weights_the_module_wins_over_weights_the_folder() -> None:
    code = "import facecascade.weights as w; print(w.__file__.endswith('weights.py'), w.Weights.__name__)"
    assert fresh(code) == "True Weights"
