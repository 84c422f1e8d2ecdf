"""The xDS port and its Unix socket: gRPC, with the gate that streams come through."""

import socket
from pathlib import Path

from gossamer.clock import SystemClock
from gossamer.runtime.admission import StreamAdmission, Trust
from gossamer.runtime.listen import CannotStart, shown
from gossamer.runtime.process import Process
from gossamer.runtime.stream_audit import stream_entry
from gossamer.runtime.tls_files import TlsWatch
from gossamer.store.vault import token_key
from gossamer.xds.admission import StreamEvent
from gossamer.xds.door import Door
from gossamer.xds.hub import Hub
from gossamer.xds.server import XdsServer


def xds_server(process: Process, hub: Hub) -> XdsServer:
    """The management server on its port and its socket.

    Raises: CannotStart.
    """
    settings, tls = process.settings, process.xds_tls
    addresses = [f"{shown(settings.xds_host)}:{settings.xds_port}"]
    if settings.xds_socket is not None:
        addresses.append(socket_address(settings.xds_socket))
    ports: list[int] = []
    trust = Trust(
        account=settings.account_id,
        token_key=token_key(process.vault, process.store.secret),
        domain=settings.xds_trust_domain,
        hosts=lambda: signed_hosts(settings.xds_host, settings.xds_names, tls, ports),
    )

    def take(event: StreamEvent) -> None:
        process.store.audit.note(stream_entry(event, settings.region, SystemClock().now()))

    door = Door(
        StreamAdmission(process.watch(), process.store, trust, take),
        tls.current if tls is not None else None,
        settings.stream_max_age,
    )
    try:
        server = XdsServer(hub, SystemClock(), addresses, door)
    except RuntimeError as error:
        raise CannotStart(
            f"cannot listen on {' and '.join(addresses)}: is another control plane running? "
            "(--xds-port changes it)"
        ) from error
    ports.append(server.ports[0])
    return server


def socket_address(path: Path) -> str:
    """A Unix socket as gRPC names it.

    Raises: CannotStart if there is no directory for it.
    """
    if not path.absolute().parent.is_dir():
        raise CannotStart(f"cannot make {path}: there is no such directory (--xds-socket changes it)")
    return f"unix:{path.absolute()}"


def signed_hosts(bound: str, named: str, tls: TlsWatch | None, ports: list[int]) -> tuple[str, ...]:
    """Every name that a client may have signed for the xDS port, with the port and without."""
    names = [bound, "127.0.0.1", "localhost", "::1", socket.gethostname(), *named.split(",")]
    names += tls.names() if tls is not None else ()
    tidy = dict.fromkeys(shown(name.strip()) for name in names if name.strip())
    return tuple(host for name in tidy for host in (*(f"{name}:{port}" for port in ports), name))
