"""The versions of the API: what of the request path differs between them.

Source: App Mesh API 2019-01-25 and 2018-10-01.
"""

from dataclasses import dataclass
from typing import Protocol

from gossamer.api import operations
from gossamer.api.handlers import Handlers
from gossamer.api.operations import Operation
from gossamer.api.preview import operations as preview_operations
from gossamer.api.preview.handlers import PreviewHandlers
from gossamer.api.request import Request, read


class Version(Protocol):
    """One version of the API."""

    def matched(self, method: str, raw_path: bytes) -> tuple[Operation, tuple[str, ...]]:
        """The operation of a request, and the names in its path, decoded.

        Raises: UnknownOperation, InvalidSpec.
        """
        ...

    def understood(self, request: Request, body: bytes) -> Request:
        """The request with its body read.

        Raises: InvalidSpec.
        """
        ...

    async def implied(self, request: Request) -> tuple[Request, ...]:
        """What else a call does, as requests that its caller must be allowed too."""
        ...

    async def answer(self, request: Request) -> bytes:
        """Carry out a call; returns the body of the answer.

        Raises: MeshError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Today:
    """2019-01-25."""

    handlers: Handlers

    def matched(self, method: str, raw_path: bytes) -> tuple[Operation, tuple[str, ...]]:
        """The operation of a request, and the names in its path."""
        return operations.matched(method, raw_path)

    def understood(self, request: Request, body: bytes) -> Request:
        """The request with its body read."""
        operation = request.operation
        return Request(operation, request.names, request.query, read(operation, body), request.caller)

    async def implied(self, _: Request) -> tuple[Request, ...]:
        """A call does what it says."""
        return ()

    async def answer(self, request: Request) -> bytes:
        """Carry out a call."""
        return await self.handlers.answer(request)


@dataclass(frozen=True, slots=True)
class Preview(PreviewHandlers):
    """2018-10-01."""

    def matched(self, method: str, raw_path: bytes) -> tuple[Operation, tuple[str, ...]]:
        """The operation of a request, and the names in its path."""
        return preview_operations.matched(method, raw_path)


def version_of(raw_path: bytes, handlers: Handlers) -> Version:
    """The version that a path belongs to."""
    is_preview = raw_path.split(b"/")[1:2] == [preview_operations.ROOT.encode()]
    return Preview(handlers) if is_preview else Today(handlers)
