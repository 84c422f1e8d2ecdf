"""What the audit log tells of one call, or of one stream, in the words of CloudTrail.

Source: AWS CloudTrail user guide, record contents; App Mesh user guide, logging with CloudTrail.
"""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

EVENT_VERSION: Final = "1.11"
APPMESH: Final = "appmesh.amazonaws.com"

#: The type of an ordinary call, and that of what happens by itself.
CALL: Final = "AwsApiCall"
SERVICE_EVENT: Final = "AwsServiceEvent"

_LONGEST_AGENT: Final = 1024


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
        around: dict[str, object] = {
            "eventVersion": EVENT_VERSION,
            "userIdentity": self.identity.document(),
            "eventTime": self.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": self.service,
            "eventName": self.name,
            "awsRegion": self.region,
            "sourceIPAddress": self.source,
            "userAgent": self.user_agent[:_LONGEST_AGENT],
            "requestID": self.request_id,
            "eventID": event_id,
            "readOnly": self.is_read_only,
            "resources": [_resource(arn) for arn in self.resources],
            "eventType": kind,
            "managementEvent": True,
            "recipientAccountId": self.identity.account,
            "eventCategory": "Management",
        }
        if self.error is not None:
            around |= {"errorCode": self.error.code, "errorMessage": self.error.message}
        if self.details is not None:
            around["serviceEventDetails"] = dict(self.details)
        # These two may be large, and are JSON already: they go in as they are.
        return (
            f'{json.dumps(around)[:-1]}, "requestParameters": {self.parameters},'
            f' "responseElements": {self.response}}}'
        )


def _resource(arn: str) -> dict[str, object]:
    """One of `resources`: `arn:aws:appmesh:region:account:mesh/m/virtualNode/n`."""
    head, _, path = arn.partition("mesh/")
    parts = f"mesh/{path}".split("/")
    kind = parts[-2]
    account = head.split(":")[4]
    return {"accountId": account, "type": f"AWS::AppMesh::{kind[0].upper()}{kind[1:]}", "ARN": arn}
