"""A machine of a test's stage: a network of its own, on one wire with the others, whose sockets are ours.

What runs here opens sockets there: a small process in the machine's network opens them and hands them over.
So applications and clients of a test live in the test, and their connections begin and end on the machine,
where interception takes them.
"""

import asyncio
import contextlib
import ipaddress
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import pytest

from gossamer.contract import EGRESS_PORT, INGRESS_PORT
from gossamer.sidecar.binary import envoy_command, envoy_path
from gossamer.sidecar.bootstrap import bootstrap
from gossamer.sidecar.env import settings
from gossamer.sidecar.intercept import apply
from gossamer.sidecar.intercept.plan import Interception
from tests.support.envoy import RunningEnvoy, sds_cluster
from tests.support.network_namespace import ENVIRON

#: The proxy is told apart by its group: as the test's own user it can read the test's own files.
PROXY_GID: Final = 1337

#: Opens sockets, bound where that is asked for, and hands them over.
OPENER: Final = """
import json, socket
asked = socket.socket(fileno=0)
asked.send(b"ready")
while message := asked.recv(1000):
    family, kind, host, port = json.loads(message)
    try:
        with socket.socket(family, kind) as opened:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if host is not None:
                if family == socket.AF_INET6:
                    opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                opened.bind((host, port))
                if kind == socket.SOCK_STREAM:
                    opened.listen(1000)
            socket.send_fds(asked, [b"opened"], [opened.fileno()])
    except OSError as error:
        asked.send(repr(error).encode())
"""

HAS_GROUPS: Final = os.geteuid() == 0
CARES: Final = "type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig"


@dataclass
class Machine:
    """One machine; `within` is the command that runs another in its network."""

    name: str
    address: str
    address_v6: str
    pid: int
    opener: socket.socket = field(repr=False)

    @property
    def within(self) -> tuple[str, ...]:
        users = () if HAS_GROUPS else ("--user", "--preserve-credentials")
        return ("nsenter", f"--target={self.pid}", *users, "--net", "--")

    def run(self, *command: str, text: str = "") -> str:
        """Run a command on it to its end; what it printed."""
        done = subprocess.run(
            [*self.within, *command], input=text, env=ENVIRON, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    def opened(self, family: int = socket.AF_INET) -> socket.socket:
        """A TCP socket that connects from here."""
        return self._open(family, socket.SOCK_STREAM, None, port=0)

    def listening(self, host: str, port: int, kind: int = socket.SOCK_STREAM) -> socket.socket:
        """A socket that is bound here, and listens if it is one of TCP."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return self._open(family, kind, host, port)

    async def connected(self, host: str, port: int) -> socket.socket:
        """A connection from here to an address."""
        opened = self.opened(socket.AF_INET6 if ":" in host else socket.AF_INET)
        try:
            await asyncio.get_running_loop().sock_connect(opened, (host, port))
        except BaseException:
            opened.close()
            raise
        return opened

    def intercept(self, app_ports: tuple[int, ...], directly: str) -> None:
        """Put traffic through the sidecar; where groups are one, all that goes to `directly` passes."""
        wanted = Interception(
            egress_port=EGRESS_PORT,
            ingress_port=INGRESS_PORT,
            app_ports=app_ports,
            ignored_gid=PROXY_GID if HAS_GROUPS else None,
            ignored_networks=() if HAS_GROUPS else (ipaddress.ip_network(directly),),
            is_ipv6=True,
        )
        apply.enable(wanted, within=self.within)

    def _open(self, family: int, kind: int, host: str | None, port: int) -> socket.socket:
        self.opener.send(json.dumps([family, kind, host, port]).encode())
        said, handed_over, _, _ = socket.recv_fds(self.opener, 1000, 1)
        assert handed_over, f"{self.name}: {host} port {port}: {said.decode()}"
        opened = socket.socket(fileno=handed_over[0])
        opened.setblocking(False)  # noqa: FBT003 - not ours to name
        return opened


@contextlib.contextmanager
def machine(name: str, address: str, address_v6: str, wire: Machine | None) -> Iterator[Machine]:
    """A machine, gone with the test; `wire` is the one that joins all others, None for that one itself."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    nested = wire.within if wire is not None and not HAS_GROUPS else ()
    unshare = ("unshare", "--net") if HAS_GROUPS or nested else ("unshare", "-Urn")
    command = (*nested, *unshare, sys.executable, "-I", "-S", "-c", OPENER)
    with ours, subprocess.Popen(command, stdin=theirs.fileno(), env=ENVIRON) as process:
        theirs.close()
        try:
            if ours.recv(100) != b"ready":
                pytest.skip("no network namespace can be made here")
            made = Machine(name, address, address_v6, process.pid, ours)
            (_lay if wire is None else _plug)(made, wire or made)
            yield made
        finally:
            ours.close()
            process.wait(10)


def _lay(wire: Machine, _: Machine) -> None:
    """The wire itself: a bridge."""
    _ip(wire, "link add wire type bridge", *_addresses(wire, "wire"))


def _plug(made: Machine, wire: Machine) -> None:
    """A machine, plugged in; what is on no machine goes to the wire, and is lost there."""
    link = f"to-{made.name}"
    _ip(
        wire,
        f"link add {link} type veth peer name eth0 netns {made.pid}",
        f"link set {link} master wire up",
    )
    _ip(
        made,
        *_addresses(made, "eth0"),
        f"route add default via {wire.address}",
        f"route add ::/0 via {wire.address_v6}",
    )


def _addresses(made: Machine, link: str) -> tuple[str, ...]:
    return (
        "link set lo up",
        f"address add {made.address}/24 dev {link}",
        # An address of IPv6 is otherwise not used for a second, while its doubles are looked for.
        f"address add {made.address_v6}/64 dev {link} nodad",
        f"link set {link} up",
    )


def _ip(made: Machine, *lines: str) -> None:
    made.run("ip", "-batch", "-", text="".join(f"{line}\n" for line in lines))


class Manager(Protocol):
    """A control plane, whichever way it runs."""

    @property
    def socket(self) -> Path:
        """Where it serves xDS."""
        ...


@contextlib.contextmanager
def running_proxy(
    made: Machine,
    node: str,
    plane: Manager,
    names_server: str,
    *,
    drain_s: int = 20,
    is_told_all: bool = False,
    more: Mapping[str, str] | None = None,
) -> Iterator[RunningEnvoy]:
    """The real Envoy on a machine, that speaks for a mesh endpoint and asks one DNS server for names.

    `is_told_all` has it speak state of the world, as App Mesh's own images do. `more` are further variables
    of the agent.
    """
    directory = plane.socket.parent
    variables = {
        "APPMESH_RESOURCE_ARN": node,
        "APPMESH_XDS_ENDPOINT": f"unix://{plane.socket}",
        "ENVOY_CONCURRENCY": "1",
        "ENVOY_LOG_LEVEL": "warning",
        # So that what it measures is seen soon.
        "ENVOY_STATS_FLUSH_INTERVAL": "1s",
        "ENVOY_ADMIN_ACCESS_LOG_FILE": "/dev/null",
        "ENVOY_OUTLIER_DETECTION_EVENT_LOG_PATH": "/dev/null",
        **(more or {}),
    }
    found, _ = settings(variables)
    admin, config, log = (directory / f"{made.name}.{end}" for end in ("admin", "json", "log"))
    written: Any = bootstrap(found, str(admin))
    if is_told_all:
        written["dynamic_resources"]["ads_config"]["api_type"] = "GRPC"
    written["static_resources"]["clusters"].append(sds_cluster(directory / "sds.sock"))
    written["typed_dns_resolver_config"] = _resolver(names_server)
    config.write_text(json.dumps(written))
    group = ("setpriv", "--regid", str(PROXY_GID), "--clear-groups", "--") if HAS_GROUPS else ()
    envoy = list(envoy_command(found, envoy_path(found), ("-c", str(config))))
    envoy[envoy.index("--drain-time-s") + 1] = str(drain_s)
    # Access logs are read as soon as they are written.
    envoy += ["--file-flush-interval-msec", "20"]
    with (
        log.open("wb") as out,
        subprocess.Popen([*made.within, *group, *envoy], stdout=out, stderr=out, env=ENVIRON) as process,
    ):
        try:
            yield RunningEnvoy(process, admin, log)
        finally:
            process.kill()


def _resolver(server: str) -> dict[str, object]:
    address = {"socket_address": {"address": server, "port_value": 53}}
    options = {"no_default_search_domain": True}
    config = {"@type": CARES, "resolvers": [address], "dns_resolver_options": options}
    return {"name": "envoy.network.dns_resolver.cares", "typed_config": config}
