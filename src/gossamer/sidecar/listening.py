"""Where the agent listens: one port on several addresses, or a Unix socket."""

import asyncio
import contextlib
import os
import socket as sockets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

from gossamer.sidecar.variable import Misconfigured

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def listening(
    serve: Serve, addresses: Sequence[str], port: int, path: str, what: str
) -> AsyncIterator[int]:
    """Serve on every address and on the socket of that path, and say which port; port 0 takes a free one.

    Raises: Misconfigured where it cannot listen; `what` names it.
    """
    async with contextlib.AsyncExitStack() as stack:
        for address in addresses:
            is_dual = address == "::" and len(addresses) == 1
            server = await _on_address(serve, address, port, what, is_dual=is_dual)
            stack.callback(server.close)
            port = server.sockets[0].getsockname()[1]
        if path:
            server = await _on_socket(serve, path, what)
            stack.callback(Path(path).unlink, missing_ok=True)
            stack.callback(server.close)
        yield port


async def _on_address(serve: Serve, address: str, port: int, what: str, *, is_dual: bool) -> asyncio.Server:
    """A server on one address; `::` alone takes IPv4 too, where the machine has IPv6 at all."""
    try:
        if not is_dual:
            return await asyncio.start_server(serve, address, port)
        if not sockets.has_dualstack_ipv6():
            return await asyncio.start_server(serve, "0.0.0.0", port)  # noqa: S104  what was asked for
        bound = sockets.create_server((address, port), family=sockets.AF_INET6, dualstack_ipv6=True)
        return await asyncio.start_server(serve, sock=bound)
    except OSError as error:
        where = f"{address}, port {port}"
        raise Misconfigured(f"{what} cannot listen on {where}: {error.strerror}.") from error


async def _on_socket(serve: Serve, path: str, what: str) -> asyncio.Server:
    """A server on a Unix socket, for its own user and root; one that was left behind is taken away."""
    try:
        _make_room(Path(path))
        server = await asyncio.start_unix_server(serve, path)
        os.chmod(path, 0o600)  # noqa: PTH101  as quick as it gets, and no reason to wait elsewhere
    except OSError as error:
        raise Misconfigured(f"{what} cannot listen on {path}: {error.strerror}.") from error
    return server


def _make_room(path: Path) -> None:
    """Make the socket's directory, and take a dead agent's socket away."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_socket():
        path.unlink()
