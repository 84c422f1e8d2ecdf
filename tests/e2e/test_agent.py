import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gossamer.sidecar.binary import envoy_path
from gossamer.sidecar.bootstrap import bootstrap
from gossamer.sidecar.env import TABLE, settings
from gossamer.sidecar.secret_files import SecretFiles
from gossamer.sidecar.stream import StreamSettings
from gossamer.sidecar.variable import Spent
from tests.golden.sidecar import cases
from tests.support.agent_process import AgentProcess, agent_process, eventually, is_alive
from tests.support.network_namespace import network_namespace

pytestmark = pytest.mark.e2e

NODE = {"APPMESH_RESOURCE_ARN": "mesh/m/virtualNode/n"}
ENVOY = envoy_path(settings(NODE)[0])

#: Envoy would have a tracer in every listener; App Mesh's listeners have none, and it takes the bootstrap's.
TRACING_IS_DEPRECATED = "envoy.config.bootstrap.v3.Bootstrap.tracing"

OLD_HEALTH_CHECK = "curl -s http://localhost:9901/server_info | cut -d' ' -f3 | grep -q live"
NEW_HEALTH_CHECK = "curl -s http://localhost:9901/server_info | grep state | grep -q LIVE"

BOOTSTRAPS = sorted((cases.HERE / "bootstrap").glob("*.bootstrap.json"))


def live_config(folder: Path) -> dict[str, str]:
    """What an Envoy needs that must be live without a control plane."""
    config = folder / "live.yaml"
    config.write_text("node: {id: own, cluster: own}\nadmin: {address: {pipe: {path: /never/used}}}\n")
    return {"ENVOY_CONFIG_FILE": str(config)}


@pytest.fixture
def live(tmp_path: Path) -> dict[str, str]:
    return live_config(tmp_path)


@pytest.fixture
def running(tmp_path: Path, live: dict[str, str]) -> Iterator[AgentProcess]:
    """An agent whose Envoy is live."""
    with agent_process(tmp_path, live) as agent:
        assert eventually(lambda: agent.is_state("LIVE")), agent.output
        yield agent


@pytest.mark.parametrize("golden", BOOTSTRAPS, ids=lambda path: path.name)
def test_envoy_accepts_every_bootstrap_without_a_complaint(golden: Path, tmp_path: Path) -> None:
    environ = cases.environ(golden.with_name(golden.name.replace(".bootstrap.json", ".env")))
    found = settings(environ)[0].stream
    if isinstance(found, StreamSettings):
        SecretFiles(found.credentials, tmp_path, None).write()
    text = json.dumps(cases.whole_bootstrap(environ, str(tmp_path / "admin.sock")))
    config = tmp_path / "bootstrap.json"
    config.write_text(text.replace("/etc/gossamer/ca.pem", str(cases.HERE / "ca.pem")))
    checked = subprocess.run(
        [ENVOY, "--mode", "validate", "--config-path", config, "--log-level", "warning"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    complaints = [line for line in checked.stderr.splitlines() if "[error]" in line or "deprecated" in line]
    assert not [line for line in complaints if TRACING_IS_DEPRECATED not in line]


def test_both_health_checks_pass_word_for_word_when_envoy_is_live_and_neither_before(
    tmp_path: Path, live: dict[str, str]
) -> None:
    with network_namespace() as network:

        def passes(check: str) -> bool:
            done = subprocess.run([*network.within, "bash", "-c", check], check=False)
            return done.returncode == 0

        def is_state(state: str) -> bool:
            said = network.run("curl", "-s", "http://localhost:9901/server_info")
            return said.startswith("{") and json.loads(said)["state"] == state

        def agent(environ: dict[str, str]) -> contextlib.AbstractContextManager[AgentProcess]:
            return agent_process(tmp_path, {**environ, "ENVOY_ADMIN_ACCESS_PORT": "9901"}, (), network.within)

        with agent({**NODE, "APPMESH_XDS_ENDPOINT": "127.0.0.1:1"}) as waiting:
            assert eventually(lambda: waiting.envoys() and is_state("PRE_INITIALIZING")), waiting.output
            assert not passes(OLD_HEALTH_CHECK)
            assert not passes(NEW_HEALTH_CHECK)
            waiting.send(signal.SIGINT)
        with agent(live) as running:
            assert eventually(lambda: len(running.envoys()) == 2 and is_state("LIVE")), running.output
            assert passes(OLD_HEALTH_CHECK)
            assert passes(NEW_HEALTH_CHECK)
            running.send(signal.SIGINT)


def test_the_admin_interface_is_envoys_own_in_every_method_query_and_status(running: AgentProcess) -> None:
    assert running.ask("/ready") == (200, b"LIVE\n")
    assert running.ask("/stats?filter=^server.live$") == (200, b"server.live: 1\n")
    assert running.ask("/logging?level=error", "POST", b"")[0] == 200
    assert running.ask("/logging?level=error", "GET")[0] == 405
    assert running.ask("/healthcheck/fail", "POST", b"x" * 100_000)[0] == 200
    status, body = running.ask("/nowhere")
    assert (status, b"/stats/prometheus" in body) == (404, True)


def test_the_admin_interface_answers_on_ipv6_when_asked_to(tmp_path: Path, live: dict[str, str]) -> None:
    with agent_process(tmp_path, live, ["--admin-ipv6"]) as running:
        assert eventually(lambda: running.is_state("LIVE")), running.output
        with socket.create_connection(("::1", running.port()), timeout=60) as client:
            client.sendall(b"GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_a_request_whose_head_is_too_long_is_refused_and_the_next_is_answered(running: AgentProcess) -> None:
    assert running.ask("/ready?" + "x" * 100_000)[0] == 431
    assert running.ask("/ready")[0] == 200


def test_an_envoy_that_dies_is_started_again_and_says_so_until_it_may_no_more(
    tmp_path: Path, live: dict[str, str]
) -> None:
    with agent_process(tmp_path, live, ["--envoy-restart-count", "1"]) as running:
        assert eventually(lambda: running.is_state("LIVE")), running.output
        (first,) = running.envoys()
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: len(running.envoys()) == 2)
        assert eventually(lambda: running.is_state("LIVE"))
        os.kill(running.envoys()[1], signal.SIGKILL)
        assert running.process.wait(timeout=60) == 137


def test_without_an_envoy_the_admin_interface_says_that_it_is_down(tmp_path: Path) -> None:
    program = tmp_path / "envoy"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    with agent_process(tmp_path, {**NODE, "GOSSAMER_ENVOY_PATH": str(program)}) as running:
        assert running.ask("/server_info") == (503, b"Envoy is not running.\n")


def test_an_envoy_that_refuses_its_configuration_gives_the_agent_its_code(tmp_path: Path) -> None:
    config = tmp_path / "wrong.yaml"
    config.write_text("no_such_field: 1\n")
    environ = {"ENVOY_CONFIG_FILE": str(config), "APPNET_ENVOY_RESTART_COUNT": "0"}
    with agent_process(tmp_path, environ) as refused:
        assert refused.process.wait(timeout=60) == 1
    assert "no_such_field" in refused.output


def test_a_request_to_stop_drains_the_listeners_waits_and_ends_well(running: AgentProcess) -> None:
    (envoy,) = running.envoys()
    began = time.monotonic()
    running.process.send_signal(signal.SIGTERM)
    assert eventually(lambda: running.events("signal_received"))
    assert eventually(lambda: running.ask("/ready") == (503, b"DRAINING\n"))
    assert running.process.wait(timeout=30) == 0
    assert time.monotonic() - began >= 5
    assert not is_alive(envoy)
    assert not running.events("drain_refused"), running.output


def test_an_interrupt_ends_envoy_at_once(tmp_path: Path, live: dict[str, str]) -> None:
    with agent_process(tmp_path, live | {"LISTENER_DRAIN_WAIT_TIME_S": "100"}) as running:
        assert eventually(lambda: running.is_state("LIVE")), running.output
        # It waits for no longer than 30 s.
        assert running.send(signal.SIGINT) == 0
        assert not is_alive(running.envoys()[0])


def test_envoy_does_not_outlive_an_agent_that_is_killed(running: AgentProcess) -> None:
    (envoy,) = running.envoys()
    running.send(signal.SIGKILL)
    assert eventually(lambda: not is_alive(envoy), within_s=30)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Envoy as another user")
def test_envoy_as_another_user_may_write_to_the_log_and_does_not_outlive_the_agent_either(
    tmp_path: Path,
) -> None:
    environ = {**NODE, "ENVOY_ADMIN_ACCESS_LOG_FILE": "/dev/stdout", "APPMESH_XDS_ENDPOINT": "127.0.0.1:1"}
    with agent_process(tmp_path, environ, ["--envoy-uid", "1337"]) as running:
        assert eventually(lambda: running.is_state("PRE_INITIALIZING")), running.output
        (envoy,) = running.envoys()
        assert Path(f"/proc/{envoy}").stat().st_uid == 1337
        running.send(signal.SIGKILL)
        assert eventually(lambda: not is_alive(envoy), within_s=30)


def test_a_listeners_protocol_and_port_become_tags_and_its_statistics_keep_their_names(
    tmp_path: Path,
) -> None:
    port = "http2.8443"
    config = tmp_path / "bootstrap.json"
    config.write_text(json.dumps({"static_resources": {"listeners": [listener(f"ingress.{port}")]}, **TAGS}))
    with agent_process(tmp_path, {"ENVOY_CONFIG_FILE": str(config)}) as running:
        assert eventually(lambda: running.is_state("LIVE")), running.output
        _, body = running.ask("/stats/prometheus?filter=ingress.*downstream_rq_total")
    (line,) = [line for line in body.decode().splitlines() if not line.startswith("#")]
    name, _, tags = line.partition("{")
    assert name == "envoy_http_downstream_rq_total"
    assert set(tags.partition("}")[0].split(",")) == {
        'appmesh_listener_protocol="http2"',
        'appmesh_listener_port="8443"',
        'envoy_http_conn_manager_prefix="ingress"',
    }


TAGS = {key: value for key, value in bootstrap(settings(NODE)[0], "/").items() if key == "stats_config"}


def listener(stat_prefix: str) -> dict[str, object]:
    """A listener that would answer nothing but 404."""
    manager = {
        "@type": "type.googleapis.com/"
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": stat_prefix,
        "route_config": {"name": "none"},
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
                },
            }
        ],
    }
    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    return {
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}},
        "filter_chains": [{"filters": filters}],
    }


def test_an_agent_without_an_identity_says_so_and_fails(tmp_path: Path) -> None:
    with agent_process(tmp_path, {}) as refused:
        assert refused.process.wait(timeout=60) == 1
    assert refused.output == "APPMESH_RESOURCE_ARN environment variable must be set.\n"


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with agent_process(tmp_path, NODE, ["--admin-port", port]) as refused:
            assert refused.process.wait(timeout=60) == 1
    assert f"cannot listen on 127.0.0.1, port {port}" in refused.output


def test_a_value_that_cannot_be_used_is_reported(tmp_path: Path, live: dict[str, str]) -> None:
    with agent_process(tmp_path, {**live, "APPNET_ENVOY_RESTART_COUNT": "11"}) as running:
        assert eventually(lambda: running.events("setting_ignored"))


def test_a_variable_that_changes_nothing_is_reported(tmp_path: Path, live: dict[str, str]) -> None:
    idle = {variable.name: "1" for variable in TABLE if isinstance(variable, Spent)}
    assert idle
    with agent_process(tmp_path, {**live, **idle}) as running:
        assert eventually(lambda: len(running.events("setting_ignored")) == len(idle)), running.output
        said = [str(event["why"]) for event in running.events("setting_ignored")]
    assert all(any(line.startswith(f"{name} changes nothing: ") for line in said) for name in idle)


def test_nothing_is_left_behind(tmp_path: Path, live: dict[str, str]) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with agent_process(tmp_path, {**live, "TMPDIR": str(scratch)}) as running:
        assert eventually(lambda: running.is_state("LIVE")), running.output
        (private,) = scratch.iterdir()
        assert private.stat().st_mode & 0o777 == 0o700
        running.send(signal.SIGINT)
    assert not list(scratch.iterdir())


def test_the_agent_takes_less_than_forty_megabytes(running: AgentProcess) -> None:
    for _ in range(20):
        running.ask("/server_info")
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    (kilobytes,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")]
    assert int(kilobytes) < 40 * 1024


@pytest.mark.parametrize(("given", "expected"), [({}, True), ({"GOSSAMER_TRAFFIC_REPORTS": "0"}, False)])
def test_a_proxy_that_is_to_tell_nothing_of_its_traffic_tells_nothing(
    tmp_path: Path, given: dict[str, str], *, expected: bool
) -> None:
    nowhere = {"APPMESH_XDS_ENDPOINT": f"unix://{tmp_path}/nobody.sock"}
    with agent_process(tmp_path, {**NODE, **nowhere, **given}) as agent:
        assert eventually(lambda: agent.ask("/config_dump")[0] == 200), agent.output
        written = json.loads(agent.ask("/config_dump")[1])["configs"][0]["bootstrap"]
        assert ("load_stats_config" in written["cluster_manager"]) is expected
        assert ("stats_sinks" in written) is expected
