"""Every variable with its effect, seen at a running agent; docs/reference/agent-effects.md is this table."""

import json
import signal
from collections import defaultdict
from pathlib import Path

import pytest

from tests.golden.sidecar import cases
from tests.support.agent_process import AgentProcess, agent_process, eventually
from tests.support.effects import CONFIG, EFFECTS, Effect

pytestmark = pytest.mark.e2e

RUNS: dict[str, list[Effect]] = defaultdict(list)
for effect in EFFECTS:
    if effect.run:
        RUNS[effect.run].append(effect)


def page(agent: AgentProcess, target: str) -> str:
    """A page as one line; of a bootstrap without the list of all that Envoy was built with."""
    status, body = agent.ask(target)
    if status != 200:
        return ""
    if target.startswith("/stats"):
        return body.decode()
    found = json.loads(body)
    if target == CONFIG:
        found = found["configs"][0]["bootstrap"]
        found["node"].pop("extensions", None)
    return json.dumps(found, separators=(",", ":"), sort_keys=True)


@pytest.mark.parametrize("run", RUNS)
def test_every_variable_has_its_effect_on_what_runs(tmp_path: Path, run: str) -> None:
    environ = {"APPMESH_RESOURCE_ARN": "mesh/m/virtualNode/n", "APPMESH_XDS_ENDPOINT": "127.0.0.1:1"}
    for effect in RUNS[run]:
        environ |= {name: value for name, value in effect.also.items() if name not in given(run)}
    places = {"files/": f"{cases.HERE}/files/", "tmp/": f"{tmp_path}/"}
    for name, value in given(run).items():
        environ[name] = next(
            (to + value.removeprefix(at) for at, to in places.items() if value.startswith(at)), value
        )
    with agent_process(tmp_path, environ) as agent:
        assert eventually(lambda: page(agent, CONFIG)), agent.output
        for effect in RUNS[run]:
            target, text = effect.seen
            assert text in page(agent, target), effect.variable
        agent.send(signal.SIGINT)


def given(run: str) -> dict[str, str]:
    """What the effects of a run give."""
    return {effect.variable: effect.given for effect in RUNS[run]}
