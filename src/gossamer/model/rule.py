"""The rules that a single value can break, each with the sentence that tells it.

A rule stands in an annotation: `Annotated[int, Between(1, 65535)]`. It gives the check, the sentence and the
words of JSON Schema, so that a bound is written once. Pydantic's machine code checks numbers and text.
Source: App Mesh API 2019-01-25, the traits `min`, `max` and `pattern` of its scalars and lists.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from gossamer.model.spec import STORED, Violated, one_of


def _then(schema: CoreSchema, check: CoreSchema, says: str) -> CoreSchema:
    """The schema, and after it a check that fails with our sentence."""
    told = core_schema.custom_error_schema(check, custom_error_type="rule", custom_error_message=says)
    return core_schema.chain_schema([schema, told])


def _with_words(schema: JsonSchemaValue, says: str) -> JsonSchemaValue:
    """The JSON schema with a rule that its own vocabulary cannot tell; a value may have several."""
    return schema | {"x-rules": [*schema.get("x-rules", ()), says]}


@dataclass(frozen=True, slots=True)
class Between:
    """A whole number within bounds, both included."""

    low: int
    high: int

    @property
    def says(self) -> str:
        """The rule in words."""
        return f"must be between {self.low} and {self.high}"

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _then(handler(source), core_schema.int_schema(ge=self.low, le=self.high), self.says)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema) | {"minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Characters:
    """Text of a length within bounds, both included."""

    low: int
    high: int

    @property
    def says(self) -> str:
        """The rule in words."""
        return f"must have {_count(self.low, self.high, 'character')}"

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        check = core_schema.str_schema(min_length=self.low, max_length=self.high)
        return _then(handler(source), check, self.says)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema) | {"minLength": self.low, "maxLength": self.high}


@dataclass(frozen=True, slots=True)
class Matching:
    """Text of an alphabet or a form; `says` is the form in words."""

    pattern: str
    says: str

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _then(handler(source), core_schema.str_schema(pattern=self.pattern), self.says)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return _with_words(handler(schema), self.says) | {"pattern": self.pattern}


@dataclass(frozen=True, slots=True)
class Newly:
    """Text of a form that was not asked for before: what is in the store by then stays as it is."""

    pattern: str
    says: str

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = handler(source)
        asked = _then(core_schema.any_schema(), core_schema.str_schema(pattern=self.pattern), self.says)
        check = core_schema.with_info_wrap_validator_function(_unless_stored, asked)
        return core_schema.chain_schema([text, check])

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return _with_words(handler(schema), self.says) | {"pattern": self.pattern}


def _unless_stored(
    value: str, check: core_schema.ValidatorFunctionWrapHandler, info: core_schema.ValidationInfo
) -> object:
    return value if info.context == STORED else check(value)


@dataclass(frozen=True, slots=True)
class Items:
    """A list with a number of items within bounds, both included."""

    low: int
    high: int

    @property
    def says(self) -> str:
        """The rule in words."""
        return f"must have {_count(self.low, self.high, 'item')}"

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        # Pydantic's own bound leaves out items that failed, and would then call a full list too short.
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema) | {"minItems": self.low, "maxItems": self.high}

    def _checked(self, items: tuple[object, ...]) -> tuple[object, ...]:
        if not self.low <= len(items) <= self.high:
            raise Violated(self.says)
        return items


@dataclass(frozen=True, slots=True)
class Obeying:
    """Text that a function takes; the function gives it back or raises `Violated`."""

    check: Callable[[str], str]
    says: str

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return _with_words(handler(schema), self.says)


@dataclass(frozen=True, slots=True)
class Only:
    """A closed choice of which only some values are allowed here."""

    allowed: tuple[enum.Enum, ...]

    @property
    def says(self) -> str:
        """The rule in words."""
        return f"must be {one_of(self._values)}"

    @property
    def _values(self) -> list[str]:
        return [str(one.value) for one in self.allowed]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        check = core_schema.no_info_after_validator_function(self._checked, handler(source))
        return core_schema.custom_error_schema(
            check, custom_error_type="rule", custom_error_message=self.says
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "enum": self._values}

    def _checked(self, value: enum.Enum) -> enum.Enum:
        if value not in self.allowed:
            raise Violated(self.says)
        return value


def _count(low: int, high: int, noun: str) -> str:
    """How many are allowed, in words."""
    plural = noun if high == 1 else f"{noun}s"
    if low == high:
        return f"exactly {high} {plural}"
    return f"{low} to {high} {plural}" if low else f"at most {high} {plural}"
