"""What a view sees beyond its mesh, and what it looked for there."""

from collections.abc import Iterable

from gossamer.mesh.client_tls import ClientTls, RootTrust
from gossamer.mesh.surroundings import CloudMapService, Instance, Needs, Surroundings
from gossamer.model.service_discovery import AwsCloudMapServiceDiscovery, IpPreference, ServiceDiscovery
from gossamer.model.tls import ListenerTls, ListenerTlsMode


class Outlook:
    """Reads surroundings and remembers what it looked for, found or not."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self.needs = Needs()

    def seen(self) -> Surroundings:
        """All that was looked for and found."""
        return self._surroundings.part(self.needs)

    def addresses(
        self, discovery: ServiceDiscovery, preference: IpPreference | None
    ) -> tuple[str, ...] | None:
        """The addresses that Cloud Map lists, sorted; None for DNS, and while nobody has looked."""
        if discovery.aws_cloud_map is None:
            return None
        service = cloud_map_service(discovery.aws_cloud_map)
        self.needs |= Needs(services=frozenset({service}))
        found = self._surroundings.instances.get(service)
        if found is None:
            # If nobody is going to look, there is nothing to wait for.
            return None if self._surroundings.has_cloud_map else ()
        listed = (preferred_address(instance, preference) for instance in found)
        return tuple(sorted({address for address in listed if address}))

    def is_cut_off(self, tls: ClientTls | None) -> bool:
        """Whether nothing is left that a server's certificate could be checked against."""
        if tls is None or not isinstance(tls.trust, RootTrust):
            return False
        self.needs |= Needs(trust=frozenset(tls.trust.arns))
        return all(self._surroundings.lacks_trust(arn) for arn in tls.trust.arns)

    def shown(self, listeners: Iterable[ListenerTls | None]) -> None:
        """Look for the certificates of ACM that listeners show."""
        arns = {
            tls.certificate.acm.certificate_arn
            for tls in listeners
            if tls is not None
            and tls.mode is not ListenerTlsMode.DISABLED
            and tls.certificate.acm is not None
        }
        self.needs |= Needs(certificates=frozenset(arns))


def cloud_map_service(discovery: AwsCloudMapServiceDiscovery) -> CloudMapService:
    """What to ask Cloud Map for. Attributes in another order are the same question."""
    attributes = sorted({(one.key, one.value) for one in discovery.attributes or ()})
    return CloudMapService(discovery.namespace_name, discovery.service_name, tuple(attributes))


def preferred_address(instance: Instance, preference: IpPreference | None) -> str:
    """The address at which an instance is reached; empty if it has none that may be used.

    Absent: IPv4, else IPv6.
    Source: App Mesh examples, howto-ipv6, the table of effects.
    """
    match preference:
        case IpPreference.IPV4_ONLY:
            return instance.ipv4
        case IpPreference.IPV6_ONLY:
            return instance.ipv6
        case IpPreference.IPV6_PREFERRED:
            return instance.ipv6 or instance.ipv4
        case IpPreference.IPV4_PREFERRED | None:
            return instance.ipv4 or instance.ipv6
