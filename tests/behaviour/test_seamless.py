"""Changes of every kind under load, in HTTP/1.1, HTTP/2 and gRPC: no request fails because of one."""

import pytest

from tests.support.answering import HTTP, HTTP_AGAIN
from tests.support.chance import tries
from tests.support.load import Asked, Change, changed_under_load
from tests.support.stage import Stage
from tests.support.stage_mesh import Spec, listener, mesh, node, router, to

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

PORTS = {"http": 80, "http2": 81, "grpc": 82}
ASKED = [Asked(who, "orders.test", PORTS) for who in ("front", "green")]


def whole() -> Spec:
    """A service in every protocol, that two nodes answer and call."""
    nodes = {
        name: node(name, *PORTS, backends=["orders.test"] if name in ("front", "green") else None)
        for name in ("front", "blue", "green")
    }
    routers = {"orders": router(*((port, protocol) for protocol, port in PORTS.items()))}
    written = mesh(nodes=nodes, routers=routers)
    written["routes"] = {f"orders/{protocol}": shared(protocol, 1, 1) for protocol in PORTS}
    return written


def shared(protocol: str, blue: int, green: int, **rule: Spec) -> Spec:
    """A route to both nodes, each where it listens."""
    listening = {"http": HTTP, "http2": 8081, "grpc": 8082}[protocol]
    targets = [
        {"virtualNode": name, "weight": weight, "port": listening}
        for name, weight in (("blue", blue), ("green", green))
    ]
    return to(targets, protocol, rule=dict(rule), port=PORTS[protocol])


def weights(written: Spec, step: int) -> None:
    for protocol in PORTS:
        written["routes"][f"orders/{protocol}"] = shared(protocol, step % 7, 1 + step % 5)


def a_route_comes(written: Spec, step: int) -> None:
    written["routes"]["orders/more"] = to(
        [{"virtualNode": "green", "weight": 1, "port": HTTP}], priority=step % 1000, prefix="/", port=80
    )


def a_route_goes(written: Spec, _: int) -> None:
    written["routes"].pop("orders/more", None)


def timeouts(written: Spec, step: int) -> None:
    longer = {
        "perRequest": {"unit": "s", "value": 30 + step % 3},
        "idle": {"unit": "s", "value": 60 + step % 2},
    }
    written["routes"]["orders/http"] = shared("http", 1, 1, timeout=longer)
    written["nodes"]["blue"]["listeners"][0]["timeout"] = {"http": longer}


def retries(written: Spec, step: int) -> None:
    policy = {
        "maxRetries": 2 + step % 3,
        "perRetryTimeout": {"unit": "s", "value": 20},
        "httpRetryEvents": ["gateway-error", "stream-error"],
        "tcpRetryEvents": ["connection-error"],
    }
    written["routes"]["orders/http2"] = shared("http2", 1, 1, retryPolicy=policy)


def a_backend_comes(written: Spec, step: int) -> None:
    written["services"][f"more{step}.test"] = {"provider": {"virtualNode": {"virtualNodeName": "blue"}}}
    for name in ("front", "green"):
        backend = {"virtualService": {"virtualServiceName": f"more{step}.test"}}
        written["nodes"][name]["backends"] = [*written["nodes"][name]["backends"][:1], backend]


def backends_go(written: Spec, _: int) -> None:
    for name in ("front", "green"):
        written["nodes"][name]["backends"] = written["nodes"][name]["backends"][:1]


def a_node_is_replaced(written: Spec, step: int) -> None:
    name = f"new{step}"
    written["nodes"][name] = node("blue", *PORTS)
    target = [{"virtualNode": name, "weight": 1, "port": HTTP}]
    written["routes"]["orders/http"] = to(target, port=80)


def the_old_node_goes(written: Spec, _: int) -> None:
    written["routes"]["orders/http"] = shared("http", 1, 1)
    for name in [name for name in written["nodes"] if name.startswith("new")]:
        del written["nodes"][name]


def a_listener_comes(written: Spec, _: int) -> None:
    written["nodes"]["blue"]["listeners"].append(listener("http", HTTP_AGAIN))


def its_port_is_used(written: Spec, _: int) -> None:
    target = [{"virtualNode": "blue", "weight": 1, "port": HTTP_AGAIN}]
    written["routes"]["orders/http"] = to(target, port=80)


def a_node_with_that_port_takes_its_place(written: Spec, step: int) -> None:
    name = f"new{step}"
    written["nodes"][name] = node("blue", listeners=[listener("http", HTTP_AGAIN)])
    target = [{"virtualNode": name, "weight": 1, "port": HTTP_AGAIN}]
    written["routes"]["orders/http"] = to(target, port=80)


def the_port_is_used_no_more(written: Spec, _: int) -> None:
    written["routes"]["orders/http"] = shared("http", 1, 1)


def the_listener_goes(written: Spec, _: int) -> None:
    written["nodes"]["blue"]["listeners"] = written["nodes"]["blue"]["listeners"][:3]


def health_checks(written: Spec, step: int) -> None:
    check = {"healthyThreshold": 2, "unhealthyThreshold": 2 + step % 3, "protocol": "tcp"}
    times = {"intervalMillis": 5000, "timeoutMillis": 2000}
    written["nodes"]["green"]["listeners"][0]["healthCheck"] = {**check, **times}


def outlier_detection(written: Spec, step: int) -> None:
    written["nodes"]["blue"]["listeners"][1]["outlierDetection"] = {
        "maxServerErrors": 5 + step % 3,
        "interval": {"unit": "s", "value": 10},
        "baseEjectionDuration": {"unit": "s", "value": 1},
        "maxEjectionPercent": 50,
    }


def pools(written: Spec, step: int) -> None:
    written["nodes"]["blue"]["listeners"][2]["connectionPool"] = {"grpc": {"maxRequests": 1000 + step}}


def access_logs(written: Spec, step: int) -> None:
    text = {"text": f"{step} %RESPONSE_CODE%\n"}
    file = {"file": {"path": "/dev/null", "format": text}}
    written["nodes"]["green"]["logging"] = {"accessLog": file}


def the_egress_filter(written: Spec, step: int) -> None:
    written["mesh"] = {"egressFilter": {"type": ("ALLOW_ALL", "DROP_ALL")[step % 2]}}


CHANGES: tuple[Change, ...] = (
    *(weights, a_route_comes, timeouts, a_route_goes, retries, a_backend_comes, a_node_is_replaced),
    *(the_old_node_goes, backends_go, a_listener_comes, its_port_is_used),
    *(a_node_with_that_port_takes_its_place, the_old_node_goes, the_listener_goes),
    *(a_listener_comes, its_port_is_used, the_port_is_used_no_more, the_listener_goes),
    *(health_checks, outlier_detection, pools, access_logs, the_egress_filter),
)


async def test_no_request_fails_while_everything_changes(draining_stage: Stage) -> None:
    load = await changed_under_load(draining_stage, whole(), ASKED, CHANGES, tries(usual=69, fuzz=1000))
    assert not load.failures, "\n".join(load.failures)
    assert load.clients_answered() == 8
