"""A stream's life as entries of the audit log.

Source: App Mesh user guide, logging with CloudTrail: `StreamAggregatedResources`, an AwsServiceEvent.
"""

import datetime
from typing import Final
from urllib.parse import unquote

from gossamer.store.audit_event import AuditEvent, Error, Identity
from gossamer.xds.admission import StreamEvent

NAME: Final = "StreamAggregatedResources"


def stream_entry(event: StreamEvent, region: str, at: datetime.datetime) -> AuditEvent:
    """One entry."""
    visitor = event.visitor
    details = {"connectionId": str(event.stream), "nodeArn": event.node, "eventStatus": event.status}
    return AuditEvent(
        at=at,
        name=NAME,
        identity=Identity(visitor.account, visitor.principal or None, visitor.key),
        region=region,
        source=_address(event.peer),
        request_id=str(event.stream),
        is_read_only=True,
        error=Error(event.code, event.why) if event.code else None,
        details=details | ({"failureReason": event.why} if event.why else {}),
    )


def _address(peer: str) -> str:
    """`ipv4:192.0.2.1:4711`, `ipv6:%5B::1%5D:4711` or `unix:` as an address."""
    kind, _, rest = unquote(peer).partition(":")
    return kind if kind == "unix" else rest.rpartition(":")[0].strip("[]")
