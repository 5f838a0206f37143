"""The tutorial: its code runs as it stands, and prints what the page says it prints."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[1] / "docs" / "how-it-works.md"
BLOCK = re.compile(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", flags=re.DOTALL)


def test_its_code_prints_what_it_says(
    samples: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(samples["group"], tmp_path / "group.png")
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall(PAGE.read_text())
    names: dict[str, object] = {}
    for code, expected in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, names)
        assert printed.getvalue() == expected, code
    assert len(blocks) == 8
    assert len(list(tmp_path.glob("*.png"))) == 6


def test_it_says_how_many_windows_p_net_looks_at() -> None:
    from facecascade.settings import Settings, level_size

    sizes = [level_size(770, 620, scale) for scale in Settings(min_face_size=30).scales(770, 620)]
    windows = sum((-(-height // 2) - 5) * (-(-width // 2) - 5) for height, width in sizes)
    assert f"P-Net looks at {windows:,} windows" in PAGE.read_text()
