"""Interception between two machines: an application's with its proxy, and another."""

import contextlib
import ipaddress
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gossamer.contract import EGRESS_PORT, INGRESS_PORT, PROXY_UID
from gossamer.sidecar.intercept import apply
from gossamer.sidecar.intercept.plan import Interception
from tests.support.network_namespace import ENVIRON, NetworkNamespace, network_namespace

pytestmark = pytest.mark.e2e

APP, OTHER, IGNORED = "10.77.0.1", "10.77.0.2", "10.77.0.3"
APP_V6, OTHER_V6 = "fd77::1", "fd77::2"
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has a second user to tell apart")

VARIABLES = {
    "APPMESH_IGNORE_UID": str(PROXY_UID),
    "APPMESH_ENVOY_EGRESS_PORT": str(EGRESS_PORT),
    "APPMESH_ENVOY_INGRESS_PORT": str(INGRESS_PORT),
    "APPMESH_APP_PORTS": "8080",
    "APPMESH_EGRESS_IGNORED_PORTS": "443",
    "APPMESH_EGRESS_IGNORED_IP": IGNORED,
}

GOSSAMER = "from gossamer.cli.main import main; main()"

#: Answers every connection to some ports with a word.
ANSWER = """
import asyncio, sys
async def main(answers):
    for answer in answers:
        word, port = answer.split("=")
        async def say(reader, writer, word=word):
            writer.write(word.encode())
            writer.close()
        await asyncio.start_server(say, ("0.0.0.0", "::"), int(port))
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
asyncio.run(main(sys.argv[1:]))
"""

#: Says which word an address answers with, as a user, who may not be allowed to read Python's own files.
ASK = """
import encodings.idna, os, socket, sys
os.setuid(int(sys.argv[3]))
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=2) as answerer:
        print(answerer.recv(100).decode(), end="")
except OSError as error:
    print(type(error).__name__, end="")
"""


@dataclass(frozen=True)
class Machines:
    """An application's machine and another, joined by a cable."""

    app: NetworkNamespace
    other: NetworkNamespace

    def intercept(self, *arguments: str, variables: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Run `gossamer intercept` on the application's machine."""
        done = subprocess.run(
            [*self.app.within, sys.executable, "-c", GOSSAMER, "intercept", *arguments],
            env={"PATH": os.environ["PATH"], **(VARIABLES if variables is None else variables)},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def ruleset(self) -> str:
        """All that nftables holds on the application's machine."""
        return self.app.run("nft", "list", "ruleset")


def ask(machine: NetworkNamespace, address: str, port: int, uid: int = 0) -> str:
    """Which word an address answers with; the name of the error when it does not."""
    return machine.run(sys.executable, "-c", ASK, address, str(port), str(uid))


@contextlib.contextmanager
def answering(machine: NetworkNamespace, *answers: str) -> Iterator[None]:
    """Programs that answer on a machine's ports."""
    with subprocess.Popen(
        [*machine.within, sys.executable, "-c", ANSWER, *answers],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=ENVIRON,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield
        process.stdin.close()


@contextlib.contextmanager
def joined(*, is_rootless: bool = False) -> Iterator[Machines]:
    """Two machines, a cable, and programs that say where a connection came out."""
    with network_namespace(is_rootless=is_rootless) as app, network_namespace(app.within) as other:
        app.run(
            "ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", str(other.pid)
        )
        for machine, *addresses in ((app, APP, APP_V6), (other, OTHER, IGNORED, OTHER_V6)):
            for address in addresses:
                length = "64" if ":" in address else "24"
                machine.run("ip", "address", "add", f"{address}/{length}", "dev", "cable", *no_dad(address))
            machine.run("ip", "link", "set", "cable", "up")
        proxy = (f"egress={EGRESS_PORT}", f"ingress={INGRESS_PORT}")
        with (
            answering(app, *proxy, "application=8080", "unlisted=8081"),
            answering(other, "http=80", "ssh=22", "https=443"),
        ):
            yield Machines(app, other)


def no_dad(address: str) -> tuple[str, ...]:
    """An address of IPv6 is otherwise not used for a second, while its doubles are looked for."""
    return ("nodad",) if ":" in address else ()


@pytest.fixture(scope="module")
def cabled() -> Iterator[Machines]:
    with joined() as machines:
        yield machines


@pytest.fixture
def machines(cabled: Machines) -> Iterator[Machines]:
    """Two machines, left without rules."""
    yield cabled
    apply.disable(within=cabled.app.within)


@pytest.fixture
def intercepted(machines: Machines) -> Machines:
    code, _, why = machines.intercept("enable")
    assert code == 0, why
    return machines


def test_without_rules_every_connection_comes_out_where_it_was_meant_to(machines: Machines) -> None:
    assert ask(machines.app, OTHER, 80) == "http"
    assert ask(machines.other, APP, 8080) == "application"


def test_what_the_application_opens_goes_to_the_proxy(intercepted: Machines) -> None:
    assert ask(intercepted.app, OTHER, 80) == "egress"
    assert ask(intercepted.app, OTHER, 12345) == "egress"


def test_an_address_that_nobody_has_goes_to_the_proxy_too(intercepted: Machines) -> None:
    assert ask(intercepted.app, "10.77.0.99", 80) == "egress"


@AS_ROOT
def test_what_the_proxy_opens_passes_and_another_user_does_not(intercepted: Machines) -> None:
    assert ask(intercepted.app, OTHER, 80, uid=PROXY_UID) == "http"
    assert ask(intercepted.app, OTHER, 80, uid=1000) == "egress"


def test_ignored_addresses_and_ports_pass_and_port_22_always_does(intercepted: Machines) -> None:
    assert ask(intercepted.app, IGNORED, 80) == "http"
    assert ask(intercepted.app, OTHER, 443) == "https"
    assert ask(intercepted.app, OTHER, 22) == "ssh"


@pytest.mark.parametrize("address", ["127.0.0.1", APP])
def test_what_a_machine_says_to_itself_passes(intercepted: Machines, address: str) -> None:
    assert ask(intercepted.app, address, 8080) == "application"


def test_what_others_open_to_an_app_port_goes_to_the_proxy_and_to_any_other_port_does_not(
    intercepted: Machines,
) -> None:
    assert ask(intercepted.other, APP, 8080) == "ingress"
    assert ask(intercepted.other, APP, 8081) == "unlisted"


def test_ipv6_passes_until_it_is_asked_for(intercepted: Machines) -> None:
    assert ask(intercepted.app, OTHER_V6, 80) == "http"
    assert ask(intercepted.other, APP_V6, 8080) == "application"
    assert intercepted.intercept("enable", "--enable-ipv6")[0] == 0
    assert ask(intercepted.app, OTHER_V6, 80) == "egress"
    assert ask(intercepted.other, APP_V6, 8080) == "ingress"
    assert ask(intercepted.app, OTHER, 80) == "egress"


def test_enabling_twice_is_the_same_as_once(intercepted: Machines) -> None:
    once = intercepted.ruleset()
    assert intercepted.intercept("enable")[0] == 0
    assert intercepted.ruleset() == once


def test_enabling_with_other_settings_leaves_nothing_of_the_first(intercepted: Machines) -> None:
    assert intercepted.intercept("enable", "--egress-ignored-ip", OTHER, "--app-ports", "8081")[0] == 0
    assert ask(intercepted.app, OTHER, 80) == "http"
    assert ask(intercepted.app, IGNORED, 80) == "egress"
    assert ask(intercepted.other, APP, 8080) == "application"
    assert ask(intercepted.other, APP, 8081) == "ingress"


def test_disabling_leaves_the_rules_of_others_byte_for_byte(machines: Machines) -> None:
    theirs = "table inet theirs { chain c { type nat hook output priority -100; tcp dport 9 return; }; }"
    machines.app.run("nft", "-f", "-", text=theirs)
    before = machines.ruleset()
    assert machines.intercept("enable")[0] == 0
    assert machines.ruleset() != before
    assert machines.intercept("disable")[0] == 0
    assert machines.ruleset() == before
    assert machines.intercept("disable") == (0, "", "")
    assert machines.ruleset() == before


def test_the_status_shows_the_rules_or_says_that_there_are_none(machines: Machines) -> None:
    assert machines.intercept("status") == (1, "Traffic is not intercepted.\n", "")
    machines.intercept("enable")
    code, rules, _ = machines.intercept("status")
    assert code == 0
    assert f"meta skuid {PROXY_UID} return" in rules


def test_a_dry_run_prints_what_a_run_would_do_and_does_nothing(machines: Machines) -> None:
    before = machines.ruleset()
    code, script, _ = machines.intercept("enable", "--dry-run")
    assert code == 0
    assert machines.ruleset() == before
    machines.app.run("nft", "-f", "-", text=script)
    ours = machines.ruleset()
    machines.intercept("enable")
    assert machines.ruleset() == ours


def test_a_container_that_starts_puts_the_rules_in_place_only_when_told_to(machines: Machines) -> None:
    before = machines.ruleset()
    assert machines.intercept()[0] == 0
    assert machines.ruleset() == before
    assert machines.intercept(variables={**VARIABLES, "APPMESH_START_ENABLED": "1"})[0] == 0
    assert ask(machines.app, OTHER, 80) == "egress"


def test_a_refusal_changes_nothing_and_fails(intercepted: Machines) -> None:
    before = intercepted.ruleset()
    code, _, why = intercepted.intercept("enable", variables={"APPMESH_ENVOY_EGRESS_PORT": "15001"})
    assert (code, why) == (1, "Variables APPMESH_IGNORE_UID and/or APPMESH_IGNORE_GID must be set.\n")
    assert intercepted.ruleset() == before


def test_without_root_and_with_one_user_ignored_addresses_alone_tell_the_proxy_apart() -> None:
    with joined(is_rootless=True) as machines:
        wanted = Interception(egress_port=EGRESS_PORT, ignored_networks=(ipaddress.ip_network(IGNORED),))
        apply.enable(wanted, within=machines.app.within)
        assert ask(machines.app, OTHER, 80) == "egress"
        assert ask(machines.app, IGNORED, 80) == "http"


def test_what_nft_refuses_is_told_in_its_own_words() -> None:
    with pytest.raises(apply.NotIntercepted, match="nft refused"):
        apply.disable(within=("sh", "-c", "echo no >&2; exit 1"))
