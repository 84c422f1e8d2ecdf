"""What was found out about a mesh, remembered while nothing that was looked at for it changes.

Many proxies call the same services, and many routes lead to the same nodes. Each finding is shared by their
views, and by the views of the next snapshot unless a change touched it; so what is compiled from it is the
same object again.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from gossamer.mesh.inputs import Inputs
from gossamer.mesh.surroundings import Needs
from gossamer.mesh.view import Destination, ServicePort
from gossamer.model.kind import Ref
from gossamer.model.tls import ClientPolicyTls

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

NOTHING_OUTSIDE: Final = Needs()

#: How many of a sort are remembered at most, far more than a large mesh needs; those go first that nobody
#: calls any more, or not under that policy.
MOST: Final = 8_192


@dataclass(frozen=True, slots=True)
class Finding(Generic[V]):
    """What was found, and all that was looked at for it, in the mesh and outside."""

    found: V
    inputs: frozenset[Ref]
    needs: Needs


class Remembered(Generic[K, V]):
    """Findings of one sort, by what was asked."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._found: OrderedDict[K, Finding[V]] = OrderedDict()
        self._inputs: Inputs[K] = Inputs()

    def get(self, key: K) -> Finding[V] | None:
        """What was found, if that still holds."""
        found = self._found.get(key)
        if found is not None:
            self._found.move_to_end(key)
        return found

    def put(self, key: K, finding: Finding[V]) -> Finding[V]:
        """Remember what was found."""
        self._found[key] = finding
        self._inputs.put(key, finding.inputs)
        if len(self._found) > self._most:
            self._remove([next(iter(self._found))])
        return finding

    def forget(self, touched: Iterable[Ref]) -> None:
        """These resources changed, came, or went."""
        self._remove(self._inputs.touched(touched))

    def forget_outside(self) -> None:
        """What is known outside of the mesh changed."""
        self._remove([key for key, finding in self._found.items() if finding.needs != NOTHING_OUTSIDE])

    def _remove(self, keys: Iterable[K]) -> None:
        for key in keys:
            del self._found[key]
            self._inputs.remove(key)


class Findings:
    """The findings of one mesh. Whoever changes the mesh or what surrounds it says so here.

    `services` are the ports of a virtual service, `targets` the listener of a virtual node that a route means
    by a port, or without one; each under a client policy.
    """

    def __init__(self) -> None:
        self.services: Remembered[tuple[str, ClientPolicyTls | None], tuple[ServicePort, ...]] = Remembered()
        self.targets: Remembered[tuple[str, int | None, ClientPolicyTls | None], Destination | None] = (
            Remembered()
        )

    def forget(self, touched: Iterable[Ref]) -> None:
        """These resources changed, came, or went."""
        refs = tuple(touched)
        self.services.forget(refs)
        self.targets.forget(refs)

    def forget_outside(self) -> None:
        """What is known outside of the mesh changed."""
        self.services.forget_outside()
        self.targets.forget_outside()
