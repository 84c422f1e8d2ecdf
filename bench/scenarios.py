"""The table of scenarios: what each measures, and how long it may take on two idle cores."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.affected import affected
from bench.agent import agent
from bench.api.scenario import api
from bench.cold_start import cold_start
from bench.console import console
from bench.dataplane.compare import dataplane
from bench.fanout import fanout
from bench.memory import memory
from bench.mesh_size import mesh_size
from bench.propagation import propagation
from bench.result import Result
from bench.storm import storm


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing that is measured; `run` must be over within the limit, or it failed."""

    about: str
    run: Callable[[], Coroutine[Any, Any, Sequence[Result]]]
    limit_s: float


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "propagation": Scenario("a change answered by the API → applied by one real Envoy", propagation, 60),
    "fanout": Scenario("one change → every delta stream has acknowledged it", fanout, 180),
    "api": Scenario("creates, reads and lists through the API", api, 150),
    "cold-start": Scenario("a control plane starts → its first proxy is configured", cold_start, 60),
    "storm": Scenario("every proxy reconnects to a restarted control plane", storm, 120),
    "memory": Scenario("what a control plane and a connected proxy weigh", memory, 90),
    "mesh-size": Scenario("everything compiled, and one route changed, as the mesh grows", mesh_size, 120),
    "affected": Scenario("one route changed, as more proxies look at it", affected, 120),
    "dataplane": Scenario(
        "what a request costs through sidecars and gateways, setting by setting", dataplane, 480
    ),
    "console": Scenario("a mesh of 300 services opened and searched in Chromium", console, 60),
    "agent": Scenario("what an agent costs beside its Envoy", agent, 60),
}
