"""The base of all that an operator may write, and how a broken rule is told.

A spec is a frozen mirror of one shape of the API: camelCase on the wire, strict types, no unknown members.
Source: App Mesh API 2019-01-25, the way in which its shapes are declared (required members, unions).
"""

import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final, Self

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails

from gossamer.errors import InvalidSpec, Violation
from gossamer.model.meaning import meanings


class Violated(ValueError):
    """A rule that no single field can express is broken.

    `member` narrows it to one member of the shape, in the caller's words: `healthCheck.port`. `is_verbatim`
    marks a sentence of the managed service.
    """

    def __init__(self, why: str, member: str = "", *, is_verbatim: bool = False) -> None:
        self.why = why
        self.member = member
        self.is_verbatim = is_verbatim
        super().__init__(why)

    def at(self, path: str) -> Violation:
        """The violation of a shape that stands at a path."""
        return Violation(_joined(path, self.member), self.why, self.is_verbatim)


class AllViolated(ValueError):
    """Several rules of one shape are broken at once; all of them are told."""

    def __init__(self, found: Sequence[Violated]) -> None:
        self.found = tuple(found)
        super().__init__(self.found)


#: Where a spec keeps its wire form.
_TEXT: Final = "_text"

#: The context in which what is in the store is read.
STORED: Final = "stored"


class Spec(BaseModel):
    """One shape of the API."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,
        # A shape's validator is built when it is first used: most processes use few of them.
        defer_build=True,
    )

    #: Beside the members, which alone tell specs apart; a copy with other members begins without it.
    __slots__ = (_TEXT,)

    #: Unions of the API: exactly one member may be set.
    is_union: ClassVar[bool] = False

    @classmethod
    def from_json(cls, body: bytes | str) -> Self:
        """Read the wire form; Python's spelling of a member is unknown there.

        Raises: InvalidSpec with every violation, each with its path in the caller's words.
        """
        return cls._read(body)

    @classmethod
    def from_store(cls, text: str) -> Self:
        """Read what the store holds: it need not obey the rules that came after it (`rule.Newly`).

        Raises: InvalidSpec with every violation.
        """
        return cls._read(text, STORED)

    @classmethod
    def _read(cls, body: bytes | str, context: str | None = None) -> Self:
        try:
            return cls.model_validate_json(body, context=context, by_alias=True, by_name=False)
        except ValidationError as error:
            raise InvalidSpec(tuple(violations(error))) from error

    def to_json(self) -> str:
        """The wire form: what was written, nothing more. Made once, for it is stored and answered often."""
        known: str | None = getattr(self, _TEXT, None)
        if known is None:
            known = self.model_dump_json(by_alias=True, exclude_none=True)
            object.__setattr__(self, _TEXT, known)
        return known

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        told = handler(schema)
        properties, texts = handler.resolve_ref_schema(told)["properties"], meanings(cls)
        for name, field in cls.model_fields.items():
            member = field.alias or name
            if text := texts.get(name):
                properties[member] = properties[member] | {"description": text}
        return told

    def having(self, **members: object) -> Self:
        """The same with some members replaced, which are taken as they are.

        What `model_copy` does, in a fifth of the time: nothing here is private, extra or computed.
        """
        copy = type(self).__new__(type(self))
        object.__setattr__(copy, "__dict__", {**vars(self), **members})
        object.__setattr__(copy, "__pydantic_fields_set__", self.model_fields_set | members.keys())
        object.__setattr__(copy, "__pydantic_extra__", None)
        object.__setattr__(copy, "__pydantic_private__", None)
        return copy


class Ruled(Spec):
    """A shape with rules between its members."""

    @abstractmethod
    def _broken_rules(self) -> Iterator[Violated]:
        """Each rule that the members break together."""

    @model_validator(mode="after")
    def _obeys_its_rules(self) -> Self:
        """Tell every broken rule, not only the first."""
        if found := [*self._broken_rules()]:
            raise AllViolated(found)
        return self


class Union(Ruled):
    """A shape of which exactly one member is set."""

    is_union: ClassVar[bool] = True

    @property
    def chosen(self) -> str:
        """The member that is set, as the wire spells it."""
        return next(member for member, value in self._members() if value is not None)

    def _members(self) -> Iterator[tuple[str, object]]:
        """Every member as the wire spells it, with what it holds."""
        for name, field in type(self).model_fields.items():
            yield field.alias or name, getattr(self, name)

    def _broken_rules(self) -> Iterator[Violated]:
        # Without the members' names, which only a broken rule needs: every union that is read comes by here.
        if len([value for value in vars(self).values() if value is not None]) != 1:
            yield self._rule()

    def _rule(self) -> Violated:
        """The rule in words; the managed service has its own for some shapes."""
        return Violated(exactly_one([member for member, _ in self._members()]))


def exactly_one(members: Sequence[str]) -> str:
    """The sentence that asks for one of several members."""
    return (
        f"exactly one of {', '.join(members)} must be set"
        if len(members) > 1
        else f"{members[0]} must be set"
    )


#: What to say for each way in which a value can fail before any rule of ours is asked.
SENTENCES: Final[Mapping[str, str]] = {
    "missing": "is required",
    "extra_forbidden": "is not a member of this shape",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "string_type": "must be text",
    "string_unicode": "must be text in UTF-8",
    "tuple_type": "must be a list",
    "model_type": "must be an object",
}

#: Longer names are cut in a path: an unknown member's name is the caller's and may be of any length.
LONGEST_NAME: Final = 40


def violations(error: ValidationError) -> Iterator[Violation]:
    """Every broken rule that a reading found, in the caller's words.

    Shape: a path joins the wire's names with dots and gives lists an index: `spec.listeners[0].portMapping`.
    """
    for detail in error.errors(include_url=False, include_input=False):
        path = _joined(*detail["loc"])
        match detail.get("ctx", {}).get("error"):
            case AllViolated(found=found):
                yield from (one.at(path) for one in found)
            case Violated() as one:
                yield one.at(path)
            case _:
                yield Violation(path, _sentence_for(detail))


def _joined(*parts: int | str) -> str:
    """Parts of a path as one."""
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part:
            path += f".{_cut(part)}" if path else _cut(part)
    return path


def _cut(name: str) -> str:
    """A name that no caller can make long; a path that we joined ourselves is already made of such names."""
    return name if len(name) <= LONGEST_NAME or "." in name else f"{name[:LONGEST_NAME]}…"


def _sentence_for(detail: ErrorDetails) -> str:
    """The rule behind one failure, in our words."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "json_invalid" and "recursion" in str(context["error"]):
        return "the body is nested too deeply"
    if kind == "json_invalid":
        place = re.search(r"line \d+ column \d+", str(context["error"]))
        return f"the body is not valid JSON{f', {place.group()}' if place else ''}"
    if kind in ("model_type", "string_unicode") and not detail["loc"]:
        return "the body must be a JSON object in UTF-8"
    if kind == "enum":
        # Pydantic gives the choices as one sentence, each in quotes.
        return "must be " + one_of(re.findall("'([^']*)'", context["expected"]))
    # A rule of ours carries its own sentence; pydantic's own words are never shown.
    return detail["msg"] if kind == "rule" else SENTENCES.get(kind, "has a value that is not allowed")


def one_of(values: Sequence[str]) -> str:
    """The sentence for a closed choice."""
    return f"one of {', '.join(values)}" if len(values) > 1 else values[0]
