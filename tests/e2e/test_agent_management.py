"""The agent's own interface, and how it tends an Envoy that dies, drains, or writes a long log."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.agent_process import PROGRAM, AgentProcess, agent_process, eventually

pytestmark = pytest.mark.e2e

CONFIG = """
node: {id: own, cluster: own}
admin: {address: {pipe: {path: /never/used}}}
static_resources:
  listeners:
    - name: own
      address: {socket_address: {address: 127.0.0.1, port_value: 0}}
      traffic_direction: INBOUND
      filter_chains:
        - filters:
            - name: hcm
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.\
HttpConnectionManager
                stat_prefix: ingress
                access_log:
                  - name: stdout
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                      path: /dev/stdout
                route_config:
                  virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes: [{match: {prefix: /}, route: {cluster: slow, timeout: 30s}}]
                http_filters:
                  - name: router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
  clusters:
    - name: slow
      type: STATIC
      connect_timeout: 1s
      load_assignment:
        cluster_name: slow
        endpoints: [{lb_endpoints: [{endpoint: {address: {pipe: {path: APP}}}}]}]
"""


@contextlib.contextmanager
def application(path: Path) -> Iterator[threading.Event]:
    """Answers each request once it is told to."""
    may_answer = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            may_answer.wait(60)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")

    def serve(listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(listening.accept()[0],), daemon=True).start()

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen(1000)
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        yield may_answer
        may_answer.set()
        listening.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def running(folder: Path, **variables: str) -> Iterator[AgentProcess]:
    """An agent whose Envoy is live, with its own interface on a free port."""
    config = folder / "own.yaml"
    config.write_text(CONFIG.replace("APP", str(folder / "app.sock")))
    environ = {
        "ENVOY_CONFIG_FILE": str(config),
        "APPNET_AGENT_ADMIN_MODE": "tcp",
        "APPNET_AGENT_HTTP_PORT": "0",
        **variables,
    }
    with agent_process(folder, environ) as agent:
        assert eventually(lambda: agent.is_state("LIVE")), agent.output
        yield agent
        if agent.process.poll() is None:
            agent.send(signal.SIGINT)


def test_the_status_tells_of_a_live_envoy(tmp_path: Path) -> None:
    with running(tmp_path) as agent:
        said = agent.status()
        assert (said["healthStatus"], said["envoyState"]) == ("HEALTHY", "LIVE")
        assert (said["envoyPid"], said["envoyRestartCount"]) == (str(agent.envoys()[0]), "0")
        assert said["envoyReadinessState"] == "INITIALIZED"


def test_an_envoy_that_dies_is_counted_and_seen_to_be_gone(tmp_path: Path) -> None:
    with running(tmp_path) as agent:
        os.kill(agent.envoys()[0], signal.SIGKILL)
        assert eventually(lambda: agent.status().get("envoyRestartCount") == "1")
        assert eventually(lambda: agent.status().get("envoyState") == "LIVE", within_s=120)
        assert agent.status()["envoyPid"] == str(agent.envoys()[1])


def test_the_interface_refuses_whoever_asks_too_often(tmp_path: Path) -> None:
    with running(tmp_path) as agent:
        answers = [agent.manage("/status")[0] for _ in range(60)]
        assert answers[:20] == [200] * 20
        assert 429 in answers
        assert eventually(lambda: agent.manage("/status")[0] == 200)


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/drain_listeners?inboundonly", 405),
        ("POST", "/drain_listeners", 400),
        ("POST", "/drain_listeners?graceful", 400),
        ("POST", "/drain_listeners?inboundonly&graceful", 400),
        ("GET", "/enableLogging?level=debug", 405),
        ("POST", "/enableLogging", 400),
        ("POST", "/enableLogging?level=loud", 400),
        ("POST", "/enableLogging?level=debug&for=ever", 400),
        ("POST", "/stats/prometheus", 405),
        ("GET", "/stats/prometheus?format=json", 400),
        ("GET", "/stats/prometheus?filter=other", 400),
        ("GET", "/stats/prometheus?usedonly&filter=metrics_extension&delta", 400),
        ("GET", "/stats/prometheus?delta", 400),
        ("GET", "/nowhere", 404),
    ],
)
def test_what_is_none_of_the_forms_is_refused(
    shared: AgentProcess, method: str, target: str, status: int
) -> None:
    assert eventually(lambda: (found := shared.manage(target, method)[0]) != 429 and found == status)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    """An agent for tests that leave it as it was."""
    with running(tmp_path_factory.mktemp("shared")) as agent:
        yield agent


def test_a_body_is_refused_where_none_belongs(shared: AgentProcess) -> None:
    assert eventually(lambda: shared.manage("/drain_listeners?inboundonly", "POST", b"x")[0] == 400)


def test_a_drain_closes_the_way_in(tmp_path: Path) -> None:
    with running(tmp_path) as agent:
        (port,) = listeners(agent)
        assert is_taken(port)
        assert agent.manage("/drain_listeners?inboundonly", "POST", b"") == (200, b"OK\n")
        assert eventually(lambda: not is_taken(port))


def is_taken(port: str) -> bool:
    """Whether a connection is taken there."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", int(port)), timeout=60):
        return True
    return False


def listeners(agent: AgentProcess) -> list[str]:
    """Where Envoy takes connections."""
    found = agent.ask("/listeners?format=json")[1]
    return [
        str(one["local_address"]["socket_address"]["port_value"])
        for one in json.loads(found).get("listener_statuses", [])
    ]


def log_levels(agent: AgentProcess) -> set[bytes]:
    """The levels of Envoy's loggers."""
    lines = agent.ask("/logging", "POST")[1].splitlines()[1:]
    return {line.rpartition(b": ")[2] for line in lines if b": " in line}


def test_a_louder_log_is_quiet_again_by_itself(tmp_path: Path) -> None:
    with running(tmp_path, APPNET_AGENT_LOGGING_RESET_TIMEOUT="2") as agent:
        assert agent.manage("/enableLogging?level=debug", "POST")[0] == 200
        assert log_levels(agent) == {b"debug"}
        assert agent.manage("/enableLogging?level=trace", "POST")[0] == 304
        assert eventually(lambda: log_levels(agent) == {b"warning"})
        assert agent.manage("/enableLogging?level=warn", "POST")[0] == 304


def test_a_louder_log_stays_so_on_request(tmp_path: Path) -> None:
    with running(tmp_path, APPNET_AGENT_LOGGING_RESET_TIMEOUT="1") as agent:
        assert agent.manage("/enableLogging?level=critical&permanent=true", "POST")[0] == 200
        assert agent.manage("/enableLogging?level=trace", "POST")[0] == 200
        assert eventually(lambda: log_levels(agent) == {b"critical"})


def test_statistics_are_prometheuss(shared: AgentProcess) -> None:
    def said(query: str) -> str:
        answers: list[bytes] = []

        def is_told() -> bool:
            status, body = shared.manage(f"/stats/prometheus{query}")
            answers.append(body)
            return status == 200  # and not 429, because other tests have asked too often

        assert eventually(is_told)
        return answers[-1].decode()

    assert 'envoy_http_downstream_rq_total{envoy_http_conn_manager_prefix="ingress"} 0' in said("")
    assert 'envoy_http_conn_manager_prefix="ingress"' not in said("?usedonly")
    assert said("?filter=metrics_extension") == ""


def test_connections_to_the_proxy_itself_are_among_app_meshs_metrics(tmp_path: Path) -> None:
    variables = {
        "APPMESH_RESOURCE_ARN": "mesh/m/virtualGateway/g",
        "APPMESH_METRIC_EXTENSION_VERSION": "1",
        "ENABLE_STATS_SNAPSHOT": "true",
    }
    with running(tmp_path, **variables) as agent:
        (port,) = listeners(agent)
        with socket.create_connection(("127.0.0.1", int(port)), timeout=60):
            assert eventually(lambda: CONNECTED in told(agent, "?filter=metrics_extension"))
            query = "?usedonly&filter=metrics_extension&delta"
            assert eventually(lambda: CONNECTED in told(agent, query))


CONNECTED = 'ActiveConnectionCount{Mesh="m",VirtualGateway="g"} 1'


def told(agent: AgentProcess, query: str) -> str:
    """The statistics that the agent tells."""
    return agent.manage(f"/stats/prometheus{query}")[1].decode()


def test_the_interface_answers_on_a_socket_for_its_own_user(tmp_path: Path) -> None:
    path = tmp_path / "agent.sock"
    with running(tmp_path, APPNET_AGENT_ADMIN_MODE="uds", APPNET_AGENT_ADMIN_UDS_PATH=str(path)):
        assert path.stat().st_mode & 0o777 == 0o600
        assert asked(path, b"/status").startswith(b"HTTP/1.1 200 OK\r\n")
    assert eventually(lambda: not path.exists())


def asked(path: Path, target: bytes) -> bytes:
    """What is answered on a Unix socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(b"GET " + target + b" HTTP/1.1\r\nhost: x\r\n\r\n")
        return client.recv(1000)


def test_without_its_variable_the_interface_does_not_answer(tmp_path: Path) -> None:
    with running(tmp_path, APPNET_AGENT_ADMIN_MODE="") as agent:
        assert not agent.events("management_served")


def test_the_admin_interface_answers_on_a_socket_when_asked_to(tmp_path: Path) -> None:
    path = tmp_path / "envoy_admin.sock"
    config = tmp_path / "own.yaml"
    config.write_text("node: {id: own, cluster: own}\n")
    environ = {
        "ENVOY_CONFIG_FILE": str(config),
        "ENVOY_ADMIN_MODE": "uds",
        "GOSSAMER_ADMIN_UDS_PATH": str(path),
    }
    with agent_process(tmp_path, environ) as agent:
        assert eventually(path.exists), agent.output
        assert path.stat().st_mode & 0o777 == 0o600

        def is_live() -> bool:
            return asked(path, b"/ready").startswith(b"HTTP/1.1 200")

        assert eventually(is_live)
        agent.send(signal.SIGINT)


def ready(path: Path, timeout_s: int) -> int:
    """The exit code of a readiness check."""
    environ = {
        "PATH": os.environ["PATH"],
        "APPNET_AGENT_ADMIN_UDS_PATH": str(path),
        "APPNET_AGENT_POLL_ENVOY_READINESS_INTERVAL_S": "1",
        "APPNET_AGENT_POLL_ENVOY_READINESS_TIMEOUT_S": str(timeout_s),
    }
    return subprocess.run(
        [*PROGRAM, "-envoyReadiness"], env=environ, capture_output=True, check=False
    ).returncode


def test_a_readiness_check_waits_until_envoy_is_ready_and_gives_up_in_time(tmp_path: Path) -> None:
    path = tmp_path / "agent.sock"
    assert ready(path, 1) == 1
    with running(tmp_path, APPNET_AGENT_ADMIN_MODE="uds", APPNET_AGENT_ADMIN_UDS_PATH=str(path)):
        assert ready(path, 60) == 0


def test_envoys_log_and_access_log_go_to_files_of_limited_size(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    variables = {
        "APPNET_ENVOY_LOG_DESTINATION": str(logs),
        "APPNET_ENVOY_LOG_NAME": "envoy.log",
        "APPNET_AGENT_MAX_LOG_FILE_SIZE": "0.01",
        "APPNET_AGENT_MAX_RETENTION_COUNT": "2",
        "ENVOY_LOG_LEVEL": "info",
    }
    with application(tmp_path / "app.sock") as may_answer, running(tmp_path, **variables) as agent:
        may_answer.set()
        for _ in range(300):
            assert called(agent)[0] == 200
        assert eventually((logs / "envoy.log.2").exists)
        assert "starting main dispatch loop" not in agent.output
    assert {path.name for path in logs.iterdir()} == {"envoy.log", "envoy.log.1", "envoy.log.2"}
    assert all(path.stat().st_size <= 10 * 1024 + 65536 for path in logs.iterdir())
    assert "GET /x" in (logs / "envoy.log.1").read_text()


def called(agent: AgentProcess) -> tuple[int, bytes]:
    """One request through Envoy."""
    (port,) = listeners(agent)
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", "/x")
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_what_is_being_answered_when_the_wait_is_over_is_still_answered(tmp_path: Path) -> None:
    with application(tmp_path / "app.sock") as may_answer, running(tmp_path) as agent:
        found: list[tuple[int, bytes]] = []
        asking = threading.Thread(target=lambda: found.append(called(agent)))
        asking.start()
        assert eventually(lambda: b"downstream_rq_active: 1" in agent.ask("/stats?filter=ingress.*active")[1])
        (port,) = listeners(agent)
        agent.process.send_signal(signal.SIGTERM)
        # The wait is five seconds; the answer comes when it is over and the way in is closed.
        assert eventually(lambda: not is_taken(port), within_s=120)
        may_answer.set()
        assert agent.process.wait(30) == 0
        asking.join(30)
    assert found == [(200, b"ok")]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to pass on")
def test_envoy_as_another_user_keeps_the_rights_that_it_needs(tmp_path: Path) -> None:
    environ = {
        "APPMESH_RESOURCE_ARN": "mesh/m/virtualNode/n",
        "APPMESH_XDS_ENDPOINT": "127.0.0.1:1",
        "ENVOY_ADMIN_ACCESS_LOG_FILE": "/dev/stdout",
    }
    with agent_process(tmp_path, environ, ["--envoy-uid", "1337"]) as agent:
        assert eventually(lambda: agent.is_state("PRE_INITIALIZING")), agent.output
        status = Path(f"/proc/{agent.envoys()[0]}/status").read_text()
        (ambient,) = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapAmb")]
        assert ambient == 1 << 10 | 1 << 12
        assert agent.send(signal.SIGINT) == 0


def test_envoy_may_open_as_many_files_as_the_machine_lets_it(tmp_path: Path) -> None:
    limited = (sys.executable, "-c", LIMITED)
    config = tmp_path / "own.yaml"
    config.write_text("node: {id: own, cluster: own}\n")
    with agent_process(tmp_path, {"ENVOY_CONFIG_FILE": str(config)}, (), limited) as agent:
        assert eventually(agent.envoys), agent.output
        limits = Path(f"/proc/{agent.envoys()[0]}/limits").read_text()
        (files,) = [line.split()[3:5] for line in limits.splitlines() if line.startswith("Max open files")]
        assert files == ["4096", "4096"]
        agent.send(signal.SIGINT)


#: Becomes another program, which may open 1,024 files, or 4,096 if it asks.
LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 4096))
os.execvp(sys.argv[1], sys.argv[1:])
"""
