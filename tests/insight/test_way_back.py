"""Random histories: whatever was done to a mesh, there is a way back to every moment of it."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gossamer.mesh.snapshot import revisions
from tests.support.chance import tries
from tests.support.documents import Document, listeners, mesh, node, route, router, service
from tests.support.own_api import OwnApi

NAMES = ("a", "b", "c")


def edits(dice: random.Random) -> Iterator[Callable[[], Document]]:
    """Ways to write something: also what leads nowhere, or does not fit its router."""

    def ports() -> list[int]:
        return dice.sample([80, 81, 82], dice.randint(1, 2))

    yield lambda: mesh(egressFilter={"type": dice.choice(["ALLOW_ALL", "DROP_ALL"])})
    yield lambda: node(dice.choice(NAMES), *ports(), backends=tuple(dice.sample(["s.local", "t.local"], 1)))
    yield lambda: node(dice.choice(NAMES), tags=[{"key": "n", "value": str(dice.random())}])
    yield lambda: router(dice.choice(NAMES), *ports())
    yield lambda: {**router(dice.choice(NAMES)), "spec": {"listeners": listeners(80, protocol="tcp")}}
    yield lambda: service(dice.choice(["s.local", "t.local"]), dice.choice(NAMES))
    yield lambda: route(dice.choice(NAMES), dice.choice(NAMES), port=dice.choice([None, 80, 81]), a=1, b=1)
    yield lambda: tcp_route(dice.choice(NAMES), dice.choice(NAMES), dice.choice(NAMES))
    yield lambda: gateway(ports()[0])
    yield lambda: gateway_route(dice.choice(["s.local", "t.local"]))


def tcp_route(of_router: str, name: str, target: str) -> Document:
    rule = {"action": {"weightedTargets": [{"virtualNode": target, "weight": 1, "port": 80}]}}
    return {**route(of_router, name), "spec": {"tcpRoute": rule}}


def gateway(port: int) -> Document:
    named = {"kind": "virtualGateway", "meshName": "shop", "virtualGatewayName": "g"}
    return {**named, "spec": {"listeners": listeners(port)}}


def gateway_route(target: str) -> Document:
    rule = {
        "match": {"prefix": "/"},
        "action": {"target": {"virtualService": {"virtualServiceName": target}, "port": 80}},
    }
    named = {"kind": "gatewayRoute", "meshName": "shop", "virtualGatewayName": "g", "gatewayRouteName": "r"}
    return {**named, "spec": {"httpRoute": rule}}


async def history(api: OwnApi, dice: random.Random, steps: int) -> list[tuple[int, dict[str, Any]]]:
    """What a mesh was after each of many random edits, deletions and re-creations."""
    kinds, moments = list(edits(dice)), []
    for _ in range(steps):
        there = await api.specs()
        gone = dice.sample(sorted(there), min(len(there), dice.choice([0, 0, 1, 2])))
        documents = [dice.choice(kinds)() for _ in range(dice.randint(0, 3))]
        answer = await api.attempt(*documents, delete=gone)
        if "sequence" in answer:
            moments.append((answer["sequence"], await api.specs()))
    return moments


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(tries(usual=2, fuzz=60)))
async def test_a_rollback_to_any_moment_gives_exactly_what_was_then(api: OwnApi, seed: int) -> None:
    dice = random.Random(seed)
    await api.apply(mesh())
    moments = [one for one in await history(api, dice, steps=60) if "shop" in one[1]]
    assert len(moments) > 10
    for sequence, specs in dice.sample(moments, 8):
        answer = await api.call("POST", "meshes/shop/rollback", {"to": sequence})
        assert api.caller.status == 200, answer
        assert await api.specs() == specs
        again = await api.call("POST", "meshes/shop/rollback", {"to": sequence})
        assert again["changes"] == []
    _, found = await api.store.all()
    memory = {
        ref: one.spec
        for mesh_ in (api.reconciler.mesh(found[0].ref.key),)
        if mesh_
        for ref, one in revisions(mesh_).items()
    }
    assert memory == {one.ref: one.spec for one in found}, "who follows the log is where the store is"
