"""A browser, as far as the server sees one: calls with a cookie, and a stream of events that is read."""

import contextlib
import http.client
import json
import queue
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import botocore.auth
import botocore.awsrequest
import botocore.credentials

from tests.support.access_keys import REGION, Key

SESSION = "/gossamer/v1/session"


@dataclass
class Page:
    """A page of the console, or of another site if `origin` says so."""

    url: str
    cookie: str = ""
    origin: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"x-gossamer-console": "1"})

    def call(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], Any]:
        """What is answered: status, headers, and the body as JSON if there is one."""
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, body, self._headers(method) | (headers or {}))
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, dict(answer.headers.items()), json.loads(text) if text else None

    def sign_in(self, key: Key) -> str:
        """Prove a key and keep the cookie; returns the header that set it."""
        status, headers, _ = self.call("POST", SESSION, headers=signed(self.url, key, "POST", SESSION))
        assert status == 204, headers
        self.cookie = headers["set-cookie"].partition(";")[0]
        return headers["set-cookie"]

    @contextlib.contextmanager
    def listening(self, query: str = "", **headers: str) -> Iterator["Events"]:
        """The stream of events, until the block ends."""
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
        connection.request("GET", f"/gossamer/v1/events{query}", b"", self._headers("GET") | headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        events = Events(answer)
        reader = threading.Thread(target=events.read)
        reader.start()
        try:
            yield events
        finally:
            if connection.sock is not None:
                with contextlib.suppress(OSError):
                    connection.sock.shutdown(2)
            reader.join(20)
            connection.close()

    def _headers(self, method: str) -> dict[str, str]:
        cookie = {"cookie": self.cookie} if self.cookie else {}
        own = {} if method == "GET" else {"origin": self.origin or self.url, **self.headers}
        return cookie | own


@dataclass
class Events:
    """What a stream told."""

    answer: http.client.HTTPResponse
    told: queue.Queue[dict[str, Any] | None] = field(default_factory=queue.Queue)
    #: Set once the stream has begun, so that nothing that happens now is missed.
    is_open: threading.Event = field(default_factory=threading.Event)

    def read(self) -> None:
        """Read until the end."""
        block: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
            for raw in self.answer:
                name, _, value = raw.decode().rstrip("\n").partition(": ")
                if name == "retry":
                    self.is_open.set()
                elif name:
                    block[name] = json.loads(value) if name == "data" else value
                elif block:
                    self.told.put(block)
                    block = {}
        self.told.put(None)

    def next(self, name: str) -> dict[str, Any]:
        """The next event of a name."""
        while (found := self.told.get(timeout=30)) is not None:
            if found.get("event") == name:
                return found
        raise AssertionError(f"the stream ended before {name}")

    def ends(self) -> bool:
        """Whether the stream ends by itself."""
        while self.told.get(timeout=30) is not None:
            pass
        return True


def signed(url: str, key: Key, method: str, path: str, body: bytes = b"") -> dict[str, str]:
    """The headers that botocore's signer gives a request."""
    request = botocore.awsrequest.AWSRequest(method, url + path, {"Host": urlsplit(url).netloc}, body)
    credentials = botocore.credentials.Credentials(key.id, key.secret, key.token)
    botocore.auth.SigV4Auth(credentials, "appmesh", REGION).add_auth(request)
    # Two pages that sign in within one second are two, as two calls of an SDK are.
    return dict(request.headers.items()) | {"amz-sdk-invocation-id": str(uuid.uuid4())}
