"""Changes at a gateway under load: whatever is changed, requests go on being answered."""

import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator

import aiohttp

from tests.support.envoy import eventually
from tests.support.load import repeating
from tests.support.stage import Stage
from tests.support.stage_mesh import GATE, Spec, into, mesh, router, to

STOCK: Spec = {"stock.test": {"provider": {"virtualNode": {"virtualNodeName": "green"}}}}
KEPT: Spec = {"hostname": {"defaultTargetHostname": "DISABLED"}}


async def answerer(session: aiohttp.ClientSession) -> str:
    """Who answers one request to the gateway, or the status that tells what went wrong."""
    async with session.get(f"http://gate.test:{GATE}/") as answer:
        return str((await answer.json(content_type=None))["who"]) if answer.ok else str(answer.status)


@contextlib.asynccontextmanager
async def answered(stage: Stage, first: str) -> AsyncIterator[Counter[str]]:
    """Who answers eight clients that go on asking while the block lasts, and how often.

    They begin once the gateway's workers, which are told after the acknowledgement, serve what is shown.
    """
    answers: Counter[str] = Counter()
    async with stage.outside.session() as session:

        async def is_served() -> bool:
            return await answerer(session) == first

        async def ask() -> None:
            answers[await answerer(session)] += 1

        await eventually(is_served, f"{first} answers")
        async with repeating(ask, clients=8):
            yield answers


async def test_no_request_fails_while_a_gateway_routes_target_changes(stage: Stage) -> None:
    targets = [into("orders.test"), into("stock.test"), into("stock.test", rewrite=KEPT)]
    await stage.show(mesh(entries={"it": targets[0]}, services=STOCK))
    async with answered(stage, "blue") as answers:
        for step in range(60):
            await stage.show(mesh(entries={"it": targets[step % 3]}, services=STOCK))
    assert answers.keys() == {"blue", "green"}, answers


async def hosts(stage: Stage) -> set[str]:
    """The virtual hosts of the gateway's way out."""
    dump = json.loads(await stage.envoys["gate"].get("/config_dump?resource=dynamic_route_configs"))
    return {
        host["name"]
        for one in dump["configs"]
        if one["route_config"]["name"] == "rds_egress_http_15001"
        for host in one["route_config"]["virtual_hosts"]
    }


async def test_a_service_that_no_gateway_route_names_any_more_leaves_after_two_sweeps(stage: Stage) -> None:
    await stage.show(mesh(entries={"it": into("orders.test")}, services=STOCK))
    for _ in range(2):
        stage.plane.reconciler.sweep()
    await stage.show(mesh(entries={"it": into("stock.test")}, services=STOCK))
    for expected in ({"orders.test", "stock.test"}, {"orders.test", "stock.test"}, {"stock.test"}):
        await eventually(stage.is_applied, "what the sweep took away")
        assert await hosts(stage) == expected
        stage.plane.reconciler.sweep()


async def test_a_second_port_of_a_service_is_added_without_a_failed_request(stage: Stage) -> None:
    both = router((80, "http"), (81, "http"))
    routes = {"a": to("blue", prefix="/", port=80), "b": to("green", prefix="/", port=81)}
    one = {"it": into("orders.test", target_port=80, prefix="/")}
    two = {**one, "other": into("orders.test", target_port=81, prefix="/other")}
    await stage.show(mesh(routes=routes, routers={"orders": both}, entries=one))
    async with answered(stage, "blue") as answers:
        for step in range(30):
            entries = two if step % 2 == 0 else one
            await stage.show(mesh(routes=routes, routers={"orders": both}, entries=entries))
    assert answers.keys() == {"blue"}, answers
