from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from facecascade.errors import SettingsError
from facecascade.extract import TEMPLATES, Template, get_template

FACE = [[30.0, 40.0], [70.0, 40.0], [50.0, 60.0], [35.0, 80.0], [65.0, 80.0]]


def test_the_named_ones_have_the_published_points() -> None:
    assert {name: template.size for name, template in TEMPLATES.items()} == {
        "arcface-112": 112,
        "arcface-128": 128,
        "ffhq-512": 512,
    }
    assert TEMPLATES["arcface-112"].points[0] == (38.2946, 51.6963)
    shift = TEMPLATES["arcface-128"].as_array() - TEMPLATES["arcface-112"].as_array()
    assert np.allclose(shift, [8, 0])
    assert TEMPLATES["ffhq-512"].points[4] == (313.08905, 371.15118)


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_name_and_a_template_give_the_template(name: str) -> None:
    assert get_template(name) is TEMPLATES[name]
    assert get_template(TEMPLATES[name]) is TEMPLATES[name]
    assert TEMPLATES[name].scaled(TEMPLATES[name].size) is TEMPLATES[name]


def test_scaling_keeps_the_edges() -> None:
    template = Template("corners", 100, ((-0.5, -0.5), (99.5, -0.5), (49.5, 49.5), (-0.5, 99.5), (99.5, 99.5)))
    assert template.scaled(300).points == ((-0.5, -0.5), (299.5, -0.5), (149.5, 149.5), (-0.5, 299.5), (299.5, 299.5))
    there_and_back = TEMPLATES["ffhq-512"].scaled(37).scaled(512)
    assert np.allclose(there_and_back.as_array(), TEMPLATES["ffhq-512"].as_array(), atol=1e-9)


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"size": 100, "points": FACE, "note": "ours"}))
    assert get_template(path) == get_template(str(path)) == Template("mine", 100, tuple(map(tuple, FACE)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", "a template as JSON"),
        (b"\xff\xfe", "a template as JSON"),
        ("[1, 2]", '"size" and "points"'),
        ('{"size": 100}', '"size" and "points"'),
        (json.dumps({"size": 0, "points": FACE}), "crop size"),
        (json.dumps({"size": "100", "points": FACE}), "crop size"),
        (json.dumps({"size": 100, "points": FACE[:4]}), "five points"),
        (json.dumps({"size": 100, "points": [*FACE[:4], [1, 2, 3]]}), "five points"),
        (json.dumps({"size": 100, "points": [*FACE[:4], [1, None]]}), "five points"),
        (json.dumps({"size": 100, "points": "points"}), "five points"),
        (json.dumps({"size": 100, "points": [*FACE[:4], [float("nan"), 1]]}), "five points"),
        (json.dumps({"size": 100, "points": [FACE[i] for i in (1, 0, 2, 4, 3)]}), "left side of the picture"),
        (json.dumps({"size": 100, "points": [[50, 50]] * 5}), "left side of the picture"),
    ],
)
def test_files_that_hold_none(tmp_path: Path, text: str | bytes, message: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SettingsError, match=message) as raised:
        get_template(path)
    assert "bad" in str(raised.value) or "crop size" in message


def test_names_that_do_not_exist_list_those_that_do() -> None:
    with pytest.raises(SettingsError, match="arcface-112, arcface-128, ffhq-512, or a JSON file, got 'arcface'"):
        get_template("arcface")


def test_a_folder_is_no_template(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="a template as JSON"):
        get_template(tmp_path)
