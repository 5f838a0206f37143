"""What docs/drop-in.md promises: its import lines work, and its example runs."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facecascade.compat import convert

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "drop-in.md").read_text()
IMPORTS = sorted(set(re.findall(r"^.*?(from facecascade\.compat[\w.]* import [\w, ]+)", PAGE, flags=re.MULTILINE)))


@pytest.mark.parametrize("line", IMPORTS)
def test_its_import_lines_work(line: str) -> None:
    names: dict[str, Any] = {}
    exec(line, names)
    assert len(names) > 1


def test_there_are_import_lines() -> None:
    assert len(IMPORTS) == 5


def test_it_names_every_converter() -> None:
    converters = [name for name in vars(convert) if name.startswith(("to_", "from_"))]
    assert len(converters) == 10
    assert [name for name in converters if f"`{name}`" not in PAGE] == []


def test_its_example_runs(astronaut: NDArray[np.uint8], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"```python\n(from facecascade import.*?)```", PAGE, flags=re.DOTALL)
    for name in ("one.jpg", "two.jpg"):
        Image.fromarray(astronaut).save(tmp_path / name)
    monkeypatch.chdir(tmp_path)

    class Frame(dict[str, Any]):
        def groupby(self, name: str) -> SimpleNamespace:
            return SimpleNamespace(size=lambda: np.unique(self[name], return_counts=True))

    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=Frame))
    names: dict[str, Any] = {}
    exec(example, names)
    assert list(names["frame"]["source"]) == ["one.jpg", "two.jpg"]
