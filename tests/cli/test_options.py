"""The options that make a detector: one field each, for every command that finds faces."""

from __future__ import annotations

import inspect
from dataclasses import fields
from pathlib import Path
from typing import Annotated

import typer
from typer.testing import CliRunner

from facecascade.cli.groups import takes_groups
from facecascade.cli.options import APART, Finder
from facecascade.detector import MTCNN
from facecascade.settings import PRESETS, Settings


def made(**told: object) -> Settings:
    with Finder(**told).detector() as detector:  # type: ignore[arg-type]
        return detector.settings


def test_nothing_told_is_the_library_itself() -> None:
    assert made() == Settings()


def test_each_preset_is_the_librarys() -> None:
    for name in PRESETS:
        with MTCNN.preset(name) as detector:
            assert made(preset=name) == detector.settings


def test_values_that_are_false_are_told_all_the_same() -> None:
    assert made(preset="thorough", thresholds=(0.0, 0.0, 0.0)).thresholds == (0, 0, 0)


def test_every_setting_has_an_option_of_its_name_and_every_field_an_argument_of_mtcnn() -> None:
    names = {field.name for field in fields(Finder)}
    assert {field.name for field in fields(Settings)} <= names
    assert names - APART <= set(inspect.signature(MTCNN).parameters)


def test_a_command_keeps_its_own_arguments_and_gets_the_rest() -> None:
    told: list[object] = []

    @takes_groups
    def command(pictures: list[Path], *, loud: Annotated[bool, typer.Option("--loud")] = False, finder: Finder) -> None:
        """What it does."""
        told.extend([pictures, loud, finder])

    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, ["a.jpg", "--loud", "--preset", "fast", "--thresholds", "0.1", "0.2", "0.3"])
    assert result.exit_code == 0, result.output
    assert told == [[Path("a.jpg")], True, Finder(preset="fast", thresholds=(0.1, 0.2, 0.3))]
    assert command.__doc__ == "What it does."
    assert list(inspect.signature(command).parameters)[:3] == ["pictures", "loud", "preset"]
