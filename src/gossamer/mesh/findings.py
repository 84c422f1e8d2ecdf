"""What services were found to mean, remembered while nothing that was looked at for them changes.

Many proxies call the same services. Each finding is shared by their views, and by the views of the next
snapshot unless a change touched it; so what is compiled from it is the same object again.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gossamer.mesh.inputs import Inputs
from gossamer.mesh.surroundings import Needs
from gossamer.mesh.view import ServicePort
from gossamer.model.kind import Ref
from gossamer.model.tls import ClientPolicyTls

NOTHING_OUTSIDE: Final = Needs()

#: How many are remembered at most, far more than a large mesh needs; those go first that nobody calls any
#: more, or not under that policy.
MOST: Final = 8_192


@dataclass(frozen=True, slots=True)
class Finding:
    """One service under one client policy: its ports, and what was looked at in the mesh and outside."""

    ports: tuple[ServicePort, ...]
    inputs: frozenset[Ref]
    needs: Needs


#: A service under a client policy.
Key = tuple[str, ClientPolicyTls | None]


class Findings:
    """The findings of one mesh. Whoever changes the mesh or what surrounds it says so here."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._found: OrderedDict[Key, Finding] = OrderedDict()
        self._inputs: Inputs[Key] = Inputs()

    def get(self, service: str, policy: ClientPolicyTls | None) -> Finding | None:
        """What a service was found to mean, if that still holds."""
        found = self._found.get((service, policy))
        if found is not None:
            self._found.move_to_end((service, policy))
        return found

    def put(self, service: str, policy: ClientPolicyTls | None, finding: Finding) -> None:
        """Remember what a service means."""
        self._found[service, policy] = finding
        self._inputs.put((service, policy), finding.inputs)
        if len(self._found) > self._most:
            self._remove([next(iter(self._found))])

    def forget(self, touched: Iterable[Ref]) -> None:
        """These resources changed, came, or went."""
        self._remove(self._inputs.touched(touched))

    def forget_outside(self) -> None:
        """What is known outside of the mesh changed."""
        self._remove([key for key, finding in self._found.items() if finding.needs != NOTHING_OUTSIDE])

    def _remove(self, keys: Iterable[Key]) -> None:
        for key in keys:
            del self._found[key]
            self._inputs.remove(key)
