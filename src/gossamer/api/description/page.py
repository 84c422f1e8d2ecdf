"""The description over HTTP: /openapi.json for programs, and at /docs a page for people, offline too.

The preview's is at /openapi-2018-10-01.json.

The page is Swagger UI from a package beside us. It may load and call nothing but this server.
Source: Swagger UI, its configuration; Content Security Policy Level 3.
"""

import importlib.util
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from gossamer.api.description.openapi import openapi
from gossamer.api.description.service import current
from gossamer.api.preview.service import preview

PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>App Mesh API · Gossamer</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/reference.js"></script>
</body>
</html>
"""

#: Starts the page, and signs what is tried out on it.
START: Final = Path(__file__).with_name("reference.js")

HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}

#: Each file of the page: where the package has it, and what it is.
FILES: Final[Mapping[str, tuple[str, str]]] = {
    "swagger-ui.css": ("swagger_style.css", "text/css"),
    "swagger-ui-bundle.js": ("swagger_bundle.js", "text/javascript"),
}


def routes() -> tuple[BaseRoute, ...]:
    """Every route of this module."""
    return (
        Route("/openapi.json", _openapi),
        Route("/openapi-2018-10-01.json", _preview),
        Route("/docs", _page),
        Route("/docs/reference.js", _start),
        Route("/docs/{file}", _file),
    )


async def _openapi(_: Request) -> Response:
    return Response(_document(), media_type="application/json", headers=dict(HEADERS))


async def _preview(_: Request) -> Response:
    return Response(_preview_document(), media_type="application/json", headers=dict(HEADERS))


@cache
def _document() -> bytes:
    return json.dumps(openapi(current())).encode()


@cache
def _preview_document() -> bytes:
    return json.dumps(openapi(preview())).encode()


async def _page(_: Request) -> Response:
    return HTMLResponse(PAGE, headers=dict(HEADERS))


async def _start(_: Request) -> Response:
    return Response(START.read_bytes(), media_type="text/javascript", headers=dict(HEADERS))


async def _file(request: Request) -> Response:
    found = FILES.get(request.path_params["file"])
    if found is None:
        return Response("there is no such file\n", status_code=404, media_type="text/plain")
    name, kind = found
    return Response((_folder() / name).read_bytes(), media_type=kind, headers=dict(HEADERS))


def _folder() -> Path:
    """Where the package's files are; importing it would read all of them into memory."""
    spec = importlib.util.find_spec("offapi")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package offapi, which holds the files of this page, is not installed")
    return Path(spec.origin).parent
