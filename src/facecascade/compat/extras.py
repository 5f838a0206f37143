"""What drop-ins and converters share: other libraries, imported when used, and checks of arguments."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

from facecascade.errors import MissingExtra, SettingsError


def load(module: str, *, feature: str) -> Any:
    """The library of this name, which is that of its extra too; untyped, since the core is checked without it.

    Raises:
        MissingExtra: it is not installed; the message holds the command that installs it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise MissingExtra(feature=feature, extra=module) from None


def check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    """A `SettingsError` unless the value is one of the choices."""
    if value not in choices:
        raise SettingsError(f"expected {name} to be one of {', '.join(choices)}, got {value!r}")


def check_fixed(name: str, value: float, fixed: float) -> None:
    """A `SettingsError` for another value than the one that this cascade has built in."""
    if value != fixed:
        raise SettingsError(f"expected {name}={fixed:g}, which this cascade has built in, got {value!r}")


def warn(message: str) -> None:
    """A warning that points at whoever called the drop-in."""
    warnings.warn(message, stacklevel=3)


def warn_device(device: object) -> None:
    """A warning for a device that is not the CPU: the results are the same, but are not computed there."""
    if device is not None and "cpu" not in str(device).lower():
        warnings.warn(f"facecascade computes on the CPU: device={str(device)!r} has no effect", stacklevel=3)
