"""A moment as callers name it: a sequence of the log, a time, or now."""

import datetime
from dataclasses import dataclass
from typing import Final

from gossamer.clock import read_time
from gossamer.errors import InvalidSpec, NotFound, Violation
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.store.history import History

NOW: Final = "now"

A_TIME: Final = "a time such as 2026-01-31T09:30:00Z"

#: As many digits as a sequence may have.
LONGEST_NUMBER: Final = 18


@dataclass(frozen=True, slots=True)
class Moments:
    """Reads the moments of one mesh."""

    history: History
    key: MeshKey

    async def sequence(self, member: str, said: object) -> int:
        """The sequence at which the log stood; 0 before there was anything of the mesh.

        Raises: InvalidSpec for what is no moment, or one that has not come yet.
        """
        # What is true in JSON is a number in Python.
        text = str(said) if isinstance(said, int | str) and not isinstance(said, bool) else ""
        if text == NOW:
            return await self.history.last(self.key)
        if (number := read_number(text)) is None:
            return await self.history.last(self.key, time_of(member, text, f"a sequence, {A_TIME}, or now"))
        newest = await self.history.last(self.key)
        if number > newest:
            why = f"the last revision of mesh {self.key.mesh} is {newest}"
            raise InvalidSpec([Violation(member, why)])
        return number

    async def check(self) -> None:
        """See that there is, or was, such a mesh.

        Raises: NotFound.
        """
        if await self.history.last(self.key) == 0:
            raise NotFound(Ref(self.key.account, self.key.mesh, Kind.MESH, self.key.mesh))


def read_number(text: str) -> int | None:
    """A sequence; None for what is no number."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
    return int(text) if is_number else None


def time_of(member: str, text: str, expected: str = A_TIME) -> datetime.datetime:
    """The time that a member says; `expected` is what it may say.

    Raises: InvalidSpec.
    """
    try:
        return read_time(text)
    except ValueError:
        raise InvalidSpec([Violation(member, f"must be {expected}")]) from None
