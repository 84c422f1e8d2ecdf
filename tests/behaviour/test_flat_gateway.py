"""A gateway in one step: requests go straight on, and are counted as if they had taken both."""

import pytest

from gossamer.mesh.data_plane import FAITHFUL, DataPlane
from tests.support.answering import Reply, Seen
from tests.support.envoy import eventually
from tests.support.stage import Stage
from tests.support.stage_mesh import GATE, Spec, into, listener, mesh, to

ONE_STEP = DataPlane(has_flat_gateways=True)
SELF = "cluster.cds_ingress_shop_gate_self_redirect_http_15001"
COUNTED = (
    *(f"http.egress.downstream_rq_{end}" for end in ("total", "completed", "2xx", "4xx", "5xx")),
    *(f"{SELF}.upstream_rq_{end}" for end in ("total", "completed", "2xx", "4xx", "5xx")),
    *("http.ingress.downstream_rq_total", "cluster.cds_egress_shop_blue_http_8080.upstream_rq_total"),
)
#: Counted by the cluster itself, and by nothing else.
WENT_BOTH_STEPS = f"{SELF}.upstream_rq_200"


async def stats(stage: Stage, names: tuple[str, ...]) -> list[int]:
    return [await stage.envoys["gate"].stat(name) for name in names]


async def steps(stage: Stage, url: str = "/") -> int:
    """How many steps a request takes."""
    before = await stage.envoys["gate"].stat(WENT_BOTH_STEPS)
    assert (await stage.outside.http(f"http://gate.test:{GATE}{url}")).who == "blue"
    return 1 + await stage.envoys["gate"].stat(WENT_BOTH_STEPS) - before


async def show(stage: Stage, way: DataPlane, written: Spec) -> None:
    stage.use(way)
    await stage.show(written)


@pytest.mark.parametrize("status", [200, 404, 503])
async def test_what_goes_straight_is_counted_under_the_same_names(stage: Stage, status: int) -> None:
    async def reply(_: Seen) -> Reply:
        return Reply(status, body=b"")

    async def counted(way: DataPlane) -> list[int]:
        await show(stage, way, mesh())
        stage.apps["blue"].reply = reply
        before = await stats(stage, COUNTED)
        for _ in range(3):
            assert (await stage.outside.http(f"http://gate.test:{GATE}/")).status == status
        return [now - old for now, old in zip(await stats(stage, COUNTED), before, strict=True)]

    usual = await counted(FAITHFUL)
    assert usual[0] == 3
    assert await counted(ONE_STEP) == usual


async def test_times_are_counted_too(stage: Stage) -> None:
    await show(stage, ONE_STEP, mesh())
    await stage.envoys["gate"].get("/reset_counters")
    assert (await stage.outside.http(f"http://gate.test:{GATE}/")).who == "blue"

    async def are_there() -> bool:
        shown = await stage.envoys["gate"].get("/stats/prometheus?filter=rq_time")
        wanted = ('envoy_http_downstream_rq_time_count{envoy_http_conn_manager_prefix="egress"} ',)
        return all(f"{one}0" not in shown and one in shown for one in wanted)

    await eventually(are_there, "times of requests on the way out")


async def test_a_request_goes_straight_on(stage: Stage) -> None:
    await show(stage, FAITHFUL, mesh())
    assert await steps(stage) == 2
    await show(stage, ONE_STEP, mesh())
    assert await steps(stage) == 1


@pytest.mark.parametrize(
    ("entry", "route"),
    [
        (into("orders.test", prefix="/a/"), to("blue", path={"regex": "/.*"})),
        (
            into("orders.test", prefix="/a/"),
            to("blue", prefix="/", headers=[{"name": "x-envoy-original-path"}]),
        ),
        (into("orders.test", prefix="/a"), to("blue")),
    ],
    ids=["an expression", "a header of the first step", "a path that may be normalised again"],
)
async def test_what_may_not_be_the_same_still_takes_both_steps(
    stage: Stage, entry: Spec, route: Spec
) -> None:
    await show(stage, ONE_STEP, mesh(entries={"all": entry}, routes={"all": route}))
    assert await steps(stage, "/ab" if entry["httpRoute"]["match"]["prefix"] == "/a" else "/a/b") == 2


async def test_limits_on_the_way_out_keep_the_way_out(stage: Stage) -> None:
    limited = listener("http", GATE, connectionPool={"http": {"maxConnections": 100}})
    await show(stage, ONE_STEP, mesh(gateways={"gate": {"listeners": [limited]}}))
    assert await steps(stage) == 2
