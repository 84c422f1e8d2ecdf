"""Rules and dashboards name only what the real Envoy tells, under App Mesh's names."""

from tests.support.envoy import RunningEnvoy
from tests.support.monitoring import metrics
from tests.support.stage import Stage
from tests.support.stage_mesh import GATE, listener, mesh, node

OUTLIERS = {
    "maxServerErrors": 5,
    "interval": {"unit": "s", "value": 10},
    "baseEjectionDuration": {"unit": "s", "value": 1},
    "maxEjectionPercent": 50,
}


async def told(envoy: RunningEnvoy) -> set[str]:
    """The names of what one tells Prometheus."""
    text = await envoy.get("/stats/prometheus")
    return {line.partition("{")[0].partition(" ")[0] for line in text.splitlines() if line[:1] != "#"}


async def test_every_metric_of_envoy_that_is_named_is_one_that_it_tells(stage: Stage) -> None:
    blue = node("blue", listeners=[listener("http", outlierDetection=OUTLIERS)])
    await stage.show(mesh(nodes={"blue": blue}))
    assert (await stage.front.http("http://orders.test/")).status == 200
    assert (await stage.outside.http(f"http://{stage.machines['gate'].address}:{GATE}/")).status == 200
    there = set().union(*[await told(one) for one in stage.envoys.values()])
    named = {name for name in metrics() if name.startswith("envoy_")}
    assert len(named) > 15
    assert named - there == set()
