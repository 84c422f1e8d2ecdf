"""Where the control plane is: `host:port` or `unix:///path`.

Source: App Mesh user guide, `APPMESH_XDS_ENDPOINT`; envoy.config.core.v3.Address.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from gossamer.sidecar.variable import Misconfigured

#: An IPv6 address stands in brackets, as in a URL.
_HOST_PORT: Final = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.%]+)\]|(?P<host>[^\s:/\[\]]+)):(?P<port>[0-9]{1,5})"
)
_SCHEME: Final = "unix://"
_LAST_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class TcpEndpoint:
    """A host, by name or address, and a port."""

    host: str
    port: int

    @property
    def is_address(self) -> bool:
        """Whether the host needs no DNS."""
        return is_ip_address(self.host)

    @property
    def is_loopback(self) -> bool:
        """Whether nothing said to it leaves this machine."""
        return self.host == "localhost" or (self.is_address and ipaddress.ip_address(self.host).is_loopback)


@dataclass(frozen=True, slots=True)
class UnixEndpoint:
    """A socket in the file system."""

    path: str


Endpoint = TcpEndpoint | UnixEndpoint


def endpoint(text: str) -> Endpoint:
    """Read an endpoint.

    Raises: Misconfigured when it is neither form.
    """
    if text.startswith(_SCHEME + "/"):
        return UnixEndpoint(text.removeprefix(_SCHEME))
    found = _HOST_PORT.fullmatch(text)
    if found is None or not 0 < int(found["port"]) <= _LAST_PORT:
        raise Misconfigured(f"APPMESH_XDS_ENDPOINT is {text!r}; write HOST:PORT or unix:///PATH.")
    return TcpEndpoint(found["six"] or found["host"], int(found["port"]))


def is_ip_address(text: str) -> bool:
    """Whether it is an address, of either family, and no name."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
