"""What the body of any request must be, before it is read as a shape: one JSON document that means one thing.

JSON leaves open what a member that stands twice means, and readers differ: it is refused. So is more than a
number of values, since each of them could break a rule, and all broken rules are told.
Source: RFC 8259 §4 (names within an object should be unique), §8.1 (UTF-8).
"""

import json
from collections.abc import Iterator
from typing import Final

from gossamer.errors import InvalidSpec, Violation

#: How many values a body may hold. A virtual node with 500 backends that each have a TLS policy has 10,000.
MOST_VALUES: Final = 20_000

#: The only way to write the character NUL in JSON. Databases, headers and Envoy end or refuse text at it.
NUL: Final = "\\u0000"


def checked_body(body: bytes | str) -> str:
    """The body as text.

    What is no JSON at all is left to the reader of its shape, who tells where.
    Raises: InvalidSpec.
    """
    text = body if isinstance(body, str) else _decoded(body)
    if _is_harmless(text):
        return text
    counter = _Counter()
    try:
        found = json.loads(text, object_pairs_hook=counter.seen, parse_int=str, parse_float=str)
    except RecursionError:
        raise InvalidSpec([Violation("", "the body is nested too deeply")]) from None
    except ValueError:
        return text
    counter.check()
    if NUL in text and (paths := tuple(_nuls(found, ""))):
        raise InvalidSpec([Violation(path, f"holds the character NUL ({NUL})") for path in paths])
    return text


def _is_harmless(text: str) -> bool:
    """Whether nothing can be wrong with a body, at a glance: most are short, and say each thing once."""
    if len(text) > MOST_VALUES or NUL in text:
        return False  # A value takes a character at least.
    try:
        # Whether anything stands behind the first value is for the reader of the shape to tell.
        _GLANCE.raw_decode(text)
    except (_Twice, RecursionError, ValueError):
        return False
    return True


class _Twice(Exception):
    """A member stands twice in one object."""


def _each_once(members: list[tuple[str, object]]) -> None:
    """Hold one object to saying each thing once.

    Raises: _Twice.
    """
    if len(dict(members)) < len(members):
        raise _Twice


_GLANCE: Final = json.JSONDecoder(object_pairs_hook=_each_once, parse_int=len, parse_float=len)


def _decoded(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        why = f"the body must be a JSON object in UTF-8; byte {error.start} is not"
        raise InvalidSpec([Violation("", why)]) from None


class _Counter:
    """Looks at every object on its way in."""

    def __init__(self) -> None:
        self._values = 0
        self._twice: dict[str, None] = {}

    def seen(self, members: list[tuple[str, object]]) -> list[tuple[str, object]]:
        """One object, the innermost first."""
        self._values += len(members)
        names: set[str] = set()
        for name, value in members:
            if isinstance(value, list):
                self._values += _length(value)
            if name in names:
                self._twice[name] = None
            names.add(name)
        return members

    def check(self) -> None:
        """Refuse what is too much, or means two things."""
        if self._values > MOST_VALUES:
            raise InvalidSpec(
                [Violation("", f"the body holds too much, at most {MOST_VALUES} values are taken")]
            )
        if self._twice:
            why = "stands more than once in one object"
            raise InvalidSpec([Violation(name, why) for name in self._twice])


def _nuls(value: object, path: str) -> Iterator[str]:
    """Where a document, of which objects are lists of pairs, holds the character NUL."""
    if isinstance(value, str) and "\0" in value:
        yield path
    elif isinstance(value, list):
        for index, one in enumerate(value):
            if isinstance(one, tuple):
                name, inner = one
                yield from _nuls(name, path)
                yield from _nuls(inner, f"{path}.{name}".lstrip("."))
            else:
                yield from _nuls(one, f"{path}[{index}]")


def _length(items: list[object]) -> int:
    """How many values a list holds, lists in it included."""
    return len(items) + sum(_length(item) for item in items if isinstance(item, list))
