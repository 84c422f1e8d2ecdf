"""What leaves the mesh: modelled backends, AWS by name on port 443, and the rest if the mesh lets it out."""

import ssl
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.answering import SPEAKS_FIRST, echo, greet, serving
from tests.support.stage import Stage
from tests.support.stage_mesh import Spec, listener, mesh, node, router, to

HTTPS, MAIL, OTHER = 443, 2525, 9999
ALLOW: Spec = {"egressFilter": {"type": "ALLOW_ALL"}}
DROP: Spec = {"egressFilter": {"type": "DROP_ALL"}}
REFUSED = ("ConnectionResetError", "closed")
EVERYWHERE: Spec = {"serviceDiscovery": {"ipPreference": "IPv4_PREFERRED"}}


@pytest_asyncio.fixture(loop_scope="session")
async def world(stage: Stage) -> AsyncIterator[Stage]:
    """A machine outside answers on some more ports, of both families."""
    outside, app = stage.machines["outside"], stage.apps["outside"]
    async with (
        serving(outside.listening("0.0.0.0", HTTPS), app, echo),  # noqa: S104 - of the machine's own network
        serving(outside.listening("0.0.0.0", MAIL), app, greet),  # noqa: S104
        serving(outside.listening("0.0.0.0", OTHER), app, echo),  # noqa: S104
        serving(outside.listening("::", OTHER), app, echo),
    ):
        yield stage


def client_hello(name: str) -> bytes:
    """The first bytes of a client of TLS that asks for a server's name."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


async def dial(stage: Stage, port: int, say: bytes = b"hello", host: str = "outside.test") -> str:
    """Who answers; the beginning is enough."""
    return (await stage.front.tcp(host, port, say)).partition(":")[0].strip()


async def waits_that_timed_out(stage: Stage) -> int:
    return await stage.envoys["front"].stat("listener.0.0.0.0_15001.downstream_pre_cx_timeout")


@pytest.mark.shows("MeshSpec.egressFilter", "EgressFilter.type")
@pytest.mark.parametrize("written", [{}, DROP], ids=["by default", "DROP_ALL"])
async def test_what_is_no_backend_is_refused(world: Stage, written: Spec) -> None:
    await world.show(mesh(mesh=written))
    assert (await world.front.http("http://orders.test/")).who == "blue"
    for port in (OTHER, MAIL, HTTPS):
        assert await dial(world, port) in REFUSED
    assert (await world.front.http("http://outside.test/")).status == 404


@pytest.mark.shows("EgressFilter.type")
async def test_allow_all_lets_everything_out_to_where_it_was_going(world: Stage) -> None:
    await world.show(mesh(mesh=ALLOW))
    assert await dial(world, OTHER) == "outside"
    assert await dial(world, HTTPS, client_hello("example.org")) == "outside"
    assert await dial(world, HTTPS, client_hello("s3.amazonaws.com")) == "outside"
    assert (await world.front.http("http://orders.test/")).who == "blue"


async def test_allow_all_lets_an_unknown_host_on_a_backends_port_go_on(world: Stage) -> None:
    await world.show(mesh(mesh=ALLOW, routers={"orders": router((8080, "http"))}))
    answer = await world.front.http("http://outside.test:8080/x")
    assert (answer.who, answer.path) == ("outside", "/x")
    assert (await world.front.http("http://orders.test:8080/")).who == "blue"


@pytest.mark.parametrize("written", [ALLOW, DROP], ids=["ALLOW_ALL", "DROP_ALL"])
@pytest.mark.parametrize("name", ["amazonaws.com", "s3.us-west-2.amazonaws.com", "S3.AmazonAWS.com"])
async def test_aws_is_let_out_by_its_name_on_port_443(world: Stage, written: Spec, name: str) -> None:
    await world.show(mesh(mesh=written))
    # Only names under the domain are meant: Envoy's `*.` takes one letter at least.
    expected = {"outside"} if name.lower() != "amazonaws.com" or written is ALLOW else set(REFUSED)
    assert await dial(world, HTTPS, client_hello(name)) in expected


@pytest.mark.parametrize(
    "name", ["example.org", "amazonaws.com.example.org", "cognito-idp.amazoncognito.com"]
)
async def test_any_other_name_on_port_443_is_refused_by_drop_all(world: Stage, name: str) -> None:
    await world.show(mesh(mesh=DROP))
    assert await dial(world, HTTPS, client_hello(name)) in REFUSED


@pytest.mark.parametrize("written", [ALLOW, DROP], ids=["ALLOW_ALL", "DROP_ALL"])
async def test_aws_is_let_out_beside_a_backend_on_port_443(world: Stage, written: Spec) -> None:
    routers = {"orders": router((HTTPS, "tcp"))}
    await world.show(mesh("tcp", mesh=written, routers=routers))
    assert await dial(world, HTTPS, client_hello("orders.test"), "orders.test") == "blue"
    assert await dial(world, HTTPS, client_hello("sqs.us-west-2.amazonaws.com")) == "outside"


async def test_aws_is_let_out_by_a_node_without_backends(world: Stage) -> None:
    await world.show(mesh(nodes={"front": node("front", "http")}))
    assert await dial(world, HTTPS, client_hello("sts.amazonaws.com")) == "outside"


@pytest.mark.shows("EgressFilter.type")
async def test_a_change_of_the_filter_reaches_proxies_that_run(world: Stage) -> None:
    for written, expected in ((ALLOW, {"outside"}), (DROP, set(REFUSED)), (ALLOW, {"outside"})):
        await world.show(mesh(mesh=written))
        assert await dial(world, OTHER) in expected


async def test_a_server_that_speaks_first_is_heard_without_a_wait(world: Stage) -> None:
    await world.show(mesh(mesh=ALLOW))
    before = await waits_that_timed_out(world)
    assert await world.front.tcp("outside.test", MAIL, b"") == "outside greets\n"
    assert await waits_that_timed_out(world) == before


async def test_a_backend_that_speaks_first_is_heard_without_a_wait(world: Stage) -> None:
    spoken = node("blue", listeners=[listener("tcp", SPEAKS_FIRST)])
    await world.show(mesh("tcp", nodes={"blue": spoken}))
    before = await waits_that_timed_out(world)
    assert await world.front.tcp("orders.test", 80, b"") == "blue greets\n"
    assert await waits_that_timed_out(world) == before


async def test_several_protocols_on_several_ports_go_side_by_side(world: Stage) -> None:
    kinds = {"http": 80, "http2": 81, "grpc": 82, "tcp": 83}
    written = mesh(
        nodes={
            "front": node("front", "http", backends=[f"{kind}.test" for kind in kinds]),
            "blue": node("blue", *kinds),
        },
        services={
            f"{kind}.test": {"provider": {"virtualRouter": {"virtualRouterName": kind}}} for kind in kinds
        },
        routers={kind: router((port, kind)) for kind, port in kinds.items()},
    )
    written["routes"] = {
        f"{kind}/all": to([{"virtualNode": "blue", "weight": 1, "port": 8000 + port}], kind)
        for kind, port in kinds.items()
    }
    await world.show(written)
    assert (await world.front.http("http://http.test/")).seen["protocol"] == "HTTP/1.1"
    assert (await world.front.http2("http://http2.test:81/")).seen["protocol"] == "HTTP/2"
    assert (await world.front.grpc("grpc.test", "/a.S/M", port=82)).seen["protocol"] == "gRPC"
    assert await dial(world, 83, host="tcp.test") == "blue"


async def test_an_external_service_is_modelled_by_its_own_name(world: Stage) -> None:
    world.names["outside.test"] = [world.machines["outside"].address]
    external = node("outside", listeners=[listener("tcp", HTTPS)])
    written = mesh(
        nodes={
            "front": node("front", "http", backends=["orders.test", "outside.test"]),
            "external": external,
        },
        services={"outside.test": {"provider": {"virtualNode": {"virtualNodeName": "external"}}}},
    )
    await world.show(written)
    assert await dial(world, HTTPS, client_hello("outside.test")) == "outside"
    assert await dial(world, OTHER) in REFUSED


@pytest.mark.shows("MeshSpec.serviceDiscovery", "MeshServiceDiscovery.ipPreference")
async def test_ipv6_is_let_out_or_refused_as_ipv4_is(world: Stage) -> None:
    address = world.machines["outside"].address_v6
    await world.show(mesh(mesh={**ALLOW, **EVERYWHERE}))
    assert await dial(world, OTHER, host=address) == "outside"
    assert await dial(world, OTHER) == "outside"
    await world.show(mesh(mesh={**DROP, **EVERYWHERE}))
    assert await dial(world, OTHER, host=address) in REFUSED
    await world.show(mesh())
    assert (await world.front.http("http://orders.test/")).who == "blue"


@pytest.mark.shows("DnsServiceDiscovery.ipPreference")
async def test_a_node_of_ipv6_alone_is_reached_through_both_sidecars(world: Stage) -> None:
    only = {"dns": {"hostname": "blue6.test", "ipPreference": "IPv6_ONLY"}}
    await world.show(mesh(nodes={"blue": node("blue", "http", serviceDiscovery=only)}))
    before = await world.envoys["blue"].stat("http.ingress.downstream_rq_total")
    assert (await world.front.http("http://orders.test/")).who == "blue"
    assert await world.envoys["blue"].stat("http.ingress.downstream_rq_total") == before + 1


async def sharing(world: Stage, first: str, second: str) -> None:
    """Two services on port 80: a.test of blue, b.test of green, each of its protocol."""
    kinds = {"a": ("blue", first), "b": ("green", second)}
    written = mesh(
        nodes={
            "front": node("front", "http", backends=["a.test", "b.test"]),
            **{who: node(who, kind) for who, kind in kinds.values()},
        },
        services={
            f"{one}.test": {"provider": {"virtualRouter": {"virtualRouterName": one}}} for one in kinds
        },
        routers={one: router((80, kind)) for one, (_, kind) in kinds.items()},
    )
    written["routes"] = {f"{one}/all": to(who, kind) for one, (who, kind) in kinds.items()}
    await world.show(written)


async def test_of_http_and_tcp_on_one_port_http_is_served_and_the_clash_is_told(world: Stage) -> None:
    await sharing(world, "tcp", "http")
    assert (await world.front.http("http://b.test/")).who == "green"
    assert (await world.front.http("http://a.test/")).status == 404
    told = [one.why for one in world.plane.reconciler.problems("shop") or ()]
    assert "port 80 is TCP for a.test and HTTP for b.test: only HTTP is served" in told


async def test_of_two_tcp_services_on_one_port_the_first_by_name_is_served(world: Stage) -> None:
    await sharing(world, "tcp", "tcp")
    assert await dial(world, 80, host="b.test") == "blue"
    told = [one.why for one in world.plane.reconciler.problems("shop") or ()]
    assert "port 80 is TCP for a.test, b.test: only a.test is served, give each its own port" in told
