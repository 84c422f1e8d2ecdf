"""HTTP/2 between sidecars whose applications speak HTTP/1.1: who speaks it, and that nobody else notices."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Final

import pytest

from gossamer.mesh.data_plane import DataPlane, Http2
from tests.support.answering import HTTP, Reply, Seen
from tests.support.envoy import eventually
from tests.support.load import Asked, loaded
from tests.support.machine import running_proxy
from tests.support.stage import SIDECARS, Stage
from tests.support.stage_mesh import GATE, Spec, mesh, node, to
from tests.support.tls_mesh import OURS, Files, between, policy
from tests.support.tls_stage import TlsStage

EVERYWHERE: Final = DataPlane(http2=Http2.ALL)
OVER_TLS: Final = DataPlane(http2=Http2.TLS)
VERSIONS: Final = ("http1", "http2")


def endpoints(name: str) -> Spec:
    """A node of which DNS tells every endpoint."""
    found = {"dns": {"hostname": f"{name}.test", "responseType": "ENDPOINTS"}}
    return node(name, "http", serviceDiscovery=found)


async def requests(stage: Stage) -> list[int]:
    """How many requests have come to blue's sidecar, version by version."""
    blue = stage.envoys["blue"]
    return [await blue.stat(f"http.ingress.downstream_rq_{name}_total") for name in VERSIONS]


async def speaks(stage: Stage, who: str = "front") -> str:
    """In what a request goes to blue from another proxy, while its application sees HTTP/1.1."""
    before = await requests(stage)
    client, url = {
        "front": (stage.front, "http://orders.test/"),
        "gate": (stage.outside, f"http://gate.test:{GATE}/"),
    }[who]
    seen = (await client.http(url)).seen
    assert (seen["who"], seen["protocol"]) == ("blue", "HTTP/1.1")
    return await since(stage, before)


async def since(stage: Stage, before: list[int]) -> str:
    """In what requests have come to blue since they were counted."""
    now = await requests(stage)
    return " and ".join(name for name, old, new in zip(VERSIONS, before, now, strict=True) if new > old)


@pytest.mark.parametrize("who", ["front", "gate"])
async def test_sidecars_speak_it_and_applications_do_not(stage: Stage, who: str) -> None:
    await stage.show(mesh(nodes={"blue": endpoints("blue")}))
    assert await speaks(stage, who) == "http1"
    stage.use(EVERYWHERE)
    await stage.show(mesh(nodes={"blue": endpoints("blue")}))
    assert await speaks(stage, who) == "http2"


async def test_what_a_load_balancer_shares_out_stays_in_http1(stage: Stage) -> None:
    await stage.show(mesh("grpc"))
    stage.use(EVERYWHERE)
    await stage.show(mesh())
    assert await speaks(stage) == "http1"


async def test_whoever_speaks_http1_to_such_a_sidecar_still_does(stage: Stage) -> None:
    stage.use(EVERYWHERE)
    await stage.show(mesh(nodes={"blue": endpoints("blue")}))
    before = await requests(stage)
    assert (await stage.outside.http("http://blue.test:8080/")).who == "blue"
    assert await since(stage, before) == "http1"


async def test_an_application_notices_nothing_of_it(stage: Stage) -> None:
    async def reply(seen: Seen) -> Reply:
        return Reply(201, (("set-cookie", "a=1"), ("set-cookie", "b=2")), seen.body)

    async def answered() -> tuple[int, Mapping[str, str], bytes, Mapping[str, list[str]]]:
        await stage.show(mesh(nodes={"blue": endpoints("blue")}))
        stage.apps["blue"].forget()
        stage.apps["blue"].reply = reply
        answer = await stage.front.http(
            "http://ORDERS.test/a%2Fb?c=%20",
            "POST",
            {"X-Odd_Name": "ä", "Cookie": "c=1; d=2"},
            b"x" * 200_000,
        )
        (seen,) = stage.apps["blue"].seen
        assert (seen.method, seen.path, len(seen.body)) == ("POST", "/a%2Fb?c=%20", 200_000)
        fresh = ("x-request-id", "date", "x-envoy-upstream-service-time")
        headers: dict[str, list[str]] = {}
        for name, value in seen.headers:
            if name not in fresh:
                headers.setdefault(name, []).append(value)
        told = {name: value for name, value in answer.headers.items() if name not in fresh}
        return answer.status, told, answer.body, headers

    usual = await answered()
    stage.use(EVERYWHERE)
    assert await answered() == usual


async def test_a_websocket_still_arrives_as_an_upgrade(stage: Stage) -> None:
    stage.use(EVERYWHERE)
    await stage.show(mesh(nodes={"blue": endpoints("blue")}))
    assert await speaks(stage) == "http2"
    async with stage.front.session() as session, session.ws_connect("http://orders.test/chat") as socket:
        seen = json.loads((await socket.receive()).data)
        assert (seen["who"], seen["protocol"]) == ("blue", "WebSocket")
        await socket.send_bytes(b"word")
        assert (await socket.receive()).data == b"word"


async def test_an_answer_that_breaks_off_is_no_whole_answer(stage: Stage) -> None:
    stage.use(EVERYWHERE)
    await stage.show(mesh(nodes={"blue": endpoints("blue")}))

    async def broken(_: Seen) -> Reply:
        return Reply(is_reset=True)

    stage.apps["blue"].reply = broken
    assert (await stage.front.http("http://orders.test/")).status == 503


@contextlib.asynccontextmanager
async def another_proxy_of_blue(stage: Stage, **more: str) -> AsyncIterator[None]:
    """One more proxy of blue, on a machine whose traffic does not pass it."""
    proxies = len(stage.plane.proxies())
    beside = running_proxy(
        stage.machines["outside"], SIDECARS["blue"], stage.plane, stage.wire.address, more=more
    )

    async def has_come() -> bool:
        return len(stage.plane.proxies()) == proxies + 1 and await stage.plane.is_in_sync()

    async def has_gone() -> bool:
        return len(stage.plane.proxies()) == proxies and await stage.plane.is_in_sync()

    with beside:
        await eventually(has_come, "another proxy of blue")
        yield
    await eventually(has_gone, "the other proxy gone")


async def test_a_proxy_that_does_not_say_so_brings_callers_back_without_a_failed_request(
    draining_stage: Stage,
) -> None:
    """Its machine takes HTTP/1.1 only: it is an endpoint of blue from then on."""
    stage = draining_stage
    stage.use(EVERYWHERE)
    await stage.show(mesh(nodes={"blue": endpoints("blue")}))
    async with loaded(stage, [Asked("front", "orders.test", {"http": 80})]) as load:
        await eventually(lambda: only(stage, "http2"), "requests in HTTP/2")
        async with another_proxy_of_blue(stage, GOSSAMER_ACCEPTS_HTTP2="0"):
            await eventually(lambda: only(stage, "http1"), "requests in HTTP/1.1")
            stage.names["blue.test"].append(stage.machines["outside"].address)
            await eventually(lambda: has_answered(stage, "outside"), "the other machine answers too")
            stage.names["blue.test"].pop()
            await eventually(lambda: has_endpoints(stage, 1), "the other machine is no endpoint any more")
        await eventually(lambda: only(stage, "http2"), "requests in HTTP/2 again")
    assert not load.failures, "\n".join(load.failures)
    assert load.clients_answered() == 2


async def test_another_proxy_that_says_so_changes_nothing(stage: Stage) -> None:
    stage.use(EVERYWHERE)
    await stage.show(mesh(nodes={"blue": endpoints("blue")}))
    async with another_proxy_of_blue(stage):
        assert await speaks(stage) == "http2"


async def test_a_connection_that_leads_nowhere_is_not_used_for_long(stage: Stage) -> None:
    """Requests on it give up and leave it open; nobody but the proxy itself can tell that it is of no use."""
    stage.use(EVERYWHERE)
    soon = {"timeout": {"perRequest": {"unit": "s", "value": 1}}}
    await stage.show(mesh(nodes={"blue": endpoints("blue")}, routes={"all": to("blue", rule=soon)}))
    assert await speaks(stage) == "http2"
    front, blue = stage.machines["front"], stage.machines["blue"]
    ways = front.run("ss", "-Htn", "state", "established", f"dst {blue.address} dport = :{HTTP}").splitlines()
    ports = ", ".join(way.split()[2].rpartition(":")[2] for way in ways)
    assert ports
    chain = f"type filter hook prerouting priority -300; tcp sport {{ {ports} }} drop"
    rules = f"table inet nowhere {{\nchain in {{\n{chain}\n}}\n}}\n"
    blue.run("nft", "-f", "-", text=rules)
    try:
        assert (await stage.front.http("http://orders.test/")).status == 504
        async with asyncio.timeout(60):
            while (await stage.front.http("http://orders.test/")).status != 200:
                await asyncio.sleep(0.1)
    finally:
        blue.run("nft", "delete", "table", "inet", "nowhere")


async def only(stage: Stage, version: str) -> bool:
    """Whether what comes to blue under load for a while is of one version."""
    before = await requests(stage)
    await asyncio.sleep(0.2)
    return await since(stage, before) == version


async def has_answered(stage: Stage, who: str) -> bool:
    return bool(stage.apps[who].seen)


async def has_endpoints(stage: Stage, count: int) -> bool:
    return (
        await stage.envoys["front"].stat("cluster.cds_egress_shop_blue_http_8080.membership_total") == count
    )


@pytest.mark.parametrize("mode", ["STRICT", "PERMISSIVE"])
async def test_over_tls_both_ends_agree(tls: TlsStage, files: Files, mode: str) -> None:
    stage = tls.stage
    stage.use(OVER_TLS)
    written = between(files.blue(mode), policy(files.trust(OURS)))
    written["nodes"]["blue"]["serviceDiscovery"]["dns"]["responseType"] = "ENDPOINTS"
    await stage.show(written)
    assert await speaks(stage) == "http2"
    assert await tls.handshakes() > 0
