"""What `docs/export.md` promises: its examples run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from facecascade import MTCNN
from facecascade.export.sample import sample_picture

PAGE = Path(__file__).resolve().parents[2] / "docs" / "export.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)


def test_the_examples_with_onnxruntime_alone_find_what_the_detector_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(sample_picture()).save("group.jpg", quality=95)
    writing, reading, _ = EXAMPLES
    names: dict[str, Any] = {"print": lambda *_: None}
    exec(writing, names)
    exec(reading, names)
    assert isinstance(names["session"], onnxruntime.InferenceSession)
    with MTCNN(min_face_size=40, threads=1) as detector:
        faces = detector.detect("group.jpg")
    assert len(faces) == 5
    for name in ("boxes", "scores", "landmarks"):
        assert np.abs(names[name] - getattr(faces, name)).max() < 0.01
