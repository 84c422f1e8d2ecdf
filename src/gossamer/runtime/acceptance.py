"""Which mesh endpoints' proxies all accept HTTP/2 where their applications speak HTTP/1.1: as they say.

A proxy that does not say so counts at once against its endpoint. One that leaves counts until the second
sweep after, so that streams that are recycled change nothing.
"""

from dataclasses import dataclass

from gossamer.model.kind import Ref


@dataclass(slots=True)
class _Count:
    """The connected proxies of one endpoint: those who accept it, and others."""

    accepting: int = 0
    others: int = 0
    #: How many sweeps have passed without any.
    missed: int = 0


class Acceptance:
    """What connected proxies say, endpoint by endpoint."""

    def __init__(self) -> None:
        self._counts: dict[Ref, _Count] = {}
        self.accepting: frozenset[Ref] = frozenset()

    def came(self, ref: Ref, *, accepts: bool) -> bool:
        """Count a proxy; whether that changes who accepts."""
        count = self._counts.setdefault(ref, _Count())
        count.missed = 0
        if accepts:
            count.accepting += 1
        else:
            count.others += 1
        return self._judge(ref, is_accepting=not count.others)

    def left(self, ref: Ref, *, accepts: bool) -> bool:
        """Count a proxy no more; whether that changes who accepts. The last one's word holds for a while."""
        count = self._counts[ref]
        if accepts:
            count.accepting -= 1
        else:
            count.others -= 1
        if not count.accepting and not count.others:
            return False
        return self._judge(ref, is_accepting=not count.others)

    def sweep(self) -> list[Ref]:
        """Time has passed: those that accept no more, because nobody is left to say so."""
        gone = []
        for ref, count in list(self._counts.items()):
            if not count.accepting and not count.others:
                count.missed += 1
                if count.missed > 1:
                    del self._counts[ref]
                    gone.append(ref)
        return [ref for ref in gone if self._judge(ref, is_accepting=False)]

    def _judge(self, ref: Ref, *, is_accepting: bool) -> bool:
        if is_accepting == (ref in self.accepting):
            return False
        self.accepting = self.accepting | {ref} if is_accepting else self.accepting - {ref}
        return True
