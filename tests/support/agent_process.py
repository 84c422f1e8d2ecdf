"""A real `gossamer agent` with a real Envoy, on loopback, ended when the test is."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

PROGRAM = (sys.executable, "-c", "from gossamer.cli.entry import main; main()", "agent")
Found = TypeVar("Found")


def eventually(question: Callable[[], Found], within_s: float = 60) -> Found:
    """Ask until the answer is a true one; the last answer if time runs out."""
    deadline = time.monotonic() + within_s
    while not (found := question()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


class AgentProcess:
    """A running agent, and what it says."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def output(self) -> str:
        """All that the agent and its Envoy wrote."""
        return self._log.read_text(errors="replace")

    def events(self, name: str) -> list[dict[str, object]]:
        """The agent's own log lines of one event."""
        lines = [line for line in self.output.splitlines(keepends=True) if line.startswith('{"timestamp"')]
        said = [json.loads(line) for line in lines if line.endswith("\n")]
        return [line for line in said if line["event"] == name]

    def envoys(self) -> list[int]:
        """Every process id that Envoy has had."""
        return [int(str(event["pid"])) for event in self.events("envoy_started")]

    def port(self) -> int:
        """Where the admin interface is fronted."""
        (fronted,) = eventually(lambda: self.events("admin_fronted"))
        return int(str(fronted["port"]))

    def ask(self, target: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
        """Ask the admin interface."""
        return self._asked(self.port(), target, method, body)

    def manage(self, target: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
        """Ask the agent's own interface."""
        (served,) = eventually(lambda: self.events("management_served"))
        return self._asked(int(str(served["port"])), target, method, body)

    def status(self) -> dict[str, str]:
        """What the agent says of itself; nothing when it is asked too often."""
        status, said = self.manage("/status")
        return dict(json.loads(said)) if status == 200 else {}

    def _asked(self, port: int, target: str, method: str, body: bytes | None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, target, body)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def is_state(self, state: str) -> bool:
        """Whether Envoy is in this state."""
        status, body = self.ask("/server_info")
        return status == 200 and json.loads(body)["state"] == state

    def send(self, number: signal.Signals) -> int:
        """Send the agent a signal; the code that it exits with."""
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


@contextlib.contextmanager
def agent_process(
    folder: Path, environ: Mapping[str, str], arguments: Sequence[str] = (), within: Sequence[str] = ()
) -> Iterator[AgentProcess]:
    """Run an agent; `within` is a command that runs another, to choose the network that it runs in."""
    log = folder / "agent.log"
    # Of its own and short, for its sockets; an agent that is killed cannot tidy up.
    own = tempfile.mkdtemp(prefix="agent-")
    Path(own).chmod(0o1777)
    defaults = {
        "TMPDIR": own,
        "PATH": os.environ["PATH"],
        "ENVOY_LOG_LEVEL": "warning",
        "ENVOY_CONCURRENCY": "1",
        "ENVOY_ADMIN_ACCESS_PORT": "0",
        "ENVOY_ADMIN_ACCESS_LOG_FILE": str(folder / "admin_access.log"),
        "LISTENER_DRAIN_WAIT_TIME_S": "5",
    }
    with (
        log.open("ab") as output,
        subprocess.Popen(
            [*within, *PROGRAM, *arguments], env={**defaults, **environ}, stdout=output, stderr=output
        ) as process,
    ):
        try:
            yield AgentProcess(process, log)
        finally:
            process.kill()
            process.wait()
            shutil.rmtree(own, ignore_errors=True)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet does not."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
