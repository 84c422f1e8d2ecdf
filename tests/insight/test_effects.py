"""What a dry run tells of proxies is what they would be sent; what a proxy runs can be looked at."""

import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from envoy.extensions.transport_sockets.tls.v3.secret_pb2 import Secret
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DeltaDiscoveryResponse

from gossamer.clock import SystemClock
from gossamer.compile.resources import Compiled, ResourceType
from gossamer.compile.wish import NOTHING
from gossamer.store.engine import sqlite_url
from gossamer.xds import wire
from gossamer.xds.hub import Connection
from gossamer.xds.node_id import node_id
from gossamer.xds.protocol import Published
from gossamer.xds.shown import REDACTED, config
from gossamer.xds.status import ProxyStatus
from gossamer.xds.stream import Delta, Stream
from tests.support.documents import Document, mesh, node, route, router, service, shop
from tests.support.own_api import OwnApi, allowing, own_api

NUMBERS = iter(range(1, 1_000))


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[OwnApi]:
    async with own_api(sqlite_url(tmp_path / "store.db")) as found:
        yield found


class Proxy:
    """A proxy that is connected without a network, and takes what it is told to take."""

    def __init__(self, api: OwnApi, name: str) -> None:
        self.status = ProxyStatus(next(NUMBERS), name, "", "1.40.0", "delta", SystemClock().now())
        self.stream: Stream[DeltaDiscoveryRequest] = Stream(Delta(), self.status, SystemClock())
        place = node_id(f"mesh/shop/virtualNode/{name}")
        self.connection: Connection = api.hub.connect(place, NOTHING, self.status, lambda: None)
        self.connection.holdings = self.stream.holdings
        self.waiting: list[bytes] = []
        self.take()
        for type_ in (ResourceType.CLUSTER, ResourceType.LISTENER):
            self.waiting += self.stream.hear(DeltaDiscoveryRequest(type_url=type_.value))

    @property
    def published(self) -> Published:
        found = self.connection.channel.published
        assert found is not None
        return found

    def take(self) -> None:
        """Hear of what is published."""
        self.waiting += self.stream.publish(self.published)

    def watch(self, type_: ResourceType, *names: str) -> None:
        """Ask for resources by name."""
        asked = DeltaDiscoveryRequest(type_url=type_.value, resource_names_subscribe=names)
        self.waiting += self.stream.hear(asked)

    def answer(self, why: str = "") -> None:
        """Acknowledge all that was sent, or refuse it."""
        while self.waiting:
            sent = DeltaDiscoveryResponse.FromString(self.waiting.pop(0))
            said = DeltaDiscoveryRequest(type_url=sent.type_url, response_nonce=sent.nonce)
            if why:
                said.error_detail.message = why
            self.waiting += self.stream.hear(said)


def versions(published: Published) -> dict[tuple[str, str], str]:
    return {
        (type_.name.lower(), name): one.version
        for type_ in ResourceType
        for name, one in published.of(type_).items()
    }


def told(answer: dict[str, Any]) -> dict[str, dict[tuple[str, str], str]]:
    return {
        one["proxy"]: {(each["type"], each["name"]): each["action"] for each in one["resources"]}
        for one in answer["proxies"]
    }


def differing(
    before: dict[tuple[str, str], str], after: dict[tuple[str, str], str]
) -> dict[tuple[str, str], str]:
    return {
        key: "add" if key not in before else "remove" if key not in after else "change"
        for key in {*before, *after}
        if before.get(key) != after.get(key)
    }


async def test_a_dry_run_names_the_resources_of_the_proxies_that_would_change(api: OwnApi) -> None:
    await api.apply(*shop())
    Proxy(api, "front"), Proxy(api, "v1")
    answer = await api.apply(route("orders", "all", v1=50, v2=50), dryRun=True)
    (proxy,) = answer["proxies"]
    assert proxy["proxy"] == "shop/virtualNode/front"
    assert [(one["type"], one["action"]) for one in proxy["resources"]] == [("route", "change")]
    assert "-" in proxy["resources"][0]["diff"]
    assert "weight: 50" in proxy["resources"][0]["diff"]


async def test_endpoints_without_proxies_are_told_if_they_are_asked_for(api: OwnApi) -> None:
    assert (await api.apply(*shop(), dryRun=True))["proxies"] == []
    answer = told(await api.apply(*shop(), dryRun=True, allProxies=True))
    assert set(answer) == {f"shop/virtualNode/{name}" for name in ("front", "v1", "v2")}
    assert set(answer["shop/virtualNode/front"].values()) == {"add"}


async def test_problems_that_come_and_go_are_told(api: OwnApi) -> None:
    await api.apply(*shop())
    answer = await api.apply(route("orders", "all", v1=1, nobody=1), dryRun=True)
    (problem,) = answer["problems"]["appear"]
    assert problem["resource"] == "shop/virtualRouter/orders/route/all"
    assert "nobody" in problem["why"]
    await api.apply(route("orders", "all", v1=1, nobody=1))
    answer = await api.apply(node("nobody"))
    assert [one["resource"] for one in answer["problems"]["vanish"]] == [problem["resource"]]


async def test_a_rollback_tells_what_it_does_to_proxies(api: OwnApi) -> None:
    before = (await api.apply(*shop()))["sequence"]
    await api.apply(route("orders", "all", v1=1))
    Proxy(api, "front")
    answer = await api.call("POST", "meshes/shop/rollback", {"to": before, "dryRun": True})
    assert set(told(answer)["shop/virtualNode/front"].values()) >= {"change"}


async def test_what_a_dry_run_tells_is_what_the_proxies_then_get(api: OwnApi) -> None:
    dice = random.Random(7)
    await api.apply(*shop())
    proxies = {f"shop/virtualNode/{name}": Proxy(api, name) for name in ("front", "v1", "v2")}
    edits: list[Callable[[], Document]] = [
        lambda: route("orders", "all", v1=dice.randint(1, 99), v2=dice.randint(1, 99)),
        lambda: node("v1", dice.randint(1, 9000)),
        lambda: node("front", backends=("orders.local", "other.local")[: dice.randint(0, 2)]),
        lambda: service("other.local", "orders"),
        lambda: router("orders", dice.randint(8080, 8081)),
        lambda: mesh(egressFilter={"type": dice.choice(["ALLOW_ALL", "DROP_ALL"])}),
    ]
    for _ in range(25):
        documents = [edit() for edit in dice.sample(edits, 2)]
        before = {name: versions(one.published) for name, one in proxies.items()}
        foreseen = await api.attempt(*documents, dryRun=True)
        if api.caller.status != 200:
            continue
        answer = await api.apply(*documents)
        after = {name: versions(one.published) for name, one in proxies.items()}
        found = {name: differing(before[name], after[name]) for name in proxies}
        assert told(foreseen) == told(answer) == {name: one for name, one in found.items() if one}


async def test_who_may_not_read_is_not_told_of_proxies(api: OwnApi) -> None:
    await api.apply(*shop())
    api.may(allowing("appmesh:*"))
    answer = await api.apply(route("orders", "all", v1=1), dryRun=True)
    assert "proxies" not in answer
    assert "problems" not in answer
    api.may(allowing("appmesh:*", "gossamer:Read"))
    assert "proxies" in await api.apply(route("orders", "all", v1=1), dryRun=True)


async def test_a_proxys_configuration_is_told_with_how_far_each_resource_has_come(api: OwnApi) -> None:
    await api.apply(*shop())
    proxy = Proxy(api, "front")
    stream = proxy.status.stream
    found = await api.get(f"proxies/{stream}/config?type=cluster")
    assert found["proxy"]["stream"] == str(stream)
    assert {one["state"] for one in found["resources"]} == {"sent"}
    proxy.answer()
    found = await api.get(f"proxies/{stream}/config?type=cluster")
    assert {one["state"] for one in found["resources"]} == {"applied"}
    one = next(one for one in found["resources"] if "v1" in one["name"])
    assert one["version"] == one["sentVersion"] == one["runningVersion"]
    assert one["config"]["name"] == one["name"]
    assert "running" not in one

    proxy.watch(ResourceType.ROUTE, *proxy.published.of(ResourceType.ROUTE))
    proxy.answer()
    await api.apply(node("v3"), route("orders", "all", v3=1))
    proxy.take()
    states = {(one["type"], one["state"]) for one in (await api.get(f"proxies/{stream}/config"))["resources"]}
    assert {("cluster", "sent"), ("route", "pending")} <= states
    proxy.answer("no port")
    found = await api.get(f"proxies/{stream}/config?type=cluster")
    refused = [one for one in found["resources"] if one["state"] == "refused"]
    assert [one["runningVersion"] for one in refused] == [None]
    assert found["proxy"]["types"]["cluster"]["refusal"] == "no port"


async def test_a_proxy_that_is_not_there_and_a_type_that_is_none_are_told(api: OwnApi) -> None:
    await api.call("GET", "proxies/999999/config")
    assert (api.caller.status, api.caller.error) == (404, "NotFoundException")
    answer = await api.call("GET", "proxies/1/config?type=clusters")
    assert api.caller.status == 400
    assert answer["message"] == "type: must be one of cluster, endpoint, listener, route, secret"


def test_private_keys_are_never_shown() -> None:
    secret = Secret(name="mine")
    secret.tls_certificate.certificate_chain.inline_string = "the chain"
    secret.tls_certificate.private_key.inline_string = "the key"
    secret.tls_certificate.password.inline_bytes = b"the word"
    shown = config(wire.resource(Compiled(ResourceType.SECRET, "mine", secret)))
    assert shown == {
        "name": "mine",
        "tls_certificate": {
            "certificate_chain": {"inline_string": "the chain"},
            "private_key": {"inline_string": REDACTED},
            "password": {"inline_string": REDACTED},
        },
    }
