"""The API over one plain connection: calls as the oracle names them, answers as JSON."""

import contextlib
import http.client
import json
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from tests.support.oracle import PARENTS, Place

ROOT = "/v20190125/meshes"


class Refusal(Exception):
    """The server's error."""

    def __init__(self, status: int, error: str, message: str) -> None:
        self.status = status
        self.error = error
        super().__init__(f"{status} {error}: {message}")


class Wire:
    """One connection to a server."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self._connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)

    def call(self, method: str, path: str, body: object = None, **query: object) -> Any:
        """One call; raises what the server refuses it with."""
        target = path + (f"?{urlencode(query)}" if query else "")
        self._connection.request(method, target, None if body is None else json.dumps(body))
        answer = self._connection.getresponse()
        found = json.loads(answer.read())
        if answer.status != http.HTTPStatus.OK:
            raise Refusal(answer.status, answer.headers["x-amzn-errortype"], found["message"])
        return found

    def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(OSError):
            self._connection.close()


def collection(kind: str, mesh: str, parent: str) -> str:
    """The path of a collection."""
    if kind == "mesh":
        return ROOT
    inside = "" if PARENTS[kind] == "mesh" else f"/{PARENTS[kind]}/{quote(parent, safe='')}"
    return f"{ROOT}/{quote(mesh, safe='')}{inside}/{kind}s"


def item(place: Place) -> str:
    """The path of a resource."""
    return f"{collection(place.kind, place.mesh, place.parent)}/{quote(place.name, safe='')}"


def plural(kind: str) -> str:
    """What a list calls its members."""
    return "meshes" if kind == "mesh" else f"{kind}s"
