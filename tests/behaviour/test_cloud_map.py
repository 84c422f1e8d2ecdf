"""Endpoints from AWS Cloud Map, by its real API, on traffic."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from moto.server import ThreadedMotoServer

from gossamer.mesh.surroundings import Surroundings
from tests.support.answering import HTTP
from tests.support.cloud_map import NAMESPACE, Registry, running_registry
from tests.support.envoy import eventually
from tests.support.stage import Stage
from tests.support.stage_mesh import Spec, listener, mesh, to

BLUE, GREEN = "10.88.0.3", "10.88.0.4"
MEMBERS = pytest.mark.shows(
    "ServiceDiscovery.awsCloudMap",
    "AwsCloudMapServiceDiscovery.namespaceName",
    "AwsCloudMapServiceDiscovery.serviceName",
)


@pytest_asyncio.fixture(loop_scope="session")
async def registry(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Registry]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    async with running_registry(stage.plane.reconciler) as found:
        yield found


def listed(service: str = "orders", **more: object) -> Spec:
    """The usual mesh, in which orders.test is a node that Cloud Map finds."""
    discovery = {"awsCloudMap": {"namespaceName": NAMESPACE, "serviceName": service, **more}}
    node = {"listeners": [listener("http")], "serviceDiscovery": discovery}
    return mesh(routes={"all": to("listed")}, nodes={"listed": node})


async def answers(stage: Stage) -> Counter[str]:
    """Who answers eight requests, or with which status."""
    found = [await stage.front.http("http://orders.test/") for _ in range(8)]
    return Counter(one.who if one.status == 200 else str(one.status) for one in found)


def answered_by(stage: Stage, *who: str) -> Any:
    async def check() -> bool:
        return set(await answers(stage)) == set(who)

    return check


@MEMBERS
async def test_requests_go_to_the_instances_that_are_listed_and_to_no_others(
    stage: Stage, registry: Registry
) -> None:
    service = registry.service("orders")
    registry.register(service, "one", ipv4=BLUE)
    await stage.show(listed())
    await eventually(answered_by(stage, "blue"), "blue alone answers")
    registry.register(service, "two", ipv4=GREEN)
    await eventually(answered_by(stage, "blue", "green"), "both answer")
    registry.deregister(service, "one")
    await eventually(answered_by(stage, "green"), "only the one that is left answers")
    registry.deregister(service, "two")
    await eventually(answered_by(stage, "503"), "nobody is left")


async def test_an_instance_that_is_unwell_gets_no_requests_until_it_is_well(
    stage: Stage, registry: Registry
) -> None:
    service = registry.service("orders")
    registry.register(service, "one", ipv4=BLUE)
    registry.register(service, "two", ipv4=GREEN)
    registry.says(service, "two", "UNHEALTHY")
    await stage.show(listed())
    await eventually(answered_by(stage, "blue"), "blue alone answers")
    registry.says(service, "two", "HEALTHY")
    await eventually(answered_by(stage, "blue", "green"), "both answer")


@pytest.mark.shows(
    "AwsCloudMapServiceDiscovery.attributes",
    "AwsCloudMapInstanceAttribute.key",
    "AwsCloudMapInstanceAttribute.value",
)
async def test_an_instance_must_carry_every_attribute(stage: Stage, registry: Registry) -> None:
    service = registry.service("orders")
    registry.register(service, "one", ipv4=BLUE, colour="blue", stage="live")
    registry.register(service, "two", ipv4=GREEN, colour="green", stage="live")
    registry.register(service, "none", ipv4="10.88.0.99", colour="blue")
    wanted = [{"key": "stage", "value": "live"}, {"key": "colour", "value": "blue"}]
    await stage.show(listed(attributes=wanted))
    await eventually(answered_by(stage, "blue"), "blue alone answers")


async def test_the_listeners_port_counts_and_not_the_one_that_is_registered(
    stage: Stage, registry: Registry
) -> None:
    registry.register(registry.service("orders"), "one", ipv4=BLUE, AWS_INSTANCE_PORT="1")
    await stage.show(listed())
    await eventually(answered_by(stage, "blue"), "blue alone answers")


@pytest.mark.parametrize(
    ("preference", "expected"),
    [
        (None, [f"{BLUE}:{HTTP}", f"[fd88::4]:{HTTP}"]),
        ("IPv4_PREFERRED", [f"{BLUE}:{HTTP}", f"[fd88::4]:{HTTP}"]),
        ("IPv6_PREFERRED", [f"[fd88::3]:{HTTP}", f"[fd88::4]:{HTTP}"]),
        ("IPv4_ONLY", [f"{BLUE}:{HTTP}"]),
        ("IPv6_ONLY", [f"[fd88::3]:{HTTP}", f"[fd88::4]:{HTTP}"]),
    ],
)
@pytest.mark.shows("AwsCloudMapServiceDiscovery.ipPreference", "MeshServiceDiscovery.ipPreference")
async def test_the_preferred_address_of_each_instance_is_used(
    stage: Stage, registry: Registry, preference: str | None, expected: list[str]
) -> None:
    service = registry.service("orders")
    registry.register(service, "both", ipv4=BLUE, ipv6="fd88::3")
    registry.register(service, "six", ipv6="fd88::4")
    written = listed()
    if preference is not None:
        written["mesh"] = {"serviceDiscovery": {"ipPreference": preference}}
    await stage.show(written)

    async def is_as_expected() -> bool:
        lines = (await stage.envoys["front"].get("/clusters")).splitlines()
        found = {
            line.split("::cx_active")[0] for line in lines if "_listed_" in line and "::cx_active" in line
        }
        return found == {f"cds_egress_shop_listed_http_{HTTP}::{host}" for host in expected}

    await eventually(is_as_expected, "the preferred addresses")
    if preference is not None:  # without one, nobody listens to IPv6
        await eventually(answered_by(stage, *("blue", "green")[: len(expected)]), "as many answer")


async def test_while_cloud_map_is_away_the_last_endpoints_serve_and_a_problem_says_so(
    stage: Stage, registry: Registry
) -> None:
    registry.register(registry.service("orders"), "one", ipv4=BLUE)
    await stage.show(listed())
    await eventually(answered_by(stage, "blue"), "blue alone answers")
    registry.server.stop()
    await eventually(_problem(stage, "the endpoints that were known last are used"), "a problem")
    await eventually(answered_by(stage, "blue"), "blue alone answers")
    again = ThreadedMotoServer(*registry.server.get_host_and_port(), verbose=False)
    again.start()
    await eventually(_no_problem(stage), "no problem any more")
    again.stop()


@pytest.mark.usefixtures("registry")
async def test_a_service_that_is_not_there_is_answered_503_and_told(stage: Stage) -> None:
    await stage.show(listed("misspelt"))
    await eventually(answered_by(stage, "503"), "503 alone answers")
    await eventually(_problem(stage, "Cloud Map lists no instance of misspelt in shop.local"), "a problem")


async def test_only_services_that_a_proxy_needs_are_asked_for(stage: Stage, registry: Registry) -> None:
    registry.register(registry.service("orders"), "one", ipv4=BLUE)
    unused = listed("unused")["nodes"]["listed"]
    written = listed()
    written["nodes"]["unused"] = unused
    await stage.show(written)
    await eventually(answered_by(stage, "blue"), "blue answers")
    registry.asked.clear()
    await eventually(answered_by(stage, "blue"), "blue answers still")
    assert {asked["ServiceName"] for _, asked in registry.asked} <= {"orders"}
    await stage.show(mesh())

    async def is_quiet() -> bool:
        registry.asked.clear()
        for _ in range(10):
            await stage.front.http("http://orders.test/")
        return not registry.asked

    await eventually(is_quiet, "nobody is asked any more")


async def test_without_cloud_map_its_nodes_are_answered_503_and_told(stage: Stage) -> None:
    stage.plane.reconciler.surround(Surroundings(has_cloud_map=False))
    await stage.show(listed())
    await eventually(answered_by(stage, "503"), "503 alone answers")
    assert await _problem(stage, "which this server does not ask (--cloud-map)")()


def _problem(stage: Stage, words: str) -> Any:
    async def check() -> bool:
        found = stage.plane.reconciler.problems("shop")
        return any(words in one.why for one in found or ())

    return check


def _no_problem(stage: Stage) -> Any:
    async def check() -> bool:
        found = stage.plane.reconciler.problems("shop")
        return not any("Cloud Map" in one.why for one in found or ())

    return check
