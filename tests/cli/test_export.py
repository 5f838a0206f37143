"""What `export` writes and says."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from tests.cli.painted import run

from facecascade.export.sample import sample_picture


def test_export_writes_and_says_how_far_the_file_is_from_the_reference(tmp_path: Path) -> None:
    path = tmp_path / "cascade.onnx"
    result = run("export", "--to", "onnx", "-o", path, "--min-face-size", "120")
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[0] == f"{path}: cascade, {path.stat().st_size:,} bytes"
    assert lines[1] == "checked with onnxruntime on a picture of 320 x 240, 2 faces; largest differences:"
    assert [line.split()[0] for line in lines[2:]] == ["boxes", "scores", "landmarks"]
    assert lines[2].endswith("px  (limit 0.05 px)")


def test_export_of_a_network_on_a_picture_of_ones_own(tmp_path: Path) -> None:
    Image.fromarray(sample_picture()[:100, :150]).save(tmp_path / "a.png")
    options = ("--part", "onet", "--check-on", tmp_path / "a.png")
    result = run("export", "--to", "onnx", *options, "-o", tmp_path / "onet.onnx")
    assert result.code == 0
    assert "on a picture of 150 x 100; largest differences:" in result.out
    assert result.out.splitlines()[-1].startswith("  landmarks")
    assert " px" not in result.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--to", "litert", "-o", "a.tflite"), "only onnx holds the whole cascade"),
        (("--to", "onnx", "-o", "a.onnx", "--preset", "thorough"), "--no-mirror"),
        (("--to", "onnx", "-o", "a.onnx", "--preset", "best"), "expected a preset out of default, "),
        (("--to", "onnx", "-o", "a.onnx", "--part", "pnet", "--thresholds", ".1", ".2", ".3"), "one network"),
        (("--to", "onnx", "-o", "none/a.onnx"), "none"),
        (("--to", "onnx", "-o", "a.onnx", "--check-on", "none.png"), "none.png"),
    ],
)
def test_wrong_usage_is_one_line_and_leaves_nothing(
    options: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("export", *options)
    assert result.code == 2
    assert result.err.startswith("facecascade: error: ")
    assert result.err.count("\n") == 1
    assert message in result.err
    assert list(tmp_path.iterdir()) == []


def test_a_preset_becomes_part_of_the_file(tmp_path: Path) -> None:
    result = run("export", "--to", "onnx", "-o", tmp_path / "a.onnx", "--preset", "thorough", "--no-mirror")
    assert result.code == 0
    assert b'"min_face_size": 10.0' in (tmp_path / "a.onnx").read_bytes()
