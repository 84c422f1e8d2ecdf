"""One call and what it must come to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Call:
    """One call of an operation. `error` is the name of what it is refused with; without one, it is answered.

    `pages` tells how many things a paginator finds that asks for one at a time; without it, nothing is paged.
    """

    operation: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    pages: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What a call came to: the name of an error, or what was answered, and how many things all pages held.

    `is_raw` tells that the answer is the body on the wire, and not what the client makes of it.
    """

    error: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)
    found: int | None = None
    is_raw: bool = False


class Client(Protocol):
    """One client of the API."""

    name: str

    def carry_out(self, call: Call) -> Outcome:
        """Make a call, whatever becomes of it."""
        ...


@dataclass(frozen=True)
class Api:
    """One version of the API: its calls, which flags its server needs, and which errors can't be provoked.

    `impossible` gives a reason for each operation and error that it lists and never answers with.
    """

    version: str
    flags: tuple[str, ...]
    calls: tuple[Call, ...]
    impossible: Mapping[tuple[str, str], str]

    def operations(self) -> Iterator[str]:
        """Every operation that is called, once."""
        return iter(dict.fromkeys(call.operation for call in self.calls))
