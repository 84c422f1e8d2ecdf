"""The applications: `python -m gossamer.demo.app NAME PORT [--calls URL] …`.

serviceBv1 and serviceBv2 say who they are; serviceA calls serviceB by its name and relays the answer.
"""

import argparse
import asyncio
import os
from typing import Final

import aiohttp
from aiohttp import web

WARM_UP: Final = "/warm-up"


async def serve(name: str, port: int, calls: str, proxy: str, uid: int | None) -> None:
    """Answer for ever."""
    async with aiohttp.ClientSession() as session:

        async def answer(request: web.Request) -> web.Response:
            if not calls or request.path == WARM_UP:
                return web.Response(text=name)
            try:
                async with session.get(calls, proxy=proxy or None) as found:
                    return web.Response(text=await found.text(), status=found.status)
            except aiohttp.ClientError as error:
                return web.Response(text=f"{calls}: {error}", status=502)

        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        if uid is not None:
            # As another user Python may not be able to read its own library, so first all of it that we need.
            async with session.get(f"http://localhost:{port}{WARM_UP}") as warm:
                await warm.text()
            os.setgid(uid)
            os.setuid(uid)
        await asyncio.Event().wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description="One of the demo's applications.")
    parser.add_argument("name")
    parser.add_argument("port", type=int)
    parser.add_argument("--calls", default="")
    parser.add_argument("--proxy", default="")
    parser.add_argument("--uid", type=int)
    given = parser.parse_args()
    asyncio.run(serve(given.name, given.port, given.calls, given.proxy, given.uid))


if __name__ == "__main__":
    main()
