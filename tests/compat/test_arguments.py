"""Arguments that cannot be honoured, and what importing the drop-ins imports."""

from __future__ import annotations

import subprocess
import sys

import pytest

from facecascade import SettingsError
from facecascade.compat.arguments import check_choice, check_fixed, warn_device


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
