"""Where Envoy's admin interface answers: on a port through the agent's front, or on a socket.

Source: App Mesh user guide, Envoy image variables.
"""

from dataclasses import dataclass
from typing import Final

from gossamer.contract import ADMIN_PORT
from gossamer.sidecar.json_value import Json, own_pipe, typed
from gossamer.sidecar.variable import Choice, Number, Reader, Text, Truth, Variable

MODE: Final = Choice(
    names=("ENVOY_ADMIN_MODE",),
    flag="--admin-mode",
    default="tcp",
    among=("tcp", "uds"),
    meaning="Whether the admin interface answers on a port or on a Unix socket.",
)
PORT: Final = Number(
    names=("ENVOY_ADMIN_ACCESS_PORT",),
    flag="--admin-port",
    default=ADMIN_PORT,
    least=0,
    most=65535,
    meaning="The port of Envoy's admin interface, which the agent fronts; 0 takes a free one.",
)
ADDRESS: Final = Text(
    names=("GOSSAMER_ADMIN_ADDRESS",),
    flag="--admin-address",
    default="127.0.0.1",
    takes="an IP address",
    meaning="Where the admin interface listens. It asks nobody who they are, so 0.0.0.0 trusts the network.",
)
SOCKET: Final = Text(
    names=("GOSSAMER_ADMIN_UDS_PATH",),
    flag="--admin-uds-path",
    default="/tmp/envoy_admin.sock",  # noqa: S108  App Mesh's documented place
    takes="a path",
    meaning="The socket of the admin interface in mode uds; for its own user and root alone.",
)
IPV6: Final = Truth(
    names=("ENVOY_ADMIN_ACCESS_ENABLE_IPV6",),
    flag="--admin-ipv6",
    default=False,
    meaning="Whether the admin interface answers on IPv6 too: on ::1 beside 127.0.0.1, on :: beside 0.0.0.0.",
)
LOG: Final = Text(
    names=("ENVOY_ADMIN_ACCESS_LOG_FILE",),
    flag="--admin-access-log-file",
    default="/tmp/envoy_admin_access.log",  # noqa: S108  App Mesh's documented default
    takes="a file that Envoy may write",
    meaning="Where Envoy logs requests to its admin interface.",
)

TABLE: Final[tuple[Variable, ...]] = (MODE, PORT, ADDRESS, SOCKET, IPV6, LOG)

_FILE_LOG: Final = "envoy.extensions.access_loggers.file.v3.FileAccessLog"
_TWINS: Final = {"127.0.0.1": "::1", "0.0.0.0": "::"}  # noqa: S104  only when an operator asks for it


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminSettings:
    """Where the front listens, `addresses` on `port` or `socket`, and where Envoy logs what it is asked."""

    addresses: tuple[str, ...]
    port: int
    socket: str
    log: str


def admin_settings(read: Reader) -> AdminSettings:
    """Read where the admin interface answers.

    Source: App Mesh user guide, `ENVOY_ADMIN_MODE`, `ENVOY_ADMIN_ACCESS_ENABLE_IPV6`.
    """
    is_socket = read.choice(MODE) == "uds"
    address = read.text(ADDRESS)
    twin = _TWINS.get(address) if read.truth(IPV6) else None
    return AdminSettings(
        addresses=() if is_socket else (address, twin) if twin else (address,),
        port=read.number(PORT),
        socket=read.text(SOCKET) if is_socket else "",
        log=read.text(LOG),
    )


def admin(settings: AdminSettings, socket: str) -> Json:
    """Envoy's own admin interface, for the agent alone.

    Source: envoy.config.bootstrap.v3.Admin.
    """
    log = {"name": "envoy.access_loggers.file", "typed_config": typed(_FILE_LOG, path=settings.log)}
    return {"address": own_pipe(socket), "access_log": [log]}


def moved_admin(socket: str) -> Json:
    """What is laid over an operator's own bootstrap: its admin interface, where the agent can front it."""
    return {"admin": {"address": own_pipe(socket)}}
