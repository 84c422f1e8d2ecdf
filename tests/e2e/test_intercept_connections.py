"""Under load, putting the rules in place and taking them away fails no connection that is open."""

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from gossamer.contract import EGRESS_PORT, INGRESS_PORT
from tests.support.machines import APP, OTHER, VARIABLES, Machines, joined_bare
from tests.support.network_namespace import ENVIRON, NetworkNamespace

pytestmark = pytest.mark.e2e

#: Says its word before every line that it is sent back.
ECHO = """
import socketserver, sys, threading
def serve(answer):
    word, port = answer.split("=")
    class Echo(socketserver.StreamRequestHandler):
        def handle(self):
            for line in self.rfile:
                self.wfile.write(word.encode() + b" " + line)
    server = socketserver.ThreadingTCPServer(("", int(port)), Echo)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
for answer in sys.argv[1:]:
    serve(answer)
print("ready", flush=True)
sys.stdin.read()
"""

#: For each line of input, opens so many connections more, speaks a hundred times on every one that is open,
#: and prints which word came back how often in the last round.
SPEAK = """
import collections, json, socket, sys
address, port, open_ = sys.argv[1], int(sys.argv[2]), []
for line in sys.stdin:
    for _ in range(int(line)):
        one = socket.create_connection((address, port), timeout=60)
        open_.append((one, one.makefile("r")))
    for _ in range(100):
        words = collections.Counter()
        for one, replies in open_:
            try:
                one.sendall(b"hello\\n")
                words[replies.readline().split(" ")[0]] += 1
            except OSError as error:
                words[type(error).__name__] += 1
    print(json.dumps(words), flush=True)
"""


#: Speaks on connections that stay, and on a new one each time, until its input ends; prints what went wrong.
LOAD = """
import collections, json, select, socket, sys
address, port = sys.argv[1], int(sys.argv[2])
def opened():
    one = socket.create_connection((address, port), timeout=60)
    return one, one.makefile("r")
counted = collections.Counter()
staying = [opened() for _ in range(8)]
print("ready", flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    try:
        new = opened()
        for one, replies in (*staying, new):
            one.sendall(b"hello\\n")
            counted["spoken" if replies.readline() else "ended"] += 1
        new[0].close()
        new[1].close()
    except OSError as error:
        counted[repr(error)] += 1
print(json.dumps(counted))
"""


@contextlib.contextmanager
def echoing(machine: NetworkNamespace, *answers: str) -> Iterator[None]:
    with running(machine, ECHO, *answers) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield


@contextlib.contextmanager
def running(machine: NetworkNamespace, code: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A program on a machine, ended with its input."""
    with subprocess.Popen(
        [*machine.within, sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=ENVIRON,
        text=True,
    ) as process:
        assert process.stdin is not None
        yield process
        process.stdin.close()


def spoken(speaker: subprocess.Popen[str], opens: int) -> str:
    """Open so many connections more, speak on all; which word came back how often."""
    assert speaker.stdin is not None
    assert speaker.stdout is not None
    speaker.stdin.write(f"{opens}\n")
    speaker.stdin.flush()
    return speaker.stdout.readline().strip()


@pytest.fixture(params=["nft", "iptables-nft", "iptables-legacy"])
def using(request: pytest.FixtureRequest) -> dict[str, str]:
    if shutil.which(request.param, path=ENVIRON["PATH"]) is None:
        pytest.skip(f"{request.param} is not installed")
    return VARIABLES | {"GOSSAMER_INTERCEPT_USING": request.param}


@pytest.fixture
def machines() -> Iterator[Machines]:
    """Two machines on which nothing has followed connections yet, and programs that echo."""
    proxy = (f"egress={EGRESS_PORT}", f"ingress={INGRESS_PORT}")
    with (
        joined_bare() as machines,
        echoing(machines.app, *proxy, "application=8080"),
        echoing(machines.other, "http=80"),
    ):
        yield machines


def test_open_connections_outlive_the_rules_coming_changing_and_going(
    machines: Machines, using: dict[str, str]
) -> None:
    with (
        running(machines.app, SPEAK, OTHER, "80") as outbound,
        running(machines.other, SPEAK, APP, "8080") as inbound,
    ):
        assert spoken(outbound, 2) == '{"http": 2}'
        assert spoken(inbound, 2) == '{"application": 2}'
        assert machines.intercept("enable", variables=using)[0] == 0
        assert spoken(outbound, 3) == '{"http": 2, "egress": 3}'
        assert spoken(inbound, 3) == '{"application": 2, "ingress": 3}'
        assert machines.intercept("enable", "--enable-ipv6", variables=using)[0] == 0
        assert spoken(outbound, 0) == '{"http": 2, "egress": 3}'
        assert machines.intercept("disable", variables=using)[0] == 0
        assert spoken(outbound, 1) == '{"http": 3, "egress": 3}'
        assert spoken(inbound, 1) == '{"application": 3, "ingress": 3}'
        assert machines.intercept("disable", variables=using)[0] == 0
        assert spoken(outbound, 0) == '{"http": 3, "egress": 3}'


def test_idle_rules_stay_until_the_last_of_them_has_ended(machines: Machines, using: dict[str, str]) -> None:
    with running(machines.app, SPEAK, OTHER, "80") as outbound:
        assert machines.intercept("enable", variables=using)[0] == 0
        assert spoken(outbound, 2) == '{"egress": 2}'
        assert machines.intercept("disable", variables=using)[1].startswith("2 connections opened before")
        code, words, _ = machines.intercept("status", variables=using)
        assert code == 1
        assert words.startswith("Traffic is not intercepted.\n2 connections opened before")
    assert machines.intercept("disable", variables=using) == (0, "", "")
    assert machines.intercept("status", "--rules", variables=using)[1] == "Traffic is not intercepted.\n"


def test_whoever_wants_no_trace_at_once_gets_it(machines: Machines) -> None:
    before = machines.ruleset()
    with running(machines.app, SPEAK, OTHER, "80") as outbound:
        assert machines.intercept("enable")[0] == 0
        assert spoken(outbound, 1) == '{"egress": 1}'
        assert machines.intercept("disable", "--now") == (0, "", "")
        assert machines.ruleset() == before


def test_under_load_nothing_fails_while_the_rules_come_and_go(
    machines: Machines, using: dict[str, str]
) -> None:
    with (
        running(machines.app, LOAD, OTHER, "80") as outbound,
        running(machines.other, LOAD, APP, "8080") as inbound,
    ):
        for load in (outbound, inbound):
            assert load.stdout is not None
            assert load.stdout.readline() == "ready\n"
        for _ in range(4):
            assert machines.intercept("enable", variables=using)[0] == 0
            assert machines.intercept("disable", variables=using)[0] == 0
        for load in (outbound, inbound):
            assert load.stdin is not None
            assert load.stdout is not None
            load.stdin.close()
            counted = json.loads(load.stdout.readline())
            assert counted.keys() == {"spoken"}
            assert counted["spoken"] > 1000
