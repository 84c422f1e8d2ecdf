import json
import subprocess

import pytest

from gossamer.sidecar.server_info import with_old_state

OLD = "cut -d' ' -f3 | grep -q live"
NEW = "grep state | grep -q LIVE"


def envoys_answer(state: str) -> bytes:
    """As Envoy prints it, with words around that a careless check would take for the state."""
    said = {
        "version": "9e558093/1.40.0/Clean/RELEASE/BoringSSL",
        "state": state,
        "command_line_options": {"drain_strategy": "Gradual", "config_path": "/alive and live/it"},
        "node": {"id": "mesh/live/virtualNode/live", "extensions": [{"name": "live", "state": "live"}]},
    }
    return json.dumps(said, indent=1).encode() + b"\n"


def passes(check: str, body: bytes) -> bool:
    return subprocess.run(["bash", "-c", check], input=body, check=False).returncode == 0


@pytest.mark.parametrize("check", [OLD, NEW])
def test_a_live_envoy_passes_the_old_health_check_and_the_new_one(check: str) -> None:
    assert passes(check, with_old_state(envoys_answer("LIVE")))


@pytest.mark.parametrize("check", [OLD, NEW])
@pytest.mark.parametrize("state", ["PRE_INITIALIZING", "INITIALIZING", "DRAINING"])
def test_an_envoy_that_is_not_live_passes_neither(check: str, state: str) -> None:
    assert not passes(check, with_old_state(envoys_answer(state)))


def test_nothing_of_envoys_answer_is_lost() -> None:
    before = json.loads(envoys_answer("LIVE"))
    after = json.loads(with_old_state(envoys_answer("LIVE")))
    assert after == {"status": "live", **before}


@pytest.mark.parametrize("body", [b"", b"{}\n", b"envoy 9e55/1.8.0 live 5 5 0\n", b'{\n "uptime": "1s"\n}\n'])
def test_an_answer_without_a_state_is_left_as_it_is(body: bytes) -> None:
    assert with_old_state(body) == body
