"""What is known of the world outside of meshes: endpoints that others list, certificates, whom to trust.

An input of every view, beside the mesh: found by `discovery` and `certs`, handed over by the runtime.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, order=True)
class CloudMapService:
    """A service in AWS Cloud Map, or of it those instances that carry all of these attributes."""

    namespace: str
    service: str
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Instance:
    """One endpoint as it is listed; an address that it does not have is empty."""

    ipv4: str = ""
    ipv6: str = ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with what leads to its root, and its key; both in PEM."""

    chain: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Needs:
    """What somebody looked for outside.

    `trust` are ARNs of authorities, and of certificates whose root counts.
    """

    services: frozenset[CloudMapService] = frozenset()
    certificates: frozenset[str] = frozenset()
    trust: frozenset[str] = frozenset()

    def __or__(self, other: "Needs") -> "Needs":
        """What either looked for."""
        return Needs(
            self.services | other.services,
            self.certificates | other.certificates,
            self.trust | other.trust,
        )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What was found. A name without an entry was not looked for yet; None means that it is not there.

    `trust` holds the roots behind an ARN, of an authority or of a certificate, in PEM. `is_complete` says
    that certificates and trust hold all that there is, so that what has no entry is not there. `doubts` says
    in words why something that was found, or was not, may be otherwise by now.
    """

    instances: Mapping[CloudMapService, tuple[Instance, ...]] = field(default_factory=dict)
    certificates: Mapping[str, Certificate | None] = field(default_factory=dict)
    trust: Mapping[str, str | None] = field(default_factory=dict)
    is_complete: bool = True
    has_cloud_map: bool = True
    doubts: Mapping[object, str] = field(default_factory=dict)

    def lacks_certificate(self, arn: str) -> bool:
        """Whether it is known that there is no such certificate."""
        return _lacks(self.certificates, arn, is_complete=self.is_complete)

    def lacks_trust(self, arn: str) -> bool:
        """Whether it is known that nothing is behind an ARN that could be trusted."""
        return _lacks(self.trust, arn, is_complete=self.is_complete)

    def part(self, needs: Needs) -> "Surroundings":
        """What was found of what is needed, and nothing else; doubts change nothing of it."""
        return Surroundings(
            _part(self.instances, needs.services),
            _part(self.certificates, needs.certificates),
            _part(self.trust, needs.trust),
            self.is_complete,
            self.has_cloud_map,
        )


#: A world in which nothing was found, nor ever will be.
NOWHERE: Final = Surroundings()


def _lacks(found: Mapping[str, object], arn: str, *, is_complete: bool) -> bool:
    return found[arn] is None if arn in found else is_complete


def _part(found: Mapping[K, V], names: frozenset[K]) -> Mapping[K, V]:
    return {name: found[name] for name in names if name in found}
