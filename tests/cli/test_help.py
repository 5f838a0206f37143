"""What the help says, and how."""

from __future__ import annotations

import pytest
from tests.cli.painted import run

import facecascade
from facecascade.settings import PRESETS, Settings


def test_help_of_extract_has_a_heading_for_each_kind_of_option() -> None:
    lines = run("extract", "--help").out.splitlines()
    headings = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert headings == [
        "Arguments:",
        "Files:",
        "Videos and animated pictures:",
        "Job:",
        "On several machines (needs facecascade[ray]):",
        "Crops:",
        "Selection (by default all faces):",
        "Detector:",
        "Options:",
    ]
    assert sum(line.lstrip().startswith("--") for line in lines) >= 35


@pytest.mark.parametrize("command", ["detect", "extract", "blur", "draw", "export"])
def test_help_fits_a_terminal_of_80_columns(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = run(command, "--help").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if "list[" in line]


@pytest.mark.parametrize("command", [[], ["detect"], ["extract"], ["blur"], ["draw"], ["info"]])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(command: list[str], option: str) -> None:
    result = run(*command, option)
    assert result.code == 0
    assert "Usage:" in result.out
    assert "\b" not in result.out
    if command and command != ["info"]:
        assert "Examples:\n" in result.out
        assert f"facecascade {command[0]} photos -o " in result.out
    if not command:
        assert "130  interrupted" in result.out


@pytest.mark.parametrize("command", ["detect", "extract", "blur", "draw", "evaluate", "export"])
def test_help_teaches_the_presets_and_the_defaults(command: str) -> None:
    text = run(command, "--help").out
    lines = {words[0]: line for line in text.splitlines() if (words := line.split()) and words[0] in PRESETS}
    assert lines.keys() == PRESETS.keys()
    for name, line in lines.items():
        assert f"from {PRESETS[name].get('min_face_size', Settings().min_face_size):g} pixels" in line
    flowing = " ".join(text.split())
    assert "[default: 20, or the preset's]" in flowing
    assert "[default: 0.6 0.7 0.7, or the preset's]" in flowing
    assert "[default: subpixel]" in flowing
    assert "None" not in text


def test_version() -> None:
    assert run("--version").out == f"facecascade {facecascade.__version__}\n"
