"""How the store is: what health and metrics look at."""

from typing import Final

from gossamer.store import reads
from gossamer.store.database import Reading
from gossamer.store.tail import Tail
from gossamer.store.writer import Writer

#: How long one transaction may take before the writer counts as stuck; a database gives up far sooner.
STUCK_S: Final = 60.0


class Vitals:
    """Looks at one store; only `probe` asks the database."""

    def __init__(self, read: Reading, writer: Writer, tail: Tail) -> None:
        self._read = read
        self._writer = writer
        self._tail = tail

    async def probe(self) -> int:
        """The end of the log, as the database itself tells it.

        Raises: Unavailable.
        """
        return await self._read(reads.read_last_sequence)

    def is_writing(self) -> bool:
        """Whether the writer's thread works."""
        return self._writer.is_alive(STUCK_S)

    @property
    def sequence(self) -> int:
        """The end of the log, as far as this process knows."""
        return self._tail.sequence

    @property
    def writes_waiting(self) -> int:
        """How many writes wait for the writer."""
        return self._writer.waiting
