"""The console over HTTP: one page, its assets, and the way there for a browser that asks for `/`.

The page may load and call nothing but this server. Every name below /console/ that is no asset is the page:
it finds its way by the address itself.
Source: Content Security Policy Level 3; RFC 9111, `immutable` of RFC 8246.
"""

import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

#: Where the build puts the console.
STATIC: Final = Path(__file__).with_name("static")

HOME: Final = "/console/"

HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

#: An asset's name changes with its content.
FOREVER: Final = {"cache-control": "public, max-age=31536000, immutable"}

TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}

_ASSET: Final = re.compile(r"[\w-][\w.-]{0,99}", re.ASCII)

UNBUILT: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>The console is not built · Gossamer</title></head>
<body>
<h1>The console is not built</h1>
<p>This Gossamer runs from a source tree in which the web console has not been built yet.
Everything else works. To build it, run this in the source tree, then load this page again:</p>
<pre>make console</pre>
<p>It needs packages from the npm registry; Node.js itself comes with <code>make setup</code>.
Wheels and container images of Gossamer have the console in them.</p>
<p>Meanwhile: <a href="/docs">the reference of the API</a>, and the commands of <code>gossamer</code>.</p>
</body>
</html>
"""


class _BrowserRoute(Route):
    """A route that only browsers see; for everybody else it is not there."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a page's request only."""
        is_page = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if not is_page or "text/html" not in Request(scope).headers.get("accept", ""):
            return Match.NONE, {}
        return super().matches(scope)


class Console:
    """The console in a folder, which may be built while we serve."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._folder = folder

    def routes(self) -> tuple[BaseRoute, ...]:
        """Every route of the console."""
        return (
            _BrowserRoute("/", _home),
            Route("/console", _home),
            Route("/console/assets/{name:path}", self._asset),
            Route("/console/{path:path}", self._page),
        )

    async def _page(self, request: Request) -> Response:
        page = self._folder / "index.html"
        if not page.is_file():
            return HTMLResponse(UNBUILT, HTTPStatus.SERVICE_UNAVAILABLE, dict(HEADERS))
        body = page.read_bytes()
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {**HEADERS, "cache-control": "no-cache", "etag": tag}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return HTMLResponse(body, headers=headers)

    async def _asset(self, request: Request) -> Response:
        name = request.path_params["name"]
        file = self._folder / "assets" / name
        kind = TYPES.get(file.suffix)
        if kind is None or not _ASSET.fullmatch(name) or not file.is_file():
            return Response("there is no such file\n", HTTPStatus.NOT_FOUND, media_type="text/plain")
        headers = {**HEADERS, **FOREVER, "vary": "accept-encoding"}
        squeezed = file.with_name(f"{name}.gz")
        if "gzip" in request.headers.get("accept-encoding", "") and squeezed.is_file():
            return Response(
                squeezed.read_bytes(), headers=headers | {"content-encoding": "gzip"}, media_type=kind
            )
        return Response(file.read_bytes(), headers=headers, media_type=kind)


async def _home(_: Request) -> Response:
    return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)
