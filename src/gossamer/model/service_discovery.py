"""How clients find a virtual node's endpoints.

Source: App Mesh API 2019-01-25, `ServiceDiscovery` and the shapes below it, `IpPreference`.
"""

import enum
from typing import Annotated, Final

from gossamer.model.names import Hostname
from gossamer.model.rule import Characters, Matching, Obeying
from gossamer.model.spec import Spec, Union, Violated

# Source: Cloud Map API, the name of a namespace; clients send it as the host of their health checks.
AwsCloudMapName = Annotated[
    str,
    Characters(1, 1024),
    Matching("^[!-~]+$", "may hold printable ASCII characters only, and no blank"),
]

#: Cloud Map keeps the port of an instance under this key, and App Mesh takes the listener's port instead.
RESERVED_ATTRIBUTE: Final = "AWS_INSTANCE_PORT"


def _unreserved(key: str) -> str:
    if key == RESERVED_ATTRIBUTE:
        raise Violated(f"must not be {RESERVED_ATTRIBUTE}")
    return key


class IpPreference(enum.Enum):
    """Which version of IP is used, alone or first."""

    IPV6_PREFERRED = "IPv6_PREFERRED"
    IPV4_PREFERRED = "IPv4_PREFERRED"
    IPV4_ONLY = "IPv4_ONLY"
    IPV6_ONLY = "IPv6_ONLY"


class DnsResponseType(enum.Enum):
    """Whether DNS answers with load balancers, of which one is used, or with all endpoints."""

    LOADBALANCER = "LOADBALANCER"
    ENDPOINTS = "ENDPOINTS"


class DnsServiceDiscovery(Spec):
    """Endpoints from DNS."""

    hostname: Hostname
    """The name to look up."""
    response_type: DnsResponseType | None = None
    """What the addresses are; the effective default is `LOADBALANCER`."""
    ip_preference: IpPreference | None = None
    """Which version of IP; the effective default is the mesh's."""


class AwsCloudMapInstanceAttribute(Spec):
    """An attribute that an instance must carry."""

    key: Annotated[
        str,
        Characters(1, 255),
        Matching("^[a-zA-Z0-9!-~]+$", "may hold printable ASCII characters only, and no blank"),
        Obeying(_unreserved, f"must not be {RESERVED_ATTRIBUTE}"),
    ]
    """The attribute's name."""
    value: Annotated[
        str,
        Characters(1, 1024),
        Matching(
            "^([a-zA-Z0-9!-~][  a-zA-Z0-9!-~]*){0,1}[a-zA-Z0-9!-~]{0,1}$",
            "may hold printable ASCII characters only, and start with no blank",
        ),
    ]
    """The attribute's value."""


class AwsCloudMapServiceDiscovery(Spec):
    """Endpoints from AWS Cloud Map."""

    namespace_name: AwsCloudMapName
    """The namespace."""
    service_name: AwsCloudMapName
    """The service in it."""
    attributes: tuple[AwsCloudMapInstanceAttribute, ...] | None = None
    """What an instance must carry, all of it, to be an endpoint."""
    ip_preference: IpPreference | None = None
    """Which version of IP; the effective default is the mesh's."""


class ServiceDiscovery(Union):
    """Where the endpoints are listed."""

    dns: DnsServiceDiscovery | None = None
    """In DNS."""
    aws_cloud_map: AwsCloudMapServiceDiscovery | None = None
    """In AWS Cloud Map."""
