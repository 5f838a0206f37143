"""Options that belong together, as one argument of a command: `OptionGroup`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import MISSING, fields
from functools import wraps
from typing import Annotated, Any, ClassVar, get_type_hints


class OptionGroup:
    """Base of frozen dataclasses that are the type of one argument of a command, and give it an option for each field.

    A field is written as an argument of a typer command is: its annotation holds the option, and its default is that of
    the option, which has to be given where there is none. `takes_groups` makes them options of the command.

    Attributes:
        PANEL: the heading above them in the help.
    """

    PANEL: ClassVar[str]


def takes_groups(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command every option of the groups among its arguments, in their place."""
    hints = get_type_hints(command, include_extras=True)
    arguments = inspect.signature(command).parameters
    groups = {name: hints[name] for name in arguments if _is_group(hints[name])}
    shown: list[inspect.Parameter] = []
    for name, argument in arguments.items():
        shown += _options(groups[name]) if name in groups else [argument.replace(annotation=hints[name])]

    @wraps(command)
    def with_groups(**told: Any) -> None:
        made = {
            name: group(**{one.name: told.pop(one.name) for one in fields(group)}) for name, group in groups.items()
        }
        command(**told, **made)

    with_groups.__signature__ = inspect.Signature(shown, return_annotation=None)  # type: ignore[attr-defined]
    with_groups.__annotations__ = {one.name: one.annotation for one in shown}
    return with_groups


def _is_group(hint: object) -> bool:
    return isinstance(hint, type) and issubclass(hint, OptionGroup)


def _options(group: Any) -> Iterator[inspect.Parameter]:
    """A parameter for each field of a group, below its heading."""
    hints = get_type_hints(group, include_extras=True)
    for one in fields(group):
        kind, option = hints[one.name].__origin__, copy(hints[one.name].__metadata__[0])
        option.rich_help_panel = group.PANEL
        annotation = Annotated[kind, option]  # type: ignore[valid-type]  # known when the program runs
        default = inspect.Parameter.empty if one.default is MISSING else one.default
        yield inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
