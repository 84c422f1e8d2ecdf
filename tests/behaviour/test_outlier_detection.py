"""When an endpoint that fails is set aside, for how long, and that never all traffic is lost over it."""

import asyncio
import itertools

import pytest

from tests.support.answering import HTTP, Reply
from tests.support.calling import counted
from tests.support.envoy import eventually
from tests.support.failing import always, first
from tests.support.stage import Stage
from tests.support.stage_mesh import Spec, listener, mesh, to

NO_RETRY: Spec = {
    "retryPolicy": {
        "maxRetries": 0,
        "perRetryTimeout": {"unit": "s", "value": 15},
        "tcpRetryEvents": ["connection-error"],
    }
}
LONG: Spec = {"unit": "s", "value": 300}
SHORT: Spec = {"unit": "ms", "value": 100}
#: A node of its own for each mesh shown: what is set aside stays so for as long as its node is there.
NUMBERS = itertools.count()


def cluster(written: Spec) -> str:
    """What the statistics of the two endpoints begin with."""
    (name,) = (name for name in written["nodes"] if name.startswith("pair"))
    return f"cluster.cds_egress_shop_{name}_http_{HTTP}"


def watched(errors: int = 1, ejection: Spec = LONG, percent: int = 100, interval: Spec = LONG) -> Spec:
    """A node of two endpoints, on two machines."""
    detection = {
        "maxServerErrors": errors,
        "interval": interval,
        "baseEjectionDuration": ejection,
        "maxEjectionPercent": percent,
    }
    found = {"dns": {"hostname": "two.test", "responseType": "ENDPOINTS"}}
    spec = {"listeners": [listener("http", outlierDetection=detection)], "serviceDiscovery": found}
    name = f"pair{next(NUMBERS)}"
    return mesh(nodes={name: spec}, routes={"all": to(name, rule=NO_RETRY)})


async def show(stage: Stage, written: Spec) -> None:
    stage.names["two.test"] = [stage.machines[name].address for name in ("blue", "green")]
    await stage.show(written)


async def set_aside(stage: Stage, written: Spec, count: int = 1) -> None:
    """Return once so many endpoints are: Envoy's main thread does it, after a worker saw the error."""
    active = f"{cluster(written)}.outlier_detection.ejections_active"

    async def is_done() -> bool:
        return await stage.envoys["front"].stat(active) == count

    await eventually(is_done, f"{count} set aside")


async def succeeds(stage: Stage) -> bool:
    """Whether twelve requests do: workers hear a little later of who is set aside."""
    return await statuses(stage, 12) == [200] * 12


async def statuses(stage: Stage, count: int) -> list[int]:
    return [(await stage.front.http("http://orders.test/")).status for _ in range(count)]


@pytest.mark.shows(
    *("Listener.outlierDetection", "OutlierDetection.maxServerErrors"),
    *("OutlierDetection.baseEjectionDuration", "OutlierDetection.interval"),
)
@pytest.mark.parametrize("errors", [1, 3])
async def test_an_endpoint_is_set_aside_after_so_many_errors_in_a_row(stage: Stage, errors: int) -> None:
    written = watched(errors)
    await show(stage, written)
    blue = stage.apps["blue"]
    blue.reply = always(Reply(500))
    while len(blue.seen) < errors:
        await statuses(stage, 1)
    await set_aside(stage, written)
    await eventually(lambda: succeeds(stage), "nobody asks it")
    assert len(blue.seen) <= errors + 1
    answers = [await stage.front.http("http://orders.test/") for _ in range(6)]
    assert counted(answers) == {"green": 6}


async def test_an_answer_of_success_starts_the_count_again(stage: Stage) -> None:
    await show(stage, watched(3))
    failing = iter([500, 500, 200, 500, 500, 200] * 10)

    async def now_and_then(_: object) -> Reply:
        return Reply(next(failing))

    stage.apps["blue"].reply = now_and_then
    await statuses(stage, 24)
    assert len(stage.apps["blue"].seen) == 12


@pytest.mark.shows("OutlierDetection.baseEjectionDuration", "OutlierDetection.interval")
async def test_an_endpoint_comes_back_after_its_time(stage: Stage) -> None:
    await show(stage, watched(1, ejection=SHORT, interval=SHORT))
    stage.apps["blue"].reply = first(1, Reply(500))
    assert (await statuses(stage, 4)).count(500) == 1
    async with asyncio.timeout(60):
        while len(stage.apps["blue"].seen) < 3:
            await statuses(stage, 1)


@pytest.mark.shows("OutlierDetection.maxEjectionPercent")
async def test_no_more_than_the_share_is_set_aside_but_always_one_may_be(stage: Stage) -> None:
    half = watched(1, percent=50)
    await show(stage, half)
    for app in ("blue", "green"):
        stage.apps[app].reply = always(Reply(500))
    await statuses(stage, 12)
    await set_aside(stage, half)
    assert 500 in await statuses(stage, 12)
    await set_aside(stage, half)
    for app in ("blue", "green"):
        stage.apps[app].forget()
    tenth = watched(1, percent=10)
    await show(stage, tenth)
    stage.apps["blue"].reply = always(Reply(500))
    assert 500 in await statuses(stage, 12)
    await set_aside(stage, tenth)
    await eventually(lambda: succeeds(stage), "nobody asks it")


async def test_with_all_endpoints_set_aside_requests_still_go_to_them(stage: Stage) -> None:
    """Envoy's panic threshold, 50 percent, stays."""
    written = watched(1)
    await show(stage, written)
    for app in ("blue", "green"):
        stage.apps[app].reply = first(1, Reply(500))
    await statuses(stage, 4)
    await set_aside(stage, written, 2)
    assert await statuses(stage, 6) == [200] * 6
