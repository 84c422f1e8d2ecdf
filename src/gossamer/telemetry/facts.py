"""What stands in every line that is logged for a call: its id, and its trace if it is traced.

One variable of the context for all of it; structlog's own keep one for each fact, which costs each call more
than all else that is measured of it.
Source: structlog documentation, context variables.
"""

from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar, Token
from typing import Any, Final

Facts = Mapping[str, str]

_FACTS: Final[ContextVar[Facts | None]] = ContextVar("facts", default=None)


def know(facts: Facts) -> Token[Facts | None]:
    """From now on these stand in what this task logs, until they are forgotten."""
    return _FACTS.set(facts)


def forget(known: Token[Facts | None]) -> None:
    """What stood before stands again."""
    _FACTS.reset(known)


def merged(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An event with what is known of the call; what it says itself stands."""
    facts = _FACTS.get()
    return event if facts is None else {**facts, **event}
