"""Libraries that may be missing, and arguments that cannot be honoured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from facecascade import MissingExtra, SettingsError
from facecascade.compat.extras import check_choice, check_fixed, load, warn_device


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


def test_every_extra_that_is_loaded_is_declared() -> None:
    project = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text()
    for extra in ("torch", "supervision", "pandas", "polars"):
        assert f'\n{extra} = ["{extra}>=' in project


def test_importing_the_drop_ins_imports_none_of_these_libraries() -> None:
    code = (
        "import sys, facecascade.compat.mtcnn, facecascade.compat.facenet_pytorch, facecascade.compat.deepface, "
        "facecascade.compat.convert; "
        "print({'torch', 'supervision', 'pandas', 'polars', 'PIL', 'cv2', 'tensorflow'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"


@pytest.mark.parametrize("device", [None, "cpu", "CPU:0", "/device:CPU:0"])
def test_the_cpu_gives_no_warning(device: str | None) -> None:
    warn_device(device)


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "GPU:0", "mps"])
def test_another_device_gives_one(device: str) -> None:
    with pytest.warns(UserWarning, match=f"device='{device}' has no effect"):
        warn_device(device)


def test_choices_and_fixed_values() -> None:
    check_choice("form", "a", ("a", "b"))
    check_fixed("nms", 0.7, 0.7)
    with pytest.raises(SettingsError, match="expected form to be one of a, b, got 'c'"):
        check_choice("form", "c", ("a", "b"))
    with pytest.raises(SettingsError, match=r"expected nms=0\.7"):
        check_fixed("nms", 0.71, 0.7)
