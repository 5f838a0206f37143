"""What drop-ins share: checks of arguments, and warnings about those that have no effect."""

from __future__ import annotations

import warnings

from facecascade.errors import SettingsError


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
