"""Changes at a virtual gateway under load from outside, in HTTP/1.1, HTTP/2 and gRPC: no request fails."""

import pytest

from tests.support.answering import GRPC, HTTP, HTTP2
from tests.support.chance import tries
from tests.support.load import Asked, Change, changed_under_load
from tests.support.stage import Stage
from tests.support.stage_mesh import GATE, Spec, into, listener, mesh, node, router, to

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

LISTENING = {"http": HTTP, "http2": HTTP2, "grpc": GRPC}
PORTS = {"http": 80, "http2": 81, "grpc": 82}
GATES = {"http": GATE, "http2": 8001, "grpc": 8002}
ASKED = [Asked("outside", "gate.test", GATES)]
KEPT: Spec = {"hostname": {"defaultTargetHostname": "DISABLED"}}


def whole() -> Spec:
    """A gateway with a listener of each protocol, before two services that two nodes answer."""
    written = mesh(
        nodes={name: node(name, *PORTS) for name in ("blue", "green")},
        routers={"orders": router(*((port, protocol) for protocol, port in PORTS.items()))},
        services={"stock.test": {"provider": {"virtualNode": {"virtualNodeName": "green"}}}},
        gateways={"gate": {"listeners": [listener(protocol, port) for protocol, port in GATES.items()]}},
    )
    weigh(written, 1, 1)
    written["gateway_routes"] = {f"gate/{protocol}": entry(protocol) for protocol in PORTS}
    return written


def weigh(written: Spec, blue: int, green: int) -> None:
    written["routes"] = {
        f"orders/{protocol}": to(
            [
                {"virtualNode": name, "weight": weight, "port": LISTENING[protocol]}
                for name, weight in (("blue", blue), ("green", green))
            ],
            protocol,
            port=port,
        )
        for protocol, port in PORTS.items()
    }


def entry(protocol: str, rewrite: Spec | None = None) -> Spec:
    """What comes in by one listener goes to orders.test."""
    everything: Spec = {} if protocol == "grpc" else {"prefix": "/"}
    return into(
        "orders.test",
        protocol,
        priority=500,
        rewrite=rewrite,
        target_port=PORTS[protocol],
        port=GATES[protocol],
        **everything,
    )


def more(step: int, service: str, port: int) -> Spec:
    return into(service, priority=step % 400, target_port=port, port=GATE, prefix="/")


def a_gateway_route_comes(written: Spec, step: int) -> None:
    written["gateway_routes"]["gate/more"] = more(step, "orders.test", PORTS["http"])


def it_leads_to_another_service(written: Spec, step: int) -> None:
    written["gateway_routes"]["gate/more"] = more(step, "stock.test", HTTP)


def it_goes(written: Spec, _: int) -> None:
    written["gateway_routes"].pop("gate/more", None)


def weights(written: Spec, step: int) -> None:
    weigh(written, step % 7, 1 + step % 5)


def the_host_is_kept(written: Spec, _: int) -> None:
    for protocol in PORTS:
        written["gateway_routes"][f"gate/{protocol}"] = entry(protocol, KEPT)


def the_host_is_rewritten(written: Spec, _: int) -> None:
    for protocol in PORTS:
        written["gateway_routes"][f"gate/{protocol}"] = entry(protocol)


def the_prefix_is_rewritten(written: Spec, step: int) -> None:
    for protocol in ("http", "http2"):
        rewrite = {"prefix": {"value": f"/{step}/"}}
        written["gateway_routes"][f"gate/{protocol}"] = entry(protocol, rewrite)


def the_service_is_answered_by_another_node(written: Spec, step: int) -> None:
    """A new name that leads to the same machine."""
    written["nodes"][f"new{step}"] = node("blue", *PORTS)
    written["services"]["stock.test"] = {"provider": {"virtualNode": {"virtualNodeName": f"new{step}"}}}


def the_old_node_answers_again(written: Spec, _: int) -> None:
    written["services"]["stock.test"] = {"provider": {"virtualNode": {"virtualNodeName": "green"}}}
    for name in [name for name in written["nodes"] if name.startswith("new")]:
        del written["nodes"][name]


def a_listener_comes(written: Spec, _: int) -> None:
    written["gateways"]["gate"]["listeners"].append(listener("http", 8003))


def the_listener_goes(written: Spec, _: int) -> None:
    written["gateways"]["gate"]["listeners"].pop()


def pools(written: Spec, step: int) -> None:
    pool = {"http": {"maxConnections": 1000 + step}}
    written["gateways"]["gate"]["listeners"][0] = listener("http", GATE, connectionPool=pool)


def access_logs(written: Spec, step: int) -> None:
    file = {"file": {"path": "/dev/null", "format": {"text": f"{step} %RESPONSE_CODE%\n"}}}
    written["gateways"]["gate"]["logging"] = {"accessLog": file}


CHANGES: tuple[Change, ...] = (
    *(a_gateway_route_comes, weights, it_leads_to_another_service, the_service_is_answered_by_another_node),
    *(the_host_is_kept, the_old_node_answers_again, it_goes, the_host_is_rewritten, a_listener_comes),
    *(the_prefix_is_rewritten, the_listener_goes, the_host_is_rewritten, pools, access_logs),
)


async def test_no_request_from_outside_fails_while_a_gateway_changes(draining_stage: Stage) -> None:
    load = await changed_under_load(draining_stage, whole(), ASKED, CHANGES, tries(usual=42, fuzz=500))
    assert not load.failures, "\n".join(load.failures)
    assert load.clients_answered() == 4
