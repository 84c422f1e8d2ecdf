"""One call: what arrived, and what was understood of it, filled in along the request path.

Source: ASGI specification, the HTTP connection scope.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.types import Scope

from gossamer.api.operations import Operation
from gossamer.api.request import Caller, Request


@dataclass(slots=True)
class Call:
    """One HTTP request on its way through.

    `id` stands in the answer, in the log and in the audit log. Names of `headers` are in lower case. `source`
    is the address of whoever is connected. `claimed_key` is the access key that they say they have, and
    `signature` what must not be used again. What is None was not reached.
    """

    id: str
    method: str
    raw_path: bytes
    query_string: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    source: str
    is_secure: bool
    body: bytes = b""
    claimed_key: str | None = None
    signature: str = ""
    operation: Operation | None = None
    caller: Caller | None = None
    request: Request | None = None

    @classmethod
    def arrived(cls, scope: Scope, call_id: str) -> "Call":
        """A call of which nothing but its head has been read."""
        client = scope.get("client")
        return cls(
            id=call_id,
            method=scope["method"],
            raw_path=scope["raw_path"],
            query_string=scope["query_string"],
            headers=tuple(scope["headers"]),
            source=client[0] if client else "",
            is_secure=scope.get("scheme") == "https",
        )

    @property
    def path(self) -> str:
        """The path as it was sent, for people to read."""
        return self.raw_path.decode("ascii", "replace")

    def header(self, name: bytes) -> str:
        """The first header of a name, empty if there is none."""
        for found, value in self.headers:
            if found == name:
                return value.decode("latin-1")
        return ""

    def values(self, name: bytes) -> Iterator[str]:
        """Every header of a name."""
        return (value.decode("latin-1") for found, value in self.headers if found == name)
