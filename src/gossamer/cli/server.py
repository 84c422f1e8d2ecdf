"""The control plane as our commands call it, and how its refusals are told."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

import cyclopts

from gossamer.cli.control_plane import Ask, NotAnswered, answered, endpoint
from gossamer.cli.failure import telling
from gossamer.clock import SystemClock

#: A large change takes a while, and must not be thought lost.
PATIENCE_S: Final = 300

Answer = dict[str, Any]


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """Which control plane."""

    endpoint_url: str | None = None
    """Where the control plane's API answers: by default where AWS_ENDPOINT_URL_APP_MESH, AWS_ENDPOINT_URL or
    the profile say, as for the AWS CLI, or http://127.0.0.1:8080."""

    def get(self, *path: str, **query: str | None) -> Answer:
        """What a path answers, each segment of which is a name.

        Raises: NotAnswered.
        """
        given = {name: value for name, value in query.items() if value is not None}
        asked = f"?{urlencode(given, quote_via=quote)}" if given else ""
        return self._answer(Ask(f"{self._url(path)}{asked}", patience_s=PATIENCE_S))

    def glance(self, *path: str) -> Answer:
        """What a path answers now: who watches would rather hear soon that nobody answers.

        Raises: NotAnswered.
        """
        return self._answer(Ask(self._url(path)))

    def post(self, *path: str, body: Mapping[str, object]) -> Answer:
        """What a path answers to a document.

        Raises: NotAnswered.
        """
        return self._answer(Ask(self._url(path), "POST", json.dumps(body).encode(), PATIENCE_S))

    def pages(self, *path: str, of: str, **query: str | None) -> Iterator[Any]:
        """All of a list that comes in pages.

        Raises: NotAnswered.
        """
        token: str | None = None
        while True:
            page = self.get(*path, **query, nextToken=token)
            yield from page[of]
            token = page.get("nextToken")
            if token is None:
                return

    def _url(self, path: tuple[str, ...]) -> str:
        base = self.endpoint_url or endpoint(os.environ)
        return "/".join((base.rstrip("/"), *(quote(part, safe="") for part in path)))

    def _answer(self, ask: Ask) -> Answer:
        found = answered(ask, os.environ, SystemClock().now())
        if not isinstance(found, dict):
            raise NotAnswered(f"nothing useful at {ask.url}")
        return found


HERE: Final = Server()

#: The first segments of our own routes, and of App Mesh's operations.
OWN: Final = ("gossamer", "v1")
APPMESH: Final = ("v20190125", "meshes")


def _sentence(error: Exception) -> str:
    """What the control plane says itself, if it answered."""
    return str(error.document.get("message", error) if isinstance(error, NotAnswered) else error)


#: A command whose failures are one sentence: 1 for what is refused, or if nobody answers.
told = telling(NotAnswered, sentence=_sentence)
