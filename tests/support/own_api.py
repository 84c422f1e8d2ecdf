"""Our own routes in the test's process, on a database of its own, with the meshes followed as they change."""

import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import URL

from gossamer.api.app import ApiSettings, create_app
from gossamer.api.audit import Auditor
from gossamer.api.call import Call
from gossamer.api.gate import Gate, OpenGate
from gossamer.api.request import Caller as Who
from gossamer.api.request import Request
from gossamer.clock import SystemClock
from gossamer.insight.feed import Feed
from gossamer.insight.ledger import Ledger
from gossamer.insight.routes import insight_routes
from gossamer.insight.sources import Sources
from gossamer.model.kind import MeshKey
from gossamer.model.policy import Policy, policy_from_json
from gossamer.runtime.flows import Flows
from gossamer.runtime.follow import Follower
from gossamer.runtime.reconcile import Prospects, Reconciler
from gossamer.store.audit_event import AuditEvent
from gossamer.store.sql import SqlStore
from gossamer.store.store import Rules
from gossamer.xds.hub import Hub
from tests.support.in_process import Caller, part

ACCOUNT = "123456789012"
REGION = "us-west-2"


@dataclass
class ChangingGate:
    """Whoever a test says they are; a test may change its mind."""

    who: Who

    def authenticate(self, _: Call) -> Who:
        return self.who

    def glance(self, _: Call) -> None:
        """Nobody is refused before they have said what they want."""

    async def authorize(self, _: Request) -> None:
        """They may do everything by the App Mesh API; our own routes ask by themselves."""

    def answered(self, call: Call, status: int) -> None:
        """Nothing is remembered."""


@dataclass
class OwnApi:
    """Our own routes, and the operations beside them."""

    store: SqlStore
    reconciler: Reconciler
    hub: Hub
    gate: ChangingGate
    caller: Caller
    follower: Follower
    audited: list[AuditEvent] = field(default_factory=list)

    async def call(self, method: str, path: str, body: object = None) -> Any:
        """What a route answers; `status` is in `caller`."""
        sent = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        await self.caller.send(method, f"/gossamer/v1/{path}", part(sent))
        await self.follower.catch_up()
        return None if method == "HEAD" else self.caller.body

    async def get(self, path: str) -> Any:
        """What reading answers, which must be fine."""
        found = await self.call("GET", path)
        assert self.caller.status == 200, found
        return found

    async def apply(self, *documents: object, delete: Sequence[str] = (), **more: object) -> Any:
        """What an apply answers, which must be fine."""
        found = await self.attempt(*documents, delete=delete, **more)
        assert self.caller.status == 200, found
        return found

    async def attempt(self, *documents: object, delete: Sequence[str] = (), **more: object) -> Any:
        """What an apply answers."""
        return await self.call("POST", "apply", {"documents": documents, "delete": list(delete), **more})

    async def specs(self, mesh: str = "shop") -> dict[str, Any]:
        """Every spec of a mesh, by resource."""
        _, found = await self.store.all()
        return {str(one.ref): json.loads(one.spec.to_json()) for one in found if one.ref.mesh == mesh}

    def may(
        self, *statements: dict[str, Any], account: str = ACCOUNT, shared: Sequence[MeshKey] = ()
    ) -> None:
        """From now on calls come with a key that has one policy."""
        policy: Policy = policy_from_json(
            json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        )
        principal = f"arn:aws:iam::{account}:user/somebody"
        self.gate.who = Who(account, principal, "AKIAKEY", (policy,), frozenset(shared))


@contextlib.asynccontextmanager
async def own_api(url: URL, rules: Rules | None = None) -> AsyncIterator[OwnApi]:
    """Everything on a database that is there."""
    store = await SqlStore.open(url, rules=rules or Rules(), clock=SystemClock())
    reconciler = Reconciler(ACCOUNT)
    follower = Follower(store, reconciler.apply, is_shared=True)
    await follower.load()
    hub = Hub(reconciler, proxies_per_endpoint=100)
    audited: list[AuditEvent] = []
    auditor = Auditor(audited.append, REGION, SystemClock())
    gate = ChangingGate(OpenGate(ACCOUNT, REGION).authenticate(None))  # type: ignore[arg-type]  # it looks at no call
    ledger = Ledger(
        Flows(reconciler.views, ACCOUNT), SystemClock(), account=ACCOUNT, proxies_per_endpoint=100
    )
    sources = Sources(
        meshes=reconciler,
        prospects=Prospects(reconciler),
        hub=hub,
        store=store,
        history=store.history,
        batches=store.batches,
        auditor=auditor,
        account=ACCOUNT,
        region=REGION,
        feed=Feed(store, hub, reconciler, ledger, SystemClock()),
        is_still=lambda _: True,
        clock=SystemClock(),
    )
    found: Gate = gate
    app = create_app(
        store,
        settings=ApiSettings(ACCOUNT, REGION),
        gate=found,
        auditor=auditor,
        extra_routes=insight_routes(sources),
    )
    try:
        yield OwnApi(store, reconciler, hub, gate, Caller(app), follower, audited)
    finally:
        await store.close()


def allowing(*actions: str, resource: str | Sequence[str] = "*") -> dict[str, Any]:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}
