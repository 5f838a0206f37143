"""The tree of errors: what each is, and that each survives the way to another process."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest

from facecascade import errors
from facecascade.errors import (
    AnnotationError,
    EngineError,
    ExportError,
    FacecascadeError,
    ImageError,
    JournalError,
    MissingExtra,
    SettingsError,
    WeightsError,
)

PLAIN = [
    FacecascadeError,
    ImageError,
    WeightsError,
    SettingsError,
    EngineError,
    AnnotationError,
    JournalError,
    ExportError,
]


def test_every_error_of_the_module_is_in_the_tree_and_in_its_docstring() -> None:
    classes = [value for _, value in inspect.getmembers(errors, inspect.isclass)]
    assert set(classes) == {*PLAIN, MissingExtra}
    for error in classes:
        assert issubclass(error, FacecascadeError)
        assert error.__doc__
        assert errors.__doc__ is not None
        assert error.__name__ in errors.__doc__


@pytest.mark.parametrize("error", PLAIN)
def test_plain_errors_survive_pickle_and_copy(error: type[FacecascadeError]) -> None:
    for again in (pickle.loads(pickle.dumps(error("what", 3))), copy.copy(error("what", 3))):
        assert type(again) is error
        assert again.args == ("what", 3)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_missing_extra_survives_pickle(protocol: int) -> None:
    error = MissingExtra(feature="video", extra="video")
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is MissingExtra
    assert str(again) == str(error)
    assert (again.feature, again.extra) == ("video", "video")
    assert copy.deepcopy(error).extra == "video"


def test_missing_extra_holds_the_command_that_installs_it() -> None:
    error = MissingExtra(feature="the web service", extra="serve")
    assert str(error) == 'the web service needs packages that are not installed: pip install "facecascade[serve]"'


def test_missing_extra_takes_names_alone() -> None:
    with pytest.raises(TypeError):
        MissingExtra("video", "video")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("error", "base"), [(SettingsError, ValueError), (EngineError, RuntimeError), (MissingExtra, ImportError)]
)
def test_errors_can_be_caught_by_pythons_own_names(error: type[Exception], base: type[Exception]) -> None:
    assert issubclass(error, base)


def test_errors_of_files_are_not_taken_for_wrong_arguments() -> None:
    for error in (ImageError, WeightsError):
        assert not issubclass(error, ValueError | OSError)
