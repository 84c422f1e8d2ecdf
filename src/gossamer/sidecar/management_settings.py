"""The agent's own interface: whether it answers, and where.

Source: App Mesh user guide, the agent for Envoy, `APPNET_AGENT_*`.
"""

import datetime
from dataclasses import dataclass
from typing import Final

from gossamer.contract import AGENT_PORT
from gossamer.sidecar.variable import Choice, Number, Reader, Text, Truth, Variable

MODE: Final = Choice(
    names=("APPNET_AGENT_ADMIN_MODE",),
    flag="--agent-admin-mode",
    default="",
    among=("tcp", "uds"),
    meaning="Whether the agent's own interface answers on a port or on a Unix socket. "
    "Without it, not at all.",
)
ADDRESS: Final = Text(
    names=("APPNET_AGENT_HTTP_BIND_ADDRESS",),
    flag="--agent-address",
    default="[::]",
    takes="an IP address",
    meaning="Where the interface listens in mode tcp; `[::]` is every address of both families.",
)
PORT: Final = Number(
    names=("APPNET_AGENT_HTTP_PORT",),
    flag="--agent-port",
    default=AGENT_PORT,
    least=0,
    most=65535,
    meaning="The port of the interface in mode tcp; 0 takes a free one.",
)
SOCKET: Final = Text(
    names=("APPNET_AGENT_ADMIN_UDS_PATH",),
    flag="--agent-uds-path",
    default="/var/run/ecs/appnet_admin.sock",
    takes="a path",
    meaning="The socket of the interface in mode uds.",
)
RESET_TIMEOUT: Final = Number(
    names=("APPNET_AGENT_LOGGING_RESET_TIMEOUT",),
    flag="--logging-reset-timeout",
    default=300,
    least=1,
    most=86400,
    meaning="Seconds after which a log level that was set through the interface is set back.",
)
SNAPSHOT: Final = Truth(
    names=("ENABLE_STATS_SNAPSHOT",),
    flag="--stats-snapshot",
    default=False,
    meaning="Whether statistics are kept every minute, so that `delta` can tell what changed since.",
)

TABLE: Final[tuple[Variable, ...]] = (MODE, ADDRESS, PORT, SOCKET, RESET_TIMEOUT, SNAPSHOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagementSettings:
    """Where the agent answers: on `addresses` and `port`, on `socket`, or with neither nowhere.

    `usual_socket` is where it would, and where a check that is told nothing looks.
    """

    addresses: tuple[str, ...]
    port: int
    socket: str
    usual_socket: str
    reset_timeout: datetime.timedelta
    has_snapshots: bool


def management_settings(read: Reader) -> ManagementSettings:
    """Read whether and where the agent answers."""
    mode = read.choice(MODE)
    return ManagementSettings(
        addresses=(read.text(ADDRESS).strip("[]"),) if mode == "tcp" else (),
        port=read.number(PORT),
        socket=read.text(SOCKET) if mode == "uds" else "",
        usual_socket=read.text(SOCKET),
        reset_timeout=datetime.timedelta(seconds=read.number(RESET_TIMEOUT)),
        has_snapshots=read.truth(SNAPSHOT),
    )
