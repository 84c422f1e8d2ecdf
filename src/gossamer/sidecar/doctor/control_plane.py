"""Whether the control plane is reached: its name, its port, its certificate."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from typing import Final

from gossamer.sidecar.doctor.check import Check, fail, ok
from gossamer.sidecar.endpoint import TcpEndpoint, UnixEndpoint
from gossamer.sidecar.stream import StreamSettings

_PATIENCE_S: Final = 5.0
NAME: Final = "control plane"


async def reach_checks(stream: StreamSettings) -> AsyncIterator[Check]:
    """Step by step, as far as it goes."""
    match stream.endpoint:
        case UnixEndpoint(path):
            yield await _unix(path)
        case TcpEndpoint(host, port) as where:
            if not where.is_address:
                found = await _name(host)
                yield found
                if found.todo:
                    return
            found = await _port(host, port)
            yield found
            if stream.ca_file and not found.todo:
                yield await _tls(host, port, stream)


async def _unix(path: str) -> Check:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            _, writer = await asyncio.open_unix_connection(path)
    except (OSError, TimeoutError) as error:
        return fail(
            NAME, f"the socket {path} cannot be connected to: {error}", "Start the control plane there."
        )
    writer.close()
    return ok(NAME, f"the socket {path} takes connections")


async def _name(host: str) -> Check:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError) as error:
        todo = "Correct APPMESH_XDS_ENDPOINT, or this machine's DNS (/etc/resolv.conf)."
        return fail("name", f"{host} has no address: {error}", todo)
    addresses = ", ".join(sorted({str(one[4][0]) for one in found}))
    return ok("name", f"{host} is {addresses}")


async def _port(host: str, port: int) -> Check:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        why = str(error) or "no answer in time"
        todo = "Start `gossamer serve` there, or correct APPMESH_XDS_ENDPOINT; look at firewalls between."
        return fail(NAME, f"{host}:{port} takes no connection: {why}", todo)
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return ok(NAME, f"{host}:{port} takes connections")


async def _tls(host: str, port: int, stream: StreamSettings) -> Check:
    """Shake hands as Envoy would: by the authorities of the file, for the host's name."""
    own = stream.credentials
    try:
        context = ssl.create_default_context(cafile=stream.ca_file)
        context.set_alpn_protocols(["h2"])
        if own.cert_file:
            context.load_cert_chain(own.cert_file, own.key_file)
    except (OSError, ssl.SSLError) as error:
        return fail(
            "tls", f"certificate files cannot be used: {error}", "Correct GOSSAMER_XDS_CA_FILE and its like."
        )
    try:
        async with asyncio.timeout(_PATIENCE_S):
            _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        todo = "Renew the control plane's certificate, or name its authority in GOSSAMER_XDS_CA_FILE."
        return fail("tls", f"its certificate is refused: {error.verify_message}", todo)
    except (OSError, TimeoutError) as error:
        todo = "Without TLS there, take GOSSAMER_XDS_CA_FILE away."
        return fail("tls", f"the handshake fails: {str(error) or 'no answer in time'}", todo)
    shown = writer.get_extra_info("peercert") or {}
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return ok("tls", f"its certificate is good until {shown.get('notAfter', 'some time')}")
