"""AWS Cloud Map as a source of endpoints.

Asking whether anything has changed is cheap, listing is not, so the instances are listed only when their
revision has moved. Health does not move it, so they are listed now and then anyway.
Source: AWS Cloud Map API, `DiscoverInstances`, `DiscoverInstancesRevision`: "the health status updates don't
update InstancesRevision".
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.aws import Asking, Refused
from gossamer.mesh.surroundings import CloudMapService, Instance

#: Every so many times a service is listed whatever its revision, so that its instances' health is known.
LIST_EVERY: Final = 5

#: The most that one answer holds; there is no second page. Source: `DiscoverInstances`, `MaxResults`.
MOST: Final = 1000

IPV4: Final = "AWS_INSTANCE_IPV4"
IPV6: Final = "AWS_INSTANCE_IPV6"

#: Errors that mean that the service is not there, which is an answer.
ABSENT: Final = frozenset({"NamespaceNotFound", "ServiceNotFound"})

#: Errors that say nothing about whether the service tells revisions at all.
PASSING: Final = ABSENT | {"RequestLimitExceeded", "ThrottlingException"}


@dataclass(slots=True)
class _Known:
    """What was listed last, at which revision, and how often it was believed since."""

    revision: object
    instances: tuple[Instance, ...]
    believed: int = 0


class CloudMap:
    """Instances by the real API."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask
        self._known: dict[CloudMapService, _Known] = {}
        self._has_revisions = True

    async def instances(self, service: CloudMapService) -> tuple[Instance, ...]:
        """The instances that may take requests now; a service that is not there has none.

        Raises: Unavailable if that can't be told now.
        """
        known = self._known.get(service)
        if known is not None and known.believed + 1 < LIST_EVERY and await self._is_unmoved(service, known):
            known.believed += 1
            return known.instances
        return await self._listed(service)

    def forget(self, service: CloudMapService) -> None:
        """Nobody needs this one any more."""
        self._known.pop(service, None)

    async def _is_unmoved(self, service: CloudMapService, known: _Known) -> bool:
        """Whether the revision is as it was; where the service tells none, it is listed every time."""
        if not self._has_revisions or known.revision is None:
            return False
        try:
            answer = await self._ask(
                "discover_instances_revision", NamespaceName=service.namespace, ServiceName=service.service
            )
        except Refused as error:
            self._has_revisions = error.code in PASSING
            return False
        return answer.get("InstancesRevision") == known.revision

    async def _listed(self, service: CloudMapService) -> tuple[Instance, ...]:
        try:
            answer = await self._ask(
                "discover_instances",
                NamespaceName=service.namespace,
                ServiceName=service.service,
                QueryParameters=dict(service.attributes),
                MaxResults=MOST,
                # Not HEALTHY: instances that nobody checks have no health to tell.
                HealthStatus="ALL",
            )
        except Refused as error:
            if error.code not in ABSENT:
                raise
            self._known.pop(service, None)
            return ()
        listed = answer.get("Instances")
        found = tuple(sorted(set(_instances(listed if isinstance(listed, list) else []))))
        self._known[service] = _Known(answer.get("InstancesRevision"), found)
        return found


def _instances(listed: list[Mapping[str, object]]) -> list[Instance]:
    """Those that are not known to be unwell, and have an address."""
    found = []
    for one in listed:
        attributes = one.get("Attributes")
        if one.get("HealthStatus") != "UNHEALTHY" and isinstance(attributes, Mapping):
            instance = Instance(_address(attributes.get(IPV4), 4), _address(attributes.get(IPV6), 6))
            if instance != Instance():
                found.append(instance)
    return found


def _address(written: object, version: int) -> str:
    """An address of this family; what else may stand there is of no use, and Envoy would refuse it."""
    try:
        address = ipaddress.ip_address(str(written or ""))
    except ValueError:
        return ""
    return str(address) if address.version == version else ""
