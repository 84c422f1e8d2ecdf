"""Networks of their own for tests, that vanish with the process that holds them."""

import contextlib
import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class NetworkNamespace:
    """One network; `within` is the command that runs another in it."""

    pid: int
    within: tuple[str, ...]

    def run(self, *command: str, text: str = "") -> str:
        """Run a command in it to its end; what it printed."""
        return subprocess.run(
            [*self.within, *command], input=text, env=ENVIRON, capture_output=True, text=True, check=True
        ).stdout


#: Debian keeps ip and nft where the PATH of ordinary users does not look.
ENVIRON = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
HOLD = ("sh", "-c", "ip link set lo up && echo ready && exec cat")


@contextlib.contextmanager
def network_namespace(within: Sequence[str] = (), *, is_rootless: bool = False) -> Iterator[NetworkNamespace]:
    """A new network with loopback up, held by a process that ends with the test.

    Rootless, or inside another, it is made with a user namespace of its own, in which everyone is root.
    """
    unshare = ["unshare", "--net"] if os.geteuid() == 0 and not is_rootless else ["unshare", "-Urn"]
    with subprocess.Popen(
        [*within, *unshare, *HOLD], env=ENVIRON, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        try:
            if holder.stdout.readline() != "ready\n":
                pytest.skip("no network namespace can be made here")
            users = ("--user", "--preserve-credentials") if "-Urn" in unshare else ()
            yield NetworkNamespace(
                holder.pid, (*within, "nsenter", f"--target={holder.pid}", *users, "--net", "--")
            )
        finally:
            holder.stdin.close()
