"""A setting that comes from the environment or a flag: its names, range, default and meaning.

Tables of these are the one source of what is parsed, of the flags' help, and of the reference page.
An empty variable is an absent one: task definitions often carry `""` for what they do not set.

Source: App Mesh user guide, Envoy image variables: booleans as Go's ParseBool reads them, lengths of time as
its ParseDuration does; a number out of range gives way to the default, with a line in the log.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from gossamer.errors import MeshError

TRUE: Final = frozenset({"1", "t", "T", "TRUE", "true", "True"})
#: Stricter than int(), which takes signs, blanks, underscores and the digits of every script.
DIGITS: Final = re.compile(r"[0-9]{1,12}")
FALSE: Final = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_FRACTION: Final = re.compile(r"[0-9]{0,12}(?:\.[0-9]{0,12})?")
_SPAN: Final = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,12})?)(ms|s|m|h)")
_UNITS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}

Default = TypeVar("Default", int, None)


class Misconfigured(MeshError):
    """A setting is missing or wrong in a way that no default can mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """What every variable has; where several names are given, the first that is set wins."""

    names: tuple[str, ...]
    flag: str
    meaning: str

    @property
    def name(self) -> str:
        """The name that it goes by today."""
        return self.names[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(_Named):
    """Free text; `takes` says of what form."""

    default: str = ""
    takes: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(_Named):
    """One of a few words, in any case."""

    default: str
    among: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth(_Named):
    """Yes or no."""

    default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(_Named, Generic[Default]):
    """A whole number in a range.

    Absent: `most` of None means no upper end; `default` of None, that not setting it means something.
    `capped`: one that is too high is taken as `most`, and not as the default.
    """

    default: Default
    least: int
    most: int | None = None
    capped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fraction(_Named):
    """A number that need not be whole, in a range."""

    default: float
    least: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Span(_Named):
    """A length of time with its unit, as Go writes it: `5000ms`, `40m`."""

    default: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent(_Named):
    """A variable of App Mesh that changes nothing here; `meaning` says why. Setting it is logged."""

    default: str = ""


_FORMS: Final[dict[type, str]] = {
    Truth: "true or false",
    Span: "a number with its unit: ms, s, m or h",
    Spent: "anything",
}

Variable = Text | Choice | Truth | Number[int] | Number[None] | Fraction | Span | Spent


def accepts(variable: Variable) -> str:
    """What a variable takes, in words."""
    match variable:
        case Text(takes=takes):
            return takes
        case Choice(among=among):
            return ", ".join(among)
        case Number() | Fraction():
            return _range(variable)
        case _:
            return _FORMS[type(variable)]


def _range(variable: Number[int] | Number[None] | Fraction) -> str:
    """A range in words."""
    if variable.most is None:
        return f"{variable.least} or more"
    point = ", with or without a decimal point" if isinstance(variable, Fraction) else ""
    return f"{variable.least} to {variable.most}{point}"


def fallback(variable: Variable) -> str:
    """A variable's default, as an operator would write it; empty when there is none."""
    match variable.default:
        case bool() as truth:
            return "true" if truth else "false"
        case None:
            return ""
        case float() as number:
            return f"{number:g}"
        case default:
            return str(default)


@dataclass(frozen=True, slots=True)
class Ignored:
    """A value that could not be used, so that the default was."""

    name: str
    given: str
    accepts: str
    used: str

    @property
    def sentence(self) -> str:
        """What was ignored and what is used, for the log."""
        return f"{self.name} is {self.given!r}, but it takes {self.accepts}; using {self.used or 'none'}"


@dataclass(frozen=True, slots=True)
class Idle:
    """A variable that is set and changes nothing here."""

    name: str
    why: str

    @property
    def sentence(self) -> str:
        """What is without effect and why, for the log."""
        return f"{self.name} changes nothing: {self.why}"


class Reader:
    """Reads variables out of an environment and remembers what it had to ignore."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.ignored: list[Ignored] = []
        self.idle: list[Idle] = []

    def is_set(self, variable: Variable) -> bool:
        """Whether the operator said anything."""
        return bool(self._given(variable)[1])

    def text(self, variable: Text) -> str:
        """Its text, or the default."""
        return self._given(variable)[1] or variable.default

    def choice(self, variable: Choice) -> str:
        """Its word in lower case, or the default."""
        name, given = self._given(variable)
        if given.lower() in variable.among:
            return given.lower()
        self._ignore(variable, name, given)
        return variable.default

    def truth(self, variable: Truth) -> bool:
        """Whether it is true, or the default."""
        name, given = self._given(variable)
        if given in TRUE | FALSE:
            return given in TRUE
        self._ignore(variable, name, given)
        return variable.default

    def number(self, variable: Number[Default]) -> int | Default:
        """Its number, or the default."""
        name, given = self._given(variable)
        if DIGITS.fullmatch(given) and _is_within(int(given), variable.least, variable.most):
            return int(given)
        if variable.capped and variable.most is not None and DIGITS.fullmatch(given):
            self._ignore(variable, name, given, used=str(variable.most))
            return variable.most
        self._ignore(variable, name, given)
        return variable.default

    def fraction(self, variable: Fraction) -> float:
        """Its number, or the default."""
        name, given = self._given(variable)
        if any(map(str.isdigit, given)) and _FRACTION.fullmatch(given):
            number = float(given)
            if variable.least <= number <= variable.most:
                return number
        self._ignore(variable, name, given)
        return variable.default

    def span(self, variable: Span) -> datetime.timedelta:
        """Its length of time, or the default."""
        name, given = self._given(variable)
        if not _SPAN.fullmatch(given):
            self._ignore(variable, name, given)
            given = variable.default
        return _span(given)

    def spent(self, *variables: Spent) -> None:
        """Remember those that are set, so that the operator hears that nothing comes of it."""
        for variable in variables:
            name, given = self._given(variable)
            if given:
                self.idle.append(Idle(name, variable.meaning))

    def refuse(self, variable: Text, why: str) -> str:
        """Remember a text that is of the wrong form, and use the default."""
        name, given = self._given(variable)
        if given:
            self.ignored.append(Ignored(name, given, why, fallback(variable)))
        return variable.default

    def _given(self, variable: Variable) -> tuple[str, str]:
        """The name that is set and its value; the first name and nothing if none is."""
        for name in variable.names:
            if value := self._environ.get(name, "").strip():
                return name, value
        return variable.name, ""

    def _ignore(self, variable: Variable, name: str, given: str, *, used: str | None = None) -> None:
        """Remember a value that could not be used; nothing given is nothing ignored."""
        if given:
            what = fallback(variable) if used is None else used
            self.ignored.append(Ignored(name, given, accepts(variable), what))


def _span(text: str) -> datetime.timedelta:
    """A length of time that is of the right form."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise Misconfigured(f"{text!r} is not a length of time")
    return datetime.timedelta(seconds=float(found[1]) * _UNITS[found[2]])


def _is_within(number: int, least: int, most: int | None) -> bool:
    """Whether the number is in the range."""
    return number >= least and (most is None or number <= most)
