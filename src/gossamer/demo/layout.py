"""Who is on the stage, and under which addresses.

The names and ports are the Getting Started's; the addresses exist only in namespaces of the demo's own.
"""

from dataclasses import dataclass
from typing import Final

MESH: Final = "simpleapp"
DOMAIN: Final = "simpleapp.local"
NETWORK: Final = "10.77.0.0/24"
GATEWAY: Final = "10.77.0.1"

#: What `serviceB.simpleapp.local` resolves to: nobody has this address, the sidecar takes what goes there.
VIRTUAL_ADDRESS: Final = "10.78.0.1"
VIRTUAL_SERVICE: Final = f"serviceB.{DOMAIN}"

#: Nothing is asked beyond the hosts file: nobody listens here, so a question for a family that the file
#: does not hold is refused at once.
RESOLVER: Final = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"


@dataclass(frozen=True, slots=True)
class Member:
    """One service with its own machine. `calls` is what it asks when it is asked itself."""

    name: str
    address: str
    port: int
    calls: str = ""

    @property
    def host(self) -> str:
        """The name that its virtual node is discovered by."""
        return f"{self.name}.{DOMAIN}"


SERVICE_A: Final = Member("serviceA", "10.77.0.2", 8080, calls=f"http://{VIRTUAL_SERVICE}/")
SERVICE_B1: Final = Member("serviceBv1", "10.77.0.3", 8081)
SERVICE_B2: Final = Member("serviceBv2", "10.77.0.4", 8082)
MEMBERS: Final = (SERVICE_A, SERVICE_B1, SERVICE_B2)


def hosts_file() -> str:
    """What every machine of the stage looks names up in."""
    lines = ["127.0.0.1 localhost", f"{VIRTUAL_ADDRESS} {VIRTUAL_SERVICE}"]
    return "".join(f"{line}\n" for line in [*lines, *(f"{one.address} {one.host}" for one in MEMBERS)])
