"""Whose certificate is accepted: names, mutual TLS, and what is said in a handshake."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

import pytest

from tests.support.answering import PORTS
from tests.support.envoy import eventually
from tests.support.goldens import mesh_of
from tests.support.stage_mesh import Spec, listener, mesh, node, to
from tests.support.tls_mesh import OTHERS, OURS, Files, between, policy, serving
from tests.support.tls_stage import TlsStage, trusting

NAMES = pytest.mark.shows(
    "TlsValidationContext.subjectAlternativeNames",
    "SubjectAlternativeNames.match",
    "SubjectAlternativeNameMatchers.exact",
)
MUTUAL = pytest.mark.shows(
    "ListenerTls.validation",
    "ListenerTlsValidationContext.trust",
    "ListenerTlsValidationContextTrust.file",
    "ClientPolicyTls.certificate",
    "ClientTlsCertificate.file",
)


@pytest.mark.parametrize(
    ("carries", "accepts", "is_accepted"),
    [
        (["blue.test"], None, True),
        (["*.test"], None, True),
        (["green.test"], None, False),
        (["other.test"], ["other.test"], True),
        (["blue.test"], ["other.test"], False),
        (["spiffe://shop/blue"], ["other.test", "spiffe://shop/blue"], True),
        (["spiffe://shop/blue"], ["spiffe://shop/green"], False),
        (["10.88.0.3"], ["10.88.0.3"], True),
    ],
)
@NAMES
async def test_a_servers_certificate_must_carry_an_accepted_name(
    tls: TlsStage, files: Files, carries: list[str], accepts: list[str] | None, *, is_accepted: bool
) -> None:
    taken = serving(files.certificate("blue", OURS.issue(*carries)))
    await tls.stage.show(between(taken, policy(files.trust(OURS), accepts)))
    assert await tls.is_answered() is is_accepted


@pytest.mark.parametrize(
    ("carries", "is_accepted"), [("blue.test", True), ("*.test", True), ("a.blue.test", False)]
)
@NAMES
async def test_a_star_in_an_accepted_name_stands_for_one_label(
    tls: TlsStage, files: Files, carries: str, *, is_accepted: bool
) -> None:
    taken = serving(files.certificate("blue", OURS.issue(carries)))
    await tls.stage.show(between(taken, policy(files.trust(OURS), ["*.test"], enforce=False)))
    assert await tls.is_answered() is is_accepted


@MUTUAL
async def test_a_client_must_show_a_certificate_that_the_listener_trusts(tls: TlsStage, files: Files) -> None:
    server = files.certificate("blue", OURS.issue("blue.test"))
    mutual = serving(server, trust=files.trust(OURS))
    await tls.stage.show(between(mutual, policy(files.trust(OURS))))
    assert await tls.is_refused()
    strange = files.certificate("strange", OTHERS.issue("front.test"))
    await tls.stage.show(between(mutual, policy(files.trust(OURS), certificate=strange)))
    assert await tls.is_refused()
    known = files.certificate("front", OURS.issue("anything.at.all"))
    await tls.stage.show(between(mutual, policy(files.trust(OURS), certificate=known)))
    assert await tls.is_encrypted()


@pytest.mark.parametrize(
    ("accepts", "is_accepted"), [(["front.test", "spiffe://shop/x"], True), (["green.test"], False)]
)
@pytest.mark.shows("ListenerTlsValidationContext.subjectAlternativeNames")
async def test_a_clients_certificate_must_carry_a_name_that_the_listener_lists(
    tls: TlsStage, files: Files, accepts: list[str], *, is_accepted: bool
) -> None:
    server = files.certificate("blue", OURS.issue("blue.test"))
    client = files.certificate("front", OURS.issue("front.test"))
    mutual = serving(server, trust=files.trust(OURS), names=accepts)
    await tls.stage.show(between(mutual, policy(files.trust(OURS), certificate=client)))
    assert await tls.is_answered() is is_accepted


@pytest.mark.shows(
    "ClientTlsCertificate.sds",
    "TlsValidationContextSdsTrust.secretName",
    "TlsValidationContextTrust.sds",
    "ListenerTlsValidationContextTrust.sds",
)
async def test_mutual_tls_with_everything_from_secret_discovery(tls: TlsStage) -> None:
    secrets = tls.stage.secrets
    await secrets.show("blue", OURS.issue("spiffe://shop/blue"))
    await secrets.show("front", OURS.issue("spiffe://shop/front"))
    await secrets.trust("roots", OURS.root)
    roots: Spec = {"sds": {"secretName": "roots"}}
    mutual = serving({"sds": {"secretName": "blue"}}, trust=roots, names=["spiffe://shop/front"])
    shown = {"sds": {"secretName": "front"}}
    await tls.stage.show(between(mutual, policy(roots, ["spiffe://shop/blue"], certificate=shown)))
    assert await tls.is_encrypted()


@pytest.mark.shows("ListenerTls.mode")
async def test_strict_takes_tls_alone_permissive_both_disabled_plain_text_alone(
    tls: TlsStage, files: Files
) -> None:
    for mode, takes_plain, takes_tls in (
        ("STRICT", False, True),
        ("PERMISSIVE", True, True),
        ("DISABLED", True, False),
    ):
        await tls.stage.show(between(files.blue(mode)))
        assert await is_plain_text_taken(tls) is takes_plain, mode
        assert (await tls.dial(trusting(OURS)) is not None) is takes_tls, mode


async def is_plain_text_taken(tls: TlsStage) -> bool:
    said = await tls.stage.outside.tcp(
        "blue.test", 8080, b"GET / HTTP/1.1\r\nhost: b\r\nconnection: close\r\n\r\n"
    )
    return "200 OK" in said


@pytest.mark.parametrize(
    ("protocol", "offered", "agreed"),
    [
        ("http", ("h2", "http/1.1"), "http/1.1"),
        ("http2", ("h2", "http/1.1"), "h2"),
        ("http2", ("http/1.1",), "http/1.1"),
        ("grpc", ("h2",), "h2"),
        ("tcp", ("h2",), None),
    ],
)
async def test_a_listener_agrees_on_its_own_protocol(
    tls: TlsStage, files: Files, protocol: str, offered: tuple[str, ...], agreed: str | None
) -> None:
    await tls.stage.show(between(files.blue(), protocol=protocol))
    found = await tls.dial(trusting(OURS, *offered), PORTS[protocol])
    assert found is not None
    assert found.selected_alpn_protocol() == agreed


async def test_a_health_check_speaks_tls_too(tls: TlsStage, files: Files) -> None:
    check = {"protocol": "http", "path": "/", "intervalMillis": 5000, "timeoutMillis": 2000}
    checked = {**check, "healthyThreshold": 2, "unhealthyThreshold": 2}
    written = between(files.blue(), policy(files.trust(OURS)))
    written["nodes"]["blue"]["listeners"][0]["healthCheck"] = checked
    await tls.stage.show(written)
    await eventually(tls.is_answered, "a healthy endpoint")

    async def has_succeeded() -> bool:
        front = tls.stage.envoys["front"]
        return await front.stat("cluster.cds_egress_shop_blue_http_8080.health_check.success") > 0

    # The first check may come before blue's listener.
    await eventually(has_succeeded, "a check in TLS")


@pytest.mark.parametrize("protocol", ["http2", "grpc", "tcp"])
async def test_every_protocol_travels_in_tls(tls: TlsStage, files: Files, protocol: str) -> None:
    await tls.stage.show(between(files.blue(), policy(files.trust(OURS)), protocol=protocol))
    front = tls.stage.front
    match protocol:
        case "http2":
            assert (await front.http2("http://orders.test/")).who == "blue"
        case "grpc":
            assert (await front.grpc("orders.test", "/shop.Orders/List")).who == "blue"
        case _:
            assert await front.tcp("orders.test", 80) == "blue: hello"
    assert await tls.handshakes() > 0


@pytest.mark.parametrize(
    ("protocol", "agreed"), [("http", "http/1.1"), ("http2", "h2"), ("grpc", "h2"), ("tcp", None)]
)
async def test_a_client_asks_for_the_discovery_name_and_for_what_it_is_going_to_speak(
    tls: TlsStage, files: Files, protocol: str, agreed: str | None
) -> None:
    stage = tls.stage
    async with listening_in(tls, OURS.issue("outside.test").written(files.directory, "outside")) as heard:
        front = node("front", protocol, backends=["orders.test"])
        front["backendDefaults"] = {"clientPolicy": policy(files.trust(OURS))}
        # The dot that ends a name is in no handshake.
        server = node("outside", listeners=[listener(protocol, 9443)])
        server["serviceDiscovery"] = {"dns": {"hostname": "outside.test."}}
        routes = {"all": to("outside", protocol)}
        await stage.show(mesh(protocol, routes, nodes={"front": front, "outside": server}))
        with contextlib.suppress(Exception):
            await asyncio.wait_for(stage.front.tcp("orders.test", 80, HELLO.get(protocol, b"")), 5)
        await eventually(lambda: _has(heard), "a handshake")
        assert heard[0] == ("outside.test", agreed)


HELLO = {
    "http": b"GET / HTTP/1.1\r\nhost: orders.test\r\nconnection: close\r\n\r\n",
    "http2": b"GET / HTTP/1.1\r\nhost: orders.test\r\nconnection: close\r\n\r\n",
    "grpc": b"GET / HTTP/1.1\r\nhost: orders.test\r\ncontent-type: application/grpc\r\n"
    b"connection: close\r\n\r\n",
    "tcp": b"hello",
}


async def _has(heard: list[tuple[str | None, str | None]]) -> bool:
    return bool(heard)


@contextlib.asynccontextmanager
async def listening_in(
    tls: TlsStage, pair: tuple[str, str]
) -> AsyncIterator[list[tuple[str | None, str | None]]]:
    """A server outside of the mesh that notes the name that is asked for, and what is agreed on."""
    heard: list[tuple[str | None, str | None]] = []
    asked: list[str | None] = []
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*pair)
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.sni_callback = lambda _, name, __: asked.append(name)

    async def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agreed = writer.get_extra_info("ssl_object").selected_alpn_protocol()
        heard.append((asked[-1] if asked else None, agreed))
        writer.close()

    where = tls.stage.machines["outside"].listening("0.0.0.0", 9443)  # noqa: S104 - of the machine's own network
    server = await asyncio.start_server(take, sock=where, ssl=context)
    try:
        yield heard
    finally:
        server.close()


async def test_two_policies_for_one_listener_are_both_kept(tls: TlsStage, files: Files) -> None:
    """Two services lead to blue: one is checked, and refused; the other is not, and answered."""
    front = node("front", "http")
    front["backends"] = [
        {
            "virtualService": {
                "virtualServiceName": "orders.test",
                "clientPolicy": policy(files.trust(OTHERS)),
            }
        },
        {"virtualService": {"virtualServiceName": "stock.test"}},
    ]
    blue = node("blue", listeners=[listener("http", tls=files.blue())])
    routed = {"provider": {"virtualRouter": {"virtualRouterName": "orders"}}}
    await tls.stage.show(mesh(nodes={"front": front, "blue": blue}, services={"stock.test": routed}))
    assert (await tls.stage.front.http("http://orders.test/")).status == 503
    assert (await tls.stage.front.http("http://stock.test/")).who == "blue"
    # Statistics keep the name that dashboards know.
    assert await tls.stage.envoys["front"].stat("cluster.cds_egress_shop_blue_http_8080.ssl.handshake") > 0


async def test_files_that_are_replaced_hold_at_once_and_no_handshake_fails(
    tls: TlsStage, files: Files
) -> None:
    await tls.stage.show(between(files.blue(), policy(files.trust(OURS))))
    assert await tls.is_encrypted()
    before = await shown_certificate(tls)
    OURS.issue("blue.test").written(files.directory, "blue")

    async def is_new() -> bool:
        return await shown_certificate(tls) != before

    await eventually(is_new, "the new certificate")
    assert await tls.is_encrypted()


async def test_files_that_are_not_there_are_told_and_read_once_they_are(tls: TlsStage, files: Files) -> None:
    chain, key = files.directory / "blue.pem", files.directory / "blue.key.pem"
    late = {"file": {"certificateChain": str(chain), "privateKey": str(key)}}
    tls.stage.plane.show(mesh_of(between(serving(late))))

    async def is_told() -> bool:
        return any(str(chain) in why for why in tls.stage.plane.refusals())

    await eventually(is_told, "a refusal that names the file")
    assert await tls.is_refused()
    OURS.issue("blue.test").written(files.directory, "blue")
    await eventually(tls.is_answered, "the certificate is read")
    # What is not watched any more is not told any more.
    tls.stage.plane.show(mesh_of(mesh()))

    async def is_told_no_more() -> bool:
        return not tls.stage.plane.refusals()

    await eventually(is_told_no_more, "no refusal")


async def shown_certificate(tls: TlsStage) -> bytes | None:
    found = await tls.dial(trusting(OURS))
    assert found is not None
    return found.getpeercert(binary_form=True)
