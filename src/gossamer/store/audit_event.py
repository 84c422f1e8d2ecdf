"""What the audit log tells of one call, or of one stream, in the words of CloudTrail.

Source: AWS CloudTrail user guide, record contents; App Mesh user guide, logging with CloudTrail.
"""

import datetime
import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as quoted
from typing import Final

EVENT_VERSION: Final = "1.11"
APPMESH: Final = "appmesh.amazonaws.com"

#: The type of an ordinary call, and that of what happens by itself.
CALL: Final = "AwsApiCall"
SERVICE_EVENT: Final = "AwsServiceEvent"

_LONGEST_AGENT: Final = 1024

#: Of a time up to its seconds, without its zone, which is UTC.
_LENGTH_OF_TIME: Final = len("2026-11-26T04:42:42")


@dataclass(frozen=True, slots=True)
class Identity:
    """Whoever did it. One that did not prove who they are has no account, at most the key that they claim."""

    account: str | None = None
    principal: str | None = None
    key: str | None = None

    def document(self) -> dict[str, object]:
        """As `userIdentity`."""
        named = {"accessKeyId": self.key} if self.key is not None else {}
        if self.account is None or self.principal is None:
            return {"type": "Unknown", **named}
        kind, _, name = self.principal.rpartition(":")[2].partition("/")
        user = {"userName": name.rpartition("/")[2]} if kind == "user" else {}
        form = {"root": "Root", "assumed-role": "AssumedRole", "user": "IAMUser"}.get(kind, "AWSService")
        return {"type": form, "arn": self.principal, "accountId": self.account, **named, **user}

    def text(self) -> str:
        """The same as JSON."""
        return json.dumps(self.document()) if self.account is None else _proven(self)


@dataclass(frozen=True, slots=True)
class Error:
    """Why it was not done."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One entry. `parameters` and `response` are JSON already; `details` are those of a service event."""

    at: datetime.datetime
    name: str
    identity: Identity
    region: str
    source: str = ""
    user_agent: str = ""
    request_id: str = ""
    service: str = APPMESH
    is_read_only: bool = False
    error: Error | None = None
    resources: tuple[str, ...] = ()
    parameters: str = "null"
    response: str = "null"
    details: Mapping[str, str] | None = None

    def document(self, event_id: str) -> str:
        """The entry as one line of JSON, under an id of its own."""
        kind = CALL if self.details is None else SERVICE_EVENT
        told = "".join(self._told())
        # Put together as text, which takes a third of the time; a busy server writes thousands a second.
        return (
            f'{{"eventVersion": "{EVENT_VERSION}", "userIdentity": {self.identity.text()}, '
            f'"eventTime": "{self.at.isoformat(timespec="seconds")[:_LENGTH_OF_TIME]}Z", '
            f'"eventSource": {quoted(self.service)}, "eventName": {quoted(self.name)}, '
            f'"awsRegion": {quoted(self.region)}, "sourceIPAddress": {quoted(self.source)}, '
            f'"userAgent": {quoted(self.user_agent[:_LONGEST_AGENT])}, '
            f'"requestID": {quoted(self.request_id)}, "eventID": {quoted(event_id)}, '
            f'"readOnly": {"true" if self.is_read_only else "false"}, '
            f'"resources": [{", ".join(map(_resource, self.resources))}], "eventType": "{kind}", '
            f'"managementEvent": true, "recipientAccountId": {_text(self.identity.account)}, '
            f'"eventCategory": "Management"{told}, "requestParameters": {self.parameters}, '
            f'"responseElements": {self.response}}}'
        )

    def _told(self) -> Iterator[str]:
        """What only some entries tell."""
        if self.error is not None:
            code, message = quoted(self.error.code), quoted(self.error.message)
            yield f', "errorCode": {code}, "errorMessage": {message}'
        if self.details is not None:
            yield f', "serviceEventDetails": {json.dumps(dict(self.details))}'


def _text(text: str | None) -> str:
    return "null" if text is None else quoted(text)


def _resource(arn: str) -> str:
    """One of `resources`: `arn:aws:appmesh:region:account:mesh/m/virtualNode/n`."""
    head, _, path = arn.partition("mesh/")
    kind = f"mesh/{path}".split("/")[-2]
    return (
        f'{{"accountId": {quoted(head.split(":")[4])}, '
        f'"type": {quoted(f"AWS::AppMesh::{kind[0].upper()}{kind[1:]}")}, "ARN": {quoted(arn)}}}'
    )


@functools.lru_cache(maxsize=1024)
def _proven(identity: Identity) -> str:
    """As `userIdentity`, of somebody who calls again and again."""
    return json.dumps(identity.document())
