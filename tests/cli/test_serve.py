"""What `facecascade serve --help` says of the limits."""

from __future__ import annotations

import re
from dataclasses import fields

from tests.cli.painted import run

from facecascade.cli.serve_options import Listening, Taking, Working
from facecascade.serve import ServeSettings

OPTIONS = {field.name for group in (Listening, Taking, Working) for field in fields(group)}


def test_each_setting_is_an_option_with_its_default() -> None:
    assert OPTIONS - {"token_file"} == ServeSettings.model_fields.keys() - {"token"}
    flowing = " ".join(run("serve", "--help").out.split())
    for name, field in ServeSettings.model_fields.items():
        if isinstance(field.default, int | float) or name == "host":
            option = f"--{name.replace('_', '-')} "
            told = re.search(rf"{option}.*?\[default: (.*?)\]", flowing)
            assert told, name
            assert told[1] == f"{field.default}".removesuffix(".0")


def test_help_has_a_heading_for_each_kind_of_option_and_examples() -> None:
    lines = run("serve", "--help").out.splitlines()
    headings = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Where and to whom:", "What is taken:", "How it is worked on:", "Options:"]
    assert "  Examples:" in lines
