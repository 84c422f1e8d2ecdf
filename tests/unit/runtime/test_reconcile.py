"""What is derived step by step is what would be derived from nothing."""

import random
from collections.abc import Callable

import pytest

from gossamer.clock import SystemClock
from gossamer.compile.resources import ResourceType
from gossamer.compile.wish import NOTHING, NameService, Wishes
from gossamer.mesh.data_plane import DataPlane
from gossamer.mesh.surroundings import Certificate, CloudMapService, Instance, Surroundings
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
CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/one"
#: What proxies wish for: those of one endpoint may differ.
WISHES = (NOTHING, Wishes(has_metrics=True, names=NameService("127.0.0.1", 53, ()), counts_steps=True))


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
    preference = dice.choice(("IPv4_ONLY", "IPv6_PREFERRED"))
    return {
        "egressFilter": {"type": dice.choice(("ALLOW_ALL", "DROP_ALL"))},
        **({"serviceDiscovery": {"ipPreference": preference}} if dice.random() < 0.6 else {}),
    }


def any_router(dice: random.Random) -> object:
    ports = dice.sample((80, 81, 443), dice.randrange(1, 3))
    spoken = [{"port": port, "protocol": dice.choice(("http", "http", "http", "tcp"))} for port in ports]
    return {"listeners": [{"portMapping": one} for one in spoken]}


def any_gateway(dice: random.Random) -> object:
    ports = dice.sample((80, 81), dice.randrange(1, 3))
    logging = {"accessLog": {"file": {"path": dice.choice(("/dev/stdout", "/log"))}}}
    return {
        "listeners": [{"portMapping": {"port": port, "protocol": "http"}} for port in ports],
        **({"logging": logging} if dice.random() < 0.3 else {}),
        **({"backendDefaults": {"clientPolicy": POLICY}} if dice.random() < 0.3 else {}),
    }


def any_gateway_route(dice: random.Random) -> object:
    target = {"virtualService": {"virtualServiceName": dice.choice(SERVICES)}, "port": dice.choice((80, 81))}
    if dice.random() < 0.5:
        del target["port"]
    rewrite = {"rewrite": {"hostname": {"defaultTargetHostname": "DISABLED"}}} if dice.random() < 0.3 else {}
    return {"httpRoute": {"match": {"prefix": "/"}, "action": {"target": target, **rewrite}}}


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
    ports = dice.sample((8080, 8081), dice.randrange(1, 3))
    protocol = dice.choice(("http", "http", "http2", "tcp"))
    certificate = {"acm": {"certificateArn": CERTIFICATE}}
    tls = {"tls": {"mode": "STRICT", "certificate": certificate}} if dice.random() < 0.3 else {}
    logging = {"accessLog": {"file": {"path": "/dev/stdout"}}}
    return {
        "backends": [{"virtualService": one} for one in backends],
        "listeners": [{"portMapping": {"port": port, "protocol": protocol}, **tls} for port in ports],
        "serviceDiscovery": discovery,
        **({"logging": logging} if dice.random() < 0.3 else {}),
    }


def any_route(dice: random.Random) -> object:
    targets = [{"virtualNode": dice.choice(NODES), "weight": dice.randrange(101)} for _ in range(2)]
    for target in targets:
        if dice.random() < 0.7:
            target["port"] = dice.choice((8080, 8081))
    if dice.random() < 0.2:
        return {"tcpRoute": {"action": {"weightedTargets": targets}}}
    retry = {
        "maxRetries": 1,
        "perRetryTimeout": {"unit": "s", "value": 1},
        "tcpRetryEvents": ["connection-error"],
    }
    prefix = dice.choice(("/", "/a"))
    return {
        "priority": dice.randrange(3),
        "httpRoute": {
            "match": {"prefix": prefix},
            "action": {"weightedTargets": targets},
            **({"retryPolicy": retry} if dice.random() < 0.3 else {}),
        },
    }


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
    (Kind.VIRTUAL_GATEWAY, ("g",), (), any_gateway),
    (Kind.GATEWAY_ROUTE, ("a", "b"), ("g",), any_gateway_route),
)


def any_surroundings(dice: random.Random) -> Surroundings:
    listed = (Instance(f"10.0.0.{number}") for number in range(dice.randrange(3)))
    shown = Certificate(f"chain {dice.randrange(3)}", "key")
    return Surroundings(
        {CloudMapService("space", "c0"): tuple(listed)},
        certificates={CERTIFICATE: dice.choice((shown, None))},
        trust={CERTIFICATE: dice.choice((f"root {dice.randrange(3)}", None))},
    )


def published(
    reconciler: Reconciler, kind: str, name: str, wishes: Wishes = NOTHING
) -> dict[str, str] | None:
    """The version of everything that an endpoint's proxies are to run, by type and name."""
    try:
        channel = reconciler.channel(NodeId(KEY.mesh, kind, name), wishes)
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


@pytest.mark.parametrize("seed", range(12))
def test_what_changes_brought_is_what_the_mesh_gives_from_nothing(seed: int) -> None:
    dice = random.Random(seed)
    plane = DataPlane(has_flat_gateways=dice.random() < 0.5)
    grown = Reconciler(ACCOUNT, plane)
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
        fresh = Reconciler(ACCOUNT, plane)
        fresh.surround(surroundings)
        fresh.apply(list(revisions.items()))
        for kind, name in ENDPOINTS:
            for wishes in WISHES:
                is_now = published(grown, kind, name, wishes)
                assert is_now == published(fresh, kind, name, wishes), (kind, name, ref, wishes)


def a_caller_of_a_route() -> list[tuple[Ref, Revision | None]]:
    """A node n0 that calls s0, whose router leads to n1, which names no addresses of its own."""
    node = {"virtualService": {"virtualServiceName": "s0"}}
    port = {"port": 80, "protocol": "http"}
    listener = {"portMapping": port}
    dns = {"listeners": [listener], "serviceDiscovery": {"dns": {"hostname": "n1.local"}}}
    target = {"weightedTargets": [{"virtualNode": "n1", "weight": 1}]}
    return [
        change(Kind.MESH, "m", {}),
        change(Kind.VIRTUAL_NODE, "n0", {"backends": [node]}),
        change(Kind.VIRTUAL_NODE, "n1", dns),
        change(Kind.VIRTUAL_ROUTER, "r0", {"listeners": [listener]}),
        change(Kind.ROUTE, "a", {"httpRoute": {"match": {"prefix": "/"}, "action": target}}, "r0"),
        change(Kind.VIRTUAL_SERVICE, "s0", {"provider": {"virtualRouter": {"virtualRouterName": "r0"}}}),
    ]


def test_callers_hear_of_the_addresses_that_a_mesh_prefers() -> None:
    reconciler = Reconciler(ACCOUNT)
    reconciler.apply(a_caller_of_a_route())
    before = published(reconciler, "virtualNode", "n0")
    reconciler.apply([change(Kind.MESH, "m", {"serviceDiscovery": {"ipPreference": "IPv6_ONLY"}})])
    after = published(reconciler, "virtualNode", "n0")
    assert before is not None
    assert after is not None
    assert before["CLUSTER cds_egress_m_n1_http_80"] != after["CLUSTER cds_egress_m_n1_http_80"]


def test_a_route_that_changes_leaves_every_other_resource_the_very_one_that_it_was() -> None:
    reconciler = Reconciler(ACCOUNT)
    reconciler.apply(a_caller_of_a_route())
    published(reconciler, "virtualNode", "n0")
    channel = reconciler.channel(NodeId(KEY.mesh, "virtualNode", "n0"))
    before = channel.published
    other = {"weightedTargets": [{"virtualNode": "n1", "weight": 1}, {"virtualNode": "n1", "weight": 2}]}
    reconciler.apply(
        [change(Kind.ROUTE, "a", {"httpRoute": {"match": {"prefix": "/"}, "action": other}}, "r0")]
    )
    after = channel.published
    assert before is not None
    assert after is not None
    kept = [one is other for one, other in zip(before.made, after.made, strict=True)]
    assert kept.count(False) == 1
    changed = [type_ for type_ in ResourceType if before.of(type_) is not after.of(type_)]
    assert changed == [ResourceType.ROUTE]
