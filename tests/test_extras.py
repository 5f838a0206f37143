"""Libraries that may be missing."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import facecascade
from facecascade import MissingExtra
from facecascade.extras import load


def test_a_missing_library_is_an_error_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingExtra, match=r'to_polars needs .*: pip install "facecascade\[polars\]"'):
        load("polars", feature="to_polars")


def test_what_a_library_itself_lacks_is_not_blamed_on_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_installed.py").write_text("import no_such_module_anywhere")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
        load("half_installed", feature="this")


def test_a_module_of_a_missing_library_names_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "json", None)
    with pytest.raises(MissingExtra, match=r'this needs .*: pip install "facecascade\[texts\]"'):
        load("json.decoder", feature="this", extra="texts")


def test_a_library_without_the_module_is_no_missing_library() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"json\.no_such_module") as caught:
        load("json.no_such_module", feature="this")
    assert not isinstance(caught.value, MissingExtra)


def test_every_extra_that_is_loaded_is_declared() -> None:
    package = Path(facecascade.__file__).parent
    source = "".join(path.read_text() for path in package.rglob("*.py"))
    calls = re.findall(r"load\(\s*[^()]*?feature=[^()]*\)", source)
    loaded = {(re.findall(r'extra="(\w+)"', call) or re.findall(r'\("(\w+)', call))[0] for call in calls}
    expected = {"evaluate", "heif", "keras", "litert", "onnx", "pandas", "parquet", "polars", "supervision", "torch"}
    assert loaded == expected | {"ray", "serve", "video"}
    project = (Path(__file__).resolve().parents[1] / "pyproject.toml").read_text()
    for extra in loaded:
        assert re.search(rf'^{extra} = \["', project, re.MULTILINE)
