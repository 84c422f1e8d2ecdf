"""The API in the test's own process: requests message by message, or by operation as an SDK spells it."""

import json
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import botocore.loaders
from botocore.model import ServiceModel
from botocore.serialize import create_serializer
from starlette.types import ASGIApp, Message

SERVICE: Final = ServiceModel(
    botocore.loaders.Loader().load_service_model("appmesh", "service-2", "2019-01-25"), "appmesh"
)
SERIALIZER: Final = create_serializer("rest-json", include_validation=False)


def part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


@dataclass
class Caller:
    """Sends requests to an application, a message at a time."""

    app: ASGIApp
    answers: list[Message] = field(default_factory=list)

    async def send(self, method: str, path: str, *messages: Message) -> int:
        """The status that it answers; 0 if it does not."""
        self.answers.clear()
        raw_path, _, query = path.partition("?")
        waiting = iter(messages or ({"type": "http.request"},))

        async def receive() -> Message:
            return next(waiting)

        async def answer(message: Message) -> None:
            self.answers.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": raw_path,
            "raw_path": raw_path.encode(),
            "query_string": query.encode(),
            "headers": [],
        }
        await self.app(scope, receive, answer)
        return int(self.answers[0]["status"]) if self.answers else 0

    @property
    def body(self) -> Any:
        """What it answered."""
        return json.loads(self.answers[1]["body"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        """The headers that it answered with."""
        return dict(self.answers[0]["headers"])

    async def call(self, operation: str, **request: Any) -> Any:
        """Send what a client that checks nothing would send for an operation; returns what it answered."""
        model = SERVICE.operation_model(operation)
        placed = {
            one for one, shape in model.input_shape.members.items() if "location" in shape.serialization
        }
        around = {one: value for one, value in request.items() if one in placed}
        wire = SERIALIZER.serialize_to_request(around, model)
        body = {one: value for one, value in request.items() if one not in placed}
        path = f"{wire['url_path']}?{urlencode(wire['query_string'])}"
        await self.send(wire["method"], path, part(json.dumps(body).encode() if body else b""))
        return self.body

    @property
    def status(self) -> int:
        """The status of the last answer."""
        return int(self.answers[0]["status"])

    @property
    def error(self) -> str:
        """The name of the error that was answered last; empty if none was."""
        return self.headers.get(b"x-amzn-errortype", b"").decode()
