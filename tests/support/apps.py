"""Applications for tests: `python apps.py 8081 8082` answers on each port with the port's number."""

import asyncio
import sys

from aiohttp import web


async def main(ports: list[int]) -> None:
    """Answer for ever."""
    for port in ports:
        await _listen(port)
    await asyncio.Event().wait()


async def _listen(port: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=str(port))

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()


if __name__ == "__main__":
    asyncio.run(main([int(port) for port in sys.argv[1:]]))
