"""What is derived step by step is what would be derived from nothing."""

import random
from collections.abc import Callable

import pytest

from gossamer.clock import SystemClock
from gossamer.mesh.surroundings import CloudMapService, Instance, Surroundings
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.revision import Revision
from gossamer.runtime.due import Due
from gossamer.runtime.reconcile import Reconciler
from gossamer.xds.hub import Connection
from gossamer.xds.node_id import NodeId, UnknownNode
from gossamer.xds.status import ProxyStatus
from tests.support.meshes import revision
from tests.support.plane import ACCOUNT

KEY = MeshKey(ACCOUNT, "m")
NODES = ("n0", "n1", "n2", "n3")
ROUTERS = ("r0", "r1", "r2")
SERVICES = ("s0", "s1", "s2")
ENDPOINTS = (*(("virtualNode", name) for name in NODES), ("virtualGateway", "g"))
POLICY = {"tls": {"validation": {"trust": {"file": {"certificateChain": "/ca.pem"}}}}}


def change(kind: Kind, name: str, spec: object, parent: str | None = None) -> tuple[Ref, Revision | None]:
    """A resource as it now is; no spec takes it away."""
    ref = Ref(ACCOUNT, "m", kind, name, parent)
    return ref, None if spec is None else revision(ref, kind, spec)


def any_change(dice: random.Random) -> tuple[Ref, Revision | None]:
    """Something an operator might write, or take away."""
    kind, names, parent, written = dice.choice(KINDS)
    parent_name = dice.choice(parent) if parent else None
    is_gone = kind is not Kind.MESH and dice.random() < 0.15
    return change(kind, dice.choice(names), None if is_gone else written(dice), parent_name)


def any_mesh(dice: random.Random) -> object:
    return {"egressFilter": {"type": dice.choice(("ALLOW_ALL", "DROP_ALL"))}}


def any_router(dice: random.Random) -> object:
    return {"listeners": [{"portMapping": {"port": dice.choice((80, 81)), "protocol": "http"}}]}


def any_gateway_route(dice: random.Random) -> object:
    target = {"virtualService": {"virtualServiceName": dice.choice(SERVICES)}}
    return {"httpRoute": {"match": {"prefix": "/"}, "action": {"target": target}}}


def any_node(dice: random.Random) -> object:
    called = dice.sample(SERVICES, dice.randrange(4))
    backends: list[dict[str, object]] = [
        {"virtualServiceName": one, **({"clientPolicy": POLICY} if dice.random() < 0.3 else {})}
        for one in called
    ]
    discovery = dice.choice(
        (
            {"dns": {"hostname": f"h{dice.randrange(3)}.local"}},
            {"awsCloudMap": {"namespaceName": "space", "serviceName": f"c{dice.randrange(2)}"}},
        )
    )
    port = dice.choice((8080, 8081))
    return {
        "backends": [{"virtualService": one} for one in backends],
        "listeners": [{"portMapping": {"port": port, "protocol": "http"}}],
        "serviceDiscovery": discovery,
    }


def any_route(dice: random.Random) -> object:
    targets = [{"virtualNode": dice.choice(NODES), "weight": dice.randrange(101)} for _ in range(2)]
    return {"httpRoute": {"match": {"prefix": "/"}, "action": {"weightedTargets": targets}}}


def any_service(dice: random.Random) -> object:
    node = {"virtualNode": {"virtualNodeName": dice.choice(NODES)}}
    router = {"virtualRouter": {"virtualRouterName": dice.choice(ROUTERS)}}
    return {"provider": dice.choice((node, router, router))}


#: Each kind with its names, its parents' names, and what is written; those that matter most more than once.
KINDS = (
    (Kind.MESH, ("m",), (), any_mesh),
    *((Kind.VIRTUAL_NODE, NODES, (), any_node),) * 2,
    (Kind.VIRTUAL_ROUTER, ROUTERS, (), any_router),
    *((Kind.ROUTE, ("a", "b"), ROUTERS, any_route),) * 2,
    (Kind.VIRTUAL_SERVICE, SERVICES, (), any_service),
    (Kind.VIRTUAL_GATEWAY, ("g",), (), any_router),
    (Kind.GATEWAY_ROUTE, ("a", "b"), ("g",), any_gateway_route),
)


def any_surroundings(dice: random.Random) -> Surroundings:
    listed = (Instance(f"10.0.0.{number}") for number in range(dice.randrange(3)))
    return Surroundings({CloudMapService("space", "c0"): tuple(listed)})


def published(reconciler: Reconciler, kind: str, name: str) -> dict[str, str] | None:
    """The version of everything that an endpoint's proxies are to run, by type and name."""
    try:
        channel = reconciler.channel(NodeId(KEY.mesh, kind, name))
    except UnknownNode:
        return None
    if not channel.connections:
        status = ProxyStatus(1, name, name, "", "delta", SystemClock().now())
        channel.connections.add(Connection(channel, status, lambda: None))
    assert channel.published is not None
    return {
        f"{type_.name} {one.name}": one.version
        for type_, found in channel.published.resources.items()
        for one in found.values()
    }


class Turns:
    """An event loop that goes round when a test says so."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def soon(self, one: Callable[[], None]) -> None:
        self.waiting.append(one)

    def go_round(self) -> None:
        waiting, self.waiting = self.waiting, []
        for one in waiting:
            one()


def in_slices(dice: random.Random) -> tuple[Reconciler, Turns]:
    """A reconciler that publishes no more than one endpoint at a time."""
    reconciler, turns = Reconciler(ACCOUNT), Turns()
    reconciler.due = Due(reconciler._publish_due, slice_s=0 if dice.random() < 0.5 else 1)
    reconciler.due.later = turns.soon
    return reconciler, turns


@pytest.mark.parametrize("seed", range(10))
def test_what_is_published_in_slices_is_the_same_in_the_end(seed: int) -> None:
    dice = random.Random(seed)
    reconciler, turns = in_slices(dice)
    revisions: dict[Ref, Revision] = {}
    for _ in range(40):
        ref, now = any_change(dice)
        if now is None:
            revisions.pop(ref, None)
        else:
            revisions[ref] = now
        reconciler.apply([(ref, now)])
        if dice.random() < 0.4:
            turns.go_round()
        if dice.random() < 0.4:
            # Whoever comes now gets what is there by now, whatever is still due.
            kind, name = dice.choice(ENDPOINTS)
            fresh = Reconciler(ACCOUNT)
            fresh.apply(list(revisions.items()))
            reconciler.sweep()
            reconciler.sweep()
            assert published(reconciler, kind, name) == published(fresh, kind, name)
    while len(reconciler.due):
        turns.go_round()
    reconciler.sweep()
    reconciler.sweep()
    fresh = Reconciler(ACCOUNT)
    fresh.apply(list(revisions.items()))
    for kind, name in ENDPOINTS:
        assert published(reconciler, kind, name) == published(fresh, kind, name)


def test_a_change_that_touches_many_lets_others_have_their_turns() -> None:
    done, turns = list[object](), Turns()
    due: Due[int] = Due(lambda key, _: done.append(key), slice_s=0)
    due.later = turns.soon
    due.add(range(3), None)
    assert done == [0]
    due.add([1, 9], None)  # What is due already is published once.
    due.now(2)
    assert done == [0, 2]
    while len(due):
        turns.go_round()
    assert done == [0, 2, 1, 9]
    assert turns.waiting == []


@pytest.mark.parametrize("seed", range(20))
def test_what_changes_brought_is_what_the_mesh_gives_from_nothing(seed: int) -> None:
    dice = random.Random(seed)
    grown = Reconciler(ACCOUNT)
    revisions: dict[Ref, Revision] = {}
    surroundings = Surroundings()
    for _ in range(60):
        if dice.random() < 0.1:
            surroundings = any_surroundings(dice)
            grown.surround(surroundings)
        ref, now = any_change(dice)
        if now is None:
            revisions.pop(ref, None)
        else:
            revisions[ref] = now
        grown.apply([(ref, now)])
        # After a while nothing is left of what was before.
        grown.sweep()
        grown.sweep()
        fresh = Reconciler(ACCOUNT)
        fresh.surround(surroundings)
        fresh.apply(list(revisions.items()))
        for kind, name in ENDPOINTS:
            assert published(grown, kind, name) == published(fresh, kind, name), (kind, name, ref)
