"""What tests of TLS ask of a stage."""

import asyncio
import contextlib
import ssl
from typing import Final

import aiohttp

from tests.support.pki import Authority
from tests.support.stage import Stage
from tests.support.stage_mesh import mesh

HANDSHAKES: Final = "listener.0.0.0.0_15000.ssl.handshake"


class TlsStage:
    """The stage as it is without TLS, so that nothing of another test's connections is left."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._before = 0

    async def begin(self) -> None:
        """Be as new."""
        self.stage.forget()
        await self.stage.show(mesh())
        self._before = await self.stage.envoys["blue"].stat(HANDSHAKES)

    async def is_answered(self) -> bool:
        """Whether a request from front arrives at blue."""
        return (await self.stage.front.http("http://orders.test/")).status == 200

    async def is_encrypted(self) -> bool:
        """How a request arrives: whether blue has seen a handshake since the test began."""
        assert await self.is_answered()
        return await self.handshakes() > 0

    async def handshakes(self) -> int:
        """How many blue has seen since the test began."""
        return await self.stage.envoys["blue"].stat(HANDSHAKES) - self._before

    async def is_refused(self) -> bool:
        """Whether a request is answered 503, and nothing of it reaches the application."""
        self.stage.apps["blue"].seen.clear()
        answer = await self.stage.front.http("http://orders.test/")
        return answer.status == 503 and not self.stage.apps["blue"].seen

    async def dial(
        self, context: ssl.SSLContext, port: int = 8080, machine: str = "blue"
    ) -> ssl.SSLObject | None:
        """What a client outside of the mesh agrees on with a machine; None if they do not agree."""
        opened = await self.stage.machines["outside"].connected(self.stage.machines[machine].address, port)
        name = f"{machine}.test"
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            _, writer = await asyncio.open_connection(sock=opened, ssl=context, server_hostname=name)
            found: ssl.SSLObject = writer.get_extra_info("ssl_object")
            writer.close()
            return found
        return None

    async def enter(self, context: ssl.SSLContext, url: str) -> str:
        """Who answers a request of HTTPS from outside; the name of the error if nobody does."""
        async with self.stage.outside.session() as session:
            try:
                async with session.get(url, ssl=context) as answer:
                    return (
                        str((await answer.json(content_type=None))["who"])
                        if answer.ok
                        else str(answer.status)
                    )
            except aiohttp.ClientError as error:
                return type(error).__name__


def trusting(authority: Authority, *protocols: str) -> ssl.SSLContext:
    """What a client outside of the mesh trusts, and the protocols that it offers."""
    context = ssl.create_default_context(cadata=authority.root)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context
