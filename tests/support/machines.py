"""Two machines with a cable between them: an application's, with its proxy, and another."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from gossamer.contract import EGRESS_PORT, INGRESS_PORT, PROXY_UID
from tests.support.network_namespace import ENVIRON, NetworkNamespace, network_namespace

APP, OTHER, IGNORED = "10.77.0.1", "10.77.0.2", "10.77.0.3"
APP_V6, OTHER_V6 = "fd77::1", "fd77::2"

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

    def intercept(
        self, *arguments: str, variables: dict[str, str] | None = None, typed: str = ""
    ) -> tuple[int, str, str]:
        """Run `gossamer intercept` on the application's machine."""
        done = subprocess.run(
            [*self.app.within, sys.executable, "-c", GOSSAMER, "intercept", *arguments],
            env={"PATH": os.environ["PATH"], **(VARIABLES if variables is None else variables)},
            input=typed,
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
    proxy = (f"egress={EGRESS_PORT}", f"ingress={INGRESS_PORT}")
    with (
        joined_bare(is_rootless=is_rootless) as machines,
        answering(machines.app, *proxy, "application=8080", "unlisted=8081"),
        answering(machines.other, "http=80", "ssh=22", "https=443"),
    ):
        yield machines


@contextlib.contextmanager
def joined_bare(*, is_rootless: bool = False) -> Iterator[Machines]:
    """Two machines and a cable."""
    with network_namespace(is_rootless=is_rootless) as app, network_namespace(app.within) as other:
        app.run(
            "ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", str(other.pid)
        )
        for machine, *addresses in ((app, APP, APP_V6), (other, OTHER, IGNORED, OTHER_V6)):
            for address in addresses:
                length = "64" if ":" in address else "24"
                machine.run("ip", "address", "add", f"{address}/{length}", "dev", "cable", *no_dad(address))
            machine.run("ip", "link", "set", "cable", "up")
        yield Machines(app, other)


def no_dad(address: str) -> tuple[str, ...]:
    """An address of IPv6 is otherwise not used for a second, while its doubles are looked for."""
    return ("nodad",) if ":" in address else ()
