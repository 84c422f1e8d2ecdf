"""Metrics of what seldom happens; what happens all the time is shown by a control plane that serves."""

import asyncio
import datetime
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Connection

from gossamer.api.call import Call
from gossamer.api.measure import measured
from gossamer.clock import SystemClock
from gossamer.compile.resources import ResourceType
from gossamer.errors import Unavailable
from gossamer.mesh.surroundings import CloudMapService
from gossamer.model.kind import Kind, Ref
from gossamer.runtime import reconcile
from gossamer.runtime.follow import Follower
from gossamer.runtime.health import Phase
from gossamer.runtime.lookout import Lookout, Sources
from gossamer.runtime.observe import Observer, state_of
from gossamer.runtime.reconcile import Reconciler
from gossamer.store import sqlite
from gossamer.store.audit import AuditLog
from gossamer.store.audit_event import AuditEvent, Identity
from gossamer.store.engine import sqlite_url
from gossamer.store.group import carry_out
from gossamer.telemetry import metrics
from gossamer.telemetry.metrics import table
from gossamer.xds.hub import Connection as ProxyConnection
from gossamer.xds.node_id import NodeId
from gossamer.xds.outbox import Outbox
from gossamer.xds.status import ProxyStatus
from gossamer.xds.turnstile import Turnstile
from tests.support.meshes import revision

#: What the tests of this file move.
MOVED_ALONE = {
    *("API_UNDER_WAY", "STORE_QUEUE", "STORE_FAILURES", "FOLLOW_LAG", "COMPILE_FAILURES"),
    *("STREAMS_WAITING", "SEND_QUEUE", "SEND_QUEUE_BYTES", "SEND_QUEUE_LONGEST"),
    *("AUDIT_QUEUE", "AUDIT_LOST", "DISCOVERY_POLLS", "DISCOVERY_FAILURES", "DRAINING", "PUBLISH_DUE"),
}


def value(name: str, *labels: str) -> float:
    """What a metric says now."""
    metric = cast(Any, table()[name])
    return float((metric.labels(*labels) if labels else metric)._value.get())


def a_call() -> Call:
    scope = {"method": "GET", "raw_path": b"/", "query_string": b"", "headers": []}
    return Call.arrived(scope, "id")


def test_a_call_is_under_way_until_it_is_answered() -> None:
    with measured(a_call()):
        assert value("API_UNDER_WAY") == 1
    assert value("API_UNDER_WAY") == 0


def test_a_call_that_its_caller_gave_up_is_not_counted() -> None:
    before = value("API_REQUESTS", "none", "0")
    with measured(a_call()):
        pass
    assert value("API_REQUESTS", "none", "0") == before


def test_a_transaction_that_fails_is_counted(tmp_path: Path) -> None:
    before = value("STORE_FAILURES", "write")
    database = sqlite.database(sqlite_url(tmp_path / "nowhere" / "x.db"), 1)
    (outcome,) = carry_out(database, [lambda _: None])
    assert isinstance(outcome, Unavailable)
    assert value("STORE_FAILURES", "write") == before + 1


class Away:
    """A store whose log cannot be read."""

    async def wait(self, _: int) -> None:
        """There is something."""

    async def changes(self, _: int) -> tuple[object, ...]:
        raise Unavailable("it is away")


async def test_a_log_that_cannot_be_read_is_counted() -> None:
    before = value("STORE_FAILURES", "follow")
    follower = Follower(cast(Any, Away()), lambda *_: None, is_shared=False)
    following = asyncio.ensure_future(follower.follow())
    while value("STORE_FAILURES", "follow") == before:
        await asyncio.sleep(0)
    following.cancel()


def test_an_endpoint_that_does_not_compile_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    reconciler = Reconciler("123456789012")

    def changed(port: int) -> tuple[Ref, Any]:
        ref = Ref("123456789012", "m", Kind.VIRTUAL_NODE, "n")
        listeners = [{"portMapping": {"port": port, "protocol": "http"}}]
        spec = {"listeners": listeners, "serviceDiscovery": {"dns": {"hostname": "n"}}}
        return ref, revision(ref, Kind.VIRTUAL_NODE, spec)

    mesh = Ref("123456789012", "m", Kind.MESH, "m")
    reconciler.apply([(mesh, revision(mesh, Kind.MESH, {})), changed(8080)])
    channel = reconciler.channel(NodeId("m", "virtualNode", "n"))
    channel.connections.add(ProxyConnection(channel, a_status(), lambda: None))
    before = value("COMPILE_FAILURES")

    def broken(_: object) -> Any:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(reconcile, "resources", broken)
    reconciler.apply([changed(8081)])
    assert value("COMPILE_FAILURES") == before + 1


async def test_streams_that_wait_for_their_turn_are_told() -> None:
    turnstile = Turnstile()

    async def come() -> None:
        async with turnstile.passed():
            pass

    async with turnstile.passed():
        coming = asyncio.ensure_future(come())
        await asyncio.sleep(0)
        assert value("STREAMS_WAITING") == 1
    await coming
    assert value("STREAMS_WAITING") == 0


async def test_an_audit_entry_that_no_database_takes_is_counted_as_lost() -> None:
    async def write(_: object) -> None:
        raise ValueError("never")

    async def read(work: Any) -> Any:
        return work(cast(Connection, None))

    audit = AuditLog(read, write, SystemClock())
    before = value("AUDIT_LOST")
    identity = Identity("123456789012", "arn:aws:iam::123456789012:root", None)
    audit.note(AuditEvent(at=SystemClock().now(), name="CreateMesh", identity=identity, region="us-west-2"))
    assert audit.waiting == 1
    await audit.flush()
    assert value("AUDIT_LOST") == before + 1


@dataclass
class CloudMap:
    """One that answers once."""

    asked: int = 0

    async def instances(self, _: CloudMapService) -> tuple[()]:
        self.asked += 1
        if self.asked > 1:
            raise Unavailable("it does not answer")
        return ()


async def test_each_question_to_the_outside_is_counted_and_what_was_not_answered() -> None:
    polls, failures = value("DISCOVERY_POLLS", "cloud_map"), value("DISCOVERY_FAILURES", "cloud_map")
    sources = Sources(cast(Any, CloudMap()))
    lookout = Lookout(Reconciler("123456789012"), sources, SystemClock(), cast(Any, None))
    service = CloudMapService("space", "service", ())
    assert await lookout._listed(service) == ()
    with pytest.raises(Unavailable):
        await lookout._listed(service)
    assert value("DISCOVERY_POLLS", "cloud_map") == polls + 2
    assert value("DISCOVERY_FAILURES", "cloud_map") == failures + 1


@dataclass
class Seen:
    """What an observer is given, in the members that it looks at."""

    writes_waiting: int = 3
    sequence: int = 9
    waiting: int = 4
    phase: Phase = Phase.DRAINING
    api_tls: None = None
    xds_tls: None = None
    ends: dict[str, datetime.datetime] = field(default_factory=dict)

    @property
    def store(self) -> "Seen":
        return self

    vitals = audit = reconciler = store

    @property
    def due(self) -> list[str]:
        return ["one", "other"]

    def counts(self) -> dict[Kind, int]:
        return dict.fromkeys(Kind, 0)

    def is_ready(self) -> bool:
        return False

    def statuses(self) -> list[ProxyStatus]:
        return [a_status()]

    def queues(self) -> list[Outbox]:
        one, other = Outbox(), Outbox()
        one.put([b"123", b"45"])
        other.put([b"6"])
        return [one, other]


async def test_queues_and_lag_are_told_as_they_are() -> None:
    seen = cast(Any, Seen())
    Observer(seen, seen, cast(Any, Seen(sequence=7)), seen, seen, seen, SystemClock()).look()
    told = {
        name: value(name)
        for name in (
            *("STORE_QUEUE", "FOLLOW_LAG", "AUDIT_QUEUE", "DRAINING", "READY", "PUBLISH_DUE"),
            *("SEND_QUEUE", "SEND_QUEUE_BYTES", "SEND_QUEUE_LONGEST", "TASKS", "PROXY_ENDPOINTS"),
        )
    }
    assert told == {
        "STORE_QUEUE": 3,
        "FOLLOW_LAG": 2,
        "AUDIT_QUEUE": 4,
        "DRAINING": 1,
        "READY": 0,
        "PUBLISH_DUE": 2,
        "SEND_QUEUE": 3,
        "SEND_QUEUE_BYTES": 6,
        "SEND_QUEUE_LONGEST": 2,
        "TASKS": 1,
        "PROXY_ENDPOINTS": 1,
    }


def a_status() -> ProxyStatus:
    return ProxyStatus(1, "mesh/m/virtualNode/n", "m/virtualNode/n", "1.40", "delta", SystemClock().now())


def test_a_proxy_is_in_the_worst_state_that_is_true() -> None:
    now, status = SystemClock().now(), a_status()
    assert state_of(status, now) == "updating"
    status.of(ResourceType.ROUTE).sent_at = now - datetime.timedelta(seconds=11)
    assert state_of(status, now) == "stale"
    status.in_sync = True
    assert state_of(status, now) == "in_sync"
    status.of(ResourceType.ROUTE).refusal = "no"
    assert state_of(status, now) == "refused"


def test_every_name_is_ours_and_tells_its_unit() -> None:
    described = [told for one in metrics.table().values() for told in one.describe()]
    assert all(told.name.startswith("gossamer_") for told in described)
    assert all(told.documentation.endswith(".") for told in described)
    times = [told.name for told in described if told.type == "histogram" and "size" not in told.name]
    assert all(name.endswith("_seconds") for name in times)
