"""Changes of TLS under load between proxies, in HTTP/1.1, HTTP/2 and gRPC: no request fails.

front → orders.test → blue, green;  green → stock.test → blue;  outside → gate → orders.test
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from cryptography import x509

from gossamer.mesh.surroundings import Certificate, Surroundings
from tests.support.answering import GRPC, HTTP, HTTP2, HTTP_AGAIN
from tests.support.chance import tries
from tests.support.load import Asked, Change, changed_under_load
from tests.support.pki import Authority, replaced
from tests.support.stage import Stage
from tests.support.stage_mesh import GATE, Spec, into, listener, mesh, node, router, to
from tests.support.tls_mesh import AUTHORITY_ARN, Files, policy, serving

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

LISTENING = {"http": HTTP, "http2": HTTP2, "grpc": GRPC}
PORTS = {"http": 80, "http2": 81, "grpc": 82}
GATES = {"http": GATE, "http2": 8001, "grpc": 8002}
ASKED = [
    Asked("front", "orders.test", PORTS),
    Asked("green", "stock.test", PORTS),
    Asked("outside", "gate.test", GATES),
]
SERVICES = {"orders": ("blue", "green"), "stock": ("blue",)}
SERVERS = ("blue", "green")
Taken = Callable[[], Awaitable[bool]]


def whole() -> Spec:
    """No proxy calls itself: what it opens is not intercepted, so the application would be sent TLS."""
    ports = router(*((port, protocol) for protocol, port in PORTS.items()))
    backends = {"front": ["orders.test"], "green": ["stock.test"]}
    written = mesh(
        nodes={name: node(name, *PORTS, backends=backends.get(name)) for name in ("front", *SERVERS)},
        routers=dict.fromkeys(SERVICES, ports),
        services={"stock.test": {"provider": {"virtualRouter": {"virtualRouterName": "stock"}}}},
        gateways={"gate": {"listeners": [listener(protocol, port) for protocol, port in GATES.items()]}},
    )
    written["routes"] = {
        f"{service}/{protocol}": route(service, protocol, LISTENING[protocol])
        for service in SERVICES
        for protocol in PORTS
    }
    written["gateway_routes"] = {f"gate/{protocol}": entry(protocol) for protocol in PORTS}
    return written


def entry(protocol: str) -> Spec:
    """What comes in by one listener of the gateway goes to orders.test."""
    everything: Spec = {} if protocol == "grpc" else {"prefix": "/"}
    return into("orders.test", protocol, target_port=PORTS[protocol], port=GATES[protocol], **everything)


def route(service: str, protocol: str, listening: int, **rule: Spec) -> Spec:
    """A route to every node of a service."""
    targets = [{"virtualNode": name, "weight": 1, "port": listening} for name in SERVICES[service]]
    return to(targets, protocol, rule=dict(rule), port=PORTS[protocol])


@dataclass
class World:
    """The changes, and what of the world outside of meshes they need."""

    stage: Stage
    files: Files
    authority: Authority = field(default_factory=lambda: Authority("one"))
    next: Authority = field(default_factory=lambda: Authority("two"))
    roots: str = ""
    certificates: dict[str, Certificate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Certificates and roots are in files, and behind ARNs."""
        self._trust(self.authority)
        self._issue()

    def listeners_take_both(self, written: Spec, _: int) -> None:
        self._serve(written, "PERMISSIVE")

    def listeners_take_tls_alone(self, written: Spec, _: int) -> None:
        self._serve(written, "STRICT")

    def certificates_come_from_arns(self, written: Spec, _: int) -> None:
        """Of the same authority as those in files."""
        for name in SERVERS:
            for one in written["nodes"][name]["listeners"]:
                one["tls"] = serving({"acm": {"certificateArn": arn_of(name)}}, one["tls"]["mode"])

    def clients_trust_a_file_if_tls_is_taken(self, written: Spec, _: int) -> None:
        ask(written, policy(self._root_file, enforce=False))

    def clients_demand_tls(self, written: Spec, _: int) -> None:
        ask(written, policy(self._root_file))

    def clients_trust_an_arn(self, written: Spec, _: int) -> None:
        ask(written, policy({"acm": {"certificateAuthorityArns": [AUTHORITY_ARN]}}))

    def clients_follow_the_listener(self, written: Spec, _: int) -> None:
        ask(written, None)

    def certificates_are_rotated(self, _: Spec, __: int) -> Taken:
        return self._issue()

    def both_authorities_are_trusted(self, _: Spec, __: int) -> Taken:
        return self._trust(self.next, self.authority)

    def the_next_authority_issues(self, _: Spec, __: int) -> Taken:
        self.authority, self.next = self.next, self.authority
        return self._issue()

    def the_next_authority_alone_is_trusted(self, _: Spec, __: int) -> Taken:
        return self._trust(self.authority)

    @property
    def _root_file(self) -> Spec:
        return {"file": {"certificateChain": str(self.files.directory / "roots.pem")}}

    def _serve(self, written: Spec, mode: str) -> None:
        for name in SERVERS:
            chain = str(self.files.directory / f"{name}.pem")
            key = str(self.files.directory / f"{name}.key.pem")
            for one in written["nodes"][name]["listeners"]:
                one["tls"] = serving({"file": {"certificateChain": chain, "privateKey": key}}, mode)

    def _issue(self) -> Taken:
        """New certificates for all, in files and behind ARNs; true once every server shows its own."""
        pairs = {name: self.authority.issue(f"{name}.test") for name in SERVERS}
        for name, pair in pairs.items():
            self.files.certificate(name, pair)
        self.certificates = {arn_of(name): Certificate(pair.chain, pair.key) for name, pair in pairs.items()}
        self._surround()
        return self._is_held({name: pair.chain for name, pair in pairs.items()})

    def _trust(self, *authorities: Authority) -> Taken:
        """Trust in these, in a file and behind ARNs; true once every client knows the first."""
        self.roots = "".join(one.root for one in authorities)
        replaced(self.files.directory / "roots.pem", self.roots)
        self._surround()
        return self._is_held(dict.fromkeys(("front", "green", "gate"), self.roots))

    def _surround(self) -> None:
        trust = dict.fromkeys((*map(arn_of, SERVERS), AUTHORITY_ARN), self.roots)
        self.stage.plane.reconciler.surround(Surroundings(certificates=self.certificates, trust=trust))

    def _is_held(self, pems: dict[str, str]) -> Taken:
        """Whether each of these proxies holds a certificate; nobody acknowledges what is read from a file."""
        serials = {name: serial_of(pem) for name, pem in pems.items()}

        async def is_held() -> bool:
            shown = [
                (await self.stage.envoys[name].get("/certs"), serial) for name, serial in serials.items()
            ]
            return all(serial in certificates for certificates, serial in shown)

        return is_held


def serial_of(pem: str) -> str:
    """The first certificate's, as Envoy writes it: bytes in hexadecimal, none of zero before the others."""
    number = x509.load_pem_x509_certificate(pem.encode()).serial_number
    return number.to_bytes((number.bit_length() + 7) // 8).hex()


def arn_of(name: str) -> str:
    return f"arn:aws:acm:us-west-2:123456789012:certificate/{name}"


def ask(written: Spec, client_policy: Spec | None) -> None:
    """What all clients ask of listeners."""
    for spec in (written["nodes"]["front"], written["nodes"]["green"], written["gateways"]["gate"]):
        spec["backendDefaults"] = {"clientPolicy": client_policy} if client_policy else {}


def a_tls_port_comes(written: Spec, _: int) -> None:
    for name in SERVERS:
        tls = serving({"sds": {"secretName": name}})
        written["nodes"][name]["listeners"].append(listener("http", HTTP_AGAIN, tls=tls))


def its_port_is_used(written: Spec, _: int) -> None:
    for service in SERVICES:
        written["routes"][f"{service}/http"] = route(service, "http", HTTP_AGAIN)


def the_port_is_used_no_more(written: Spec, _: int) -> None:
    for service in SERVICES:
        written["routes"][f"{service}/http"] = route(service, "http", HTTP)


def the_tls_port_goes(written: Spec, _: int) -> None:
    for name in SERVERS:
        written["nodes"][name]["listeners"].pop()


#: From plain text to TLS, and back.
BY_A_SECOND_PORT: tuple[Change, ...] = (
    a_tls_port_comes,
    its_port_is_used,
    the_port_is_used_no_more,
    the_tls_port_goes,
)


def changes(world: World) -> tuple[Change, ...]:
    """Each in an order in which both ends can live with what the other does.

    A listener that begins to offer TLS is not among them: see docs/explanation/seamless-changes.md.
    """
    rotation = (
        world.both_authorities_are_trusted,
        world.the_next_authority_issues,
        world.the_next_authority_alone_is_trusted,
    )
    return (
        *(world.clients_trust_a_file_if_tls_is_taken, world.certificates_are_rotated),
        *(world.clients_demand_tls, world.listeners_take_tls_alone),
        *rotation,
        *(world.certificates_come_from_arns, world.clients_trust_an_arn, world.certificates_are_rotated),
        *rotation,
        *(world.clients_follow_the_listener, world.certificates_are_rotated, world.listeners_take_both),
    )


async def test_no_request_fails_while_tls_changes(draining_stage: Stage, files: Files) -> None:
    world, written = World(draining_stage, files), whole()
    world.listeners_take_both(written, 0)
    every = changes(world)
    count = tries(usual=len(every), fuzz=400)
    load = await changed_under_load(draining_stage, written, ASKED, every, count)
    assert not load.failures, "\n".join(load.failures)
    assert load.clients_answered() == 12


async def test_no_request_fails_while_targets_move_to_a_port_with_tls(draining_stage: Stage) -> None:
    for name in SERVERS:
        await draining_stage.secrets.show(name, Authority("beside").issue(f"{name}.test"))
    count = tries(usual=8, fuzz=100)
    load = await changed_under_load(draining_stage, whole(), ASKED, BY_A_SECOND_PORT, count)
    assert not load.failures, "\n".join(load.failures)
    assert load.clients_answered() == 12
