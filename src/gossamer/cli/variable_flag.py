"""A flag for each variable of a table: its name, its help, and how it wins over the environment."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, TypeVar

import cyclopts

from gossamer.sidecar.variable import Truth, Variable, accepts, fallback

Flag = str | bool | None
Command = TypeVar("Command", bound=Callable[..., int])


def takes(table: Sequence[Variable]) -> Callable[[Command], Command]:
    """Give a command that ends in `**flags` every variable of the table as a flag, beside its own."""

    def with_flags(command: Command) -> Command:
        own = inspect.signature(command).parameters.values()
        fixed = [each for each in own if each.kind is not inspect.Parameter.VAR_KEYWORD]
        flags = [_parameter(variable) for variable in table]
        vars(command)["__signature__"] = inspect.Signature([*fixed, *flags], return_annotation=int)
        return command

    return with_flags


def given_over(
    environ: Mapping[str, str], table: Sequence[Variable], flags: Mapping[str, Flag]
) -> dict[str, str]:
    """The environment with the flags that were given laid over it.

    A flag stands in for the first of a variable's names, which wins over the others.
    """
    given = {variable.name: flags.get(_keyword(variable)) for variable in table}
    return {**environ, **{name: _text(value) for name, value in given.items() if value is not None}}


def _parameter(variable: Variable) -> inspect.Parameter:
    """One flag; it has no default of its own, so that the table's stays the only one."""
    help_ = f"{variable.meaning} {_facts(variable)}"
    flag = cyclopts.Parameter(name=variable.flag, help=help_, show_default=False)
    form = bool if isinstance(variable, Truth) else str
    return inspect.Parameter(
        _keyword(variable),
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[form | None, flag],
    )


def _facts(variable: Variable) -> str:
    """What it takes, its default and its variables, for the help."""
    names = f"[{', '.join(variable.names)}]"
    if isinstance(variable, Truth):
        return names  # the flag's two forms say the rest
    default = f"; default {fallback(variable)}" if fallback(variable) else ""
    return f"Takes {accepts(variable)}{default}. {names}"


def _keyword(variable: Variable) -> str:
    """The flag as a name of Python."""
    return variable.flag.removeprefix("--").replace("-", "_")


def _text(value: str | bool) -> str:  # noqa: FBT001  the value is what the operator gave, not an option of ours
    """A flag's value as its variable would have it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
