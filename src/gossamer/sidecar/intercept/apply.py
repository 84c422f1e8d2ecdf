"""Runs nft or iptables: puts the rules in place, takes them away, and tells what is there.

Source: nft(8), iptables-restore(8); proc(5) for the connections of a network.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from gossamer.errors import MeshError
from gossamer.sidecar.intercept import iptables, nft
from gossamer.sidecar.intercept.plan import Installed, Interception, Plan, plan

#: Debian keeps these programs where the PATH of ordinary users does not look.
_SYSTEM_PATH: Final = "/usr/local/sbin:/usr/sbin:/sbin"
_TIMEOUT_S: Final = 30
_IPTABLES: Final = {
    "iptables": {4: "iptables", 6: "ip6tables"},
    "iptables-nft": {4: "iptables-nft", 6: "ip6tables-nft"},
    "iptables-legacy": {4: "iptables-legacy", 6: "ip6tables-legacy"},
}
#: The states in /proc/net/tcp of a connection that has not ended: open, opening, or closed by one side only.
_ALIVE: Final = frozenset({"01", "03", "04", "05", "08"})


class NotIntercepted(MeshError):
    """The rules could not be changed or read; nothing was changed by half."""


class _Rules(Protocol):
    """Where rules are kept: nftables, or one of the iptables."""

    def enable(self, wanted: Plan) -> None:
        """Put rules in place of any earlier ones."""

    def installed(self) -> Installed | None:
        """What is in place."""

    def drain(self) -> None:
        """Send nothing new to the proxy, and keep alive what it was sent."""

    def remove(self) -> None:
        """Leave no trace."""


def enable(wanted: Interception, *, using: str = "auto", within: Sequence[str] = ()) -> None:
    """Put an interception in place of any earlier one.

    `within` is a command that runs another, such as `("ip", "netns", "exec", NAME)`, to act in its network.
    Raises: NotIntercepted with the program's own words.
    """
    _rules(using, within).enable(plan(wanted))


def disable(*, using: str = "auto", within: Sequence[str] = (), is_hard: bool = False) -> int:
    """Take the interception away; without one, nothing happens. How many connections it keeps idle rules for.

    What the proxy was sent lives on, unless `is_hard`: then the last trace goes, and these with it.
    Raises: NotIntercepted with the program's own words.
    """
    rules = _rules(using, within)
    here = rules.installed()
    if here is None:
        return 0
    rules.drain()
    alive = 0 if is_hard else connections(here, within=within)
    if not alive:
        rules.remove()
    return alive


def installed(*, using: str = "auto", within: Sequence[str] = ()) -> Installed | None:
    """What is in place.

    Raises: NotIntercepted with the program's own words.
    """
    return _rules(using, within).installed()


def connections(here: Installed, *, within: Sequence[str] = ()) -> int:
    """How many connections the proxy's ports hold."""
    run = _Runner(tuple(within))
    ports = {f"{port:04X}" for port in here.plan.proxy_ports}
    listed = [line.split() for line in run(("cat", "/proc/net/tcp"), "").splitlines()]
    with contextlib.suppress(NotIntercepted):  # a kernel without IPv6 has no such file
        listed += [line.split() for line in run(("cat", "/proc/net/tcp6"), "").splitlines()]
    return sum(fields[1].rpartition(":")[2] in ports and fields[3] in _ALIVE for fields in listed)


def _rules(using: str, within: Sequence[str]) -> _Rules:
    """Where rules are to be kept: as asked, or in the first that works here."""
    run = _Runner(tuple(within))
    if using == "nft":
        return _Nft(run)
    if using in _IPTABLES:
        return _Iptables(run, using)
    refusals = []
    candidates: tuple[_Rules, ...] = (_Nft(run), *(_Iptables(run, name) for name in _IPTABLES))
    for each in candidates:
        try:
            each.installed()
        except NotIntercepted as error:
            refusals.append(str(error))
        else:
            return each
    raise NotIntercepted("; ".join(refusals[:2]))


@dataclass(frozen=True)
class _Runner:
    """Runs the programs, in the network that `within` chooses."""

    within: tuple[str, ...]

    def __call__(self, command: Sequence[str], script: str) -> str:
        """Run one; what it printed."""
        name, *arguments = command
        program = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:{_SYSTEM_PATH}")
        if program is None:
            package = "nftables" if name == "nft" else "iptables"
            raise NotIntercepted(f"{name} is missing; on Debian: apt-get install {package}")
        try:
            done = subprocess.run(  # noqa: S603  the command is ours; addresses and ports were parsed
                (*self.within, program, *arguments),
                input=script,
                capture_output=True,
                text=True,
                timeout=_TIMEOUT_S,
                check=True,
            )
        except subprocess.CalledProcessError as error:
            raise NotIntercepted(f"{name} refused: {error.stderr.strip()}") from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotIntercepted(f"{name} did not run: {error}") from error
        return done.stdout


@dataclass(frozen=True)
class _Nft:
    """Rules in a table of nftables, for both families."""

    run: _Runner

    def enable(self, wanted: Plan) -> None:
        """Replace the table."""
        self.run(("nft", "-f", "-"), nft.enabling(wanted))

    def installed(self) -> Installed | None:
        """Read the table."""
        # Listed by family first: asking for a table that is not there is an error like any other.
        tables = self.run(("nft", "list", "tables", nft.FAMILY), "").splitlines()
        if f"table {nft.FAMILY} {nft.TABLE}" not in tables:
            return None
        return nft.installed(self.run(("nft", "list", "table", nft.FAMILY, nft.TABLE), ""))

    def drain(self) -> None:
        """Empty the chains that the kernel calls."""
        if here := self.installed():
            self.run(("nft", "-f", "-"), nft.draining(here))

    def remove(self) -> None:
        """Delete the table."""
        self.run(("nft", "-f", "-"), nft.removing())


@dataclass(frozen=True)
class _Iptables:
    """Rules in the nat table of an iptables, one script a family."""

    run: _Runner
    name: str

    def enable(self, wanted: Plan) -> None:
        """Change IPv4, then IPv6; if the second fails, the first gets back what it had."""
        before = self._saved(4)
        self._restore(4, iptables.replacing(before, iptables.wanted(wanted, 4)))
        try:
            self._change_ipv6(iptables.wanted(wanted, 6))
        except NotIntercepted:
            self._restore(4, iptables.replacing(self._saved(4), iptables.ours(before)))
            raise

    def installed(self) -> Installed | None:
        """Read both families."""
        saved = {4: self._saved(4)}
        with contextlib.suppress(NotIntercepted):
            saved[6] = self._saved(6)
        return iptables.installed(saved, f"{self.name}, table nat")

    def drain(self) -> None:
        """Take the jumps away from both families."""
        saved = self._saved(4)
        self._restore(4, iptables.replacing(saved, iptables.rules(saved)))
        with contextlib.suppress(NotIntercepted):
            self._change_ipv6(iptables.rules(self._saved(6)))

    def remove(self) -> None:
        """Remove from both families."""
        self._restore(4, iptables.replacing(self._saved(4), ()))
        self._change_ipv6(())

    def _change_ipv6(self, lines: Sequence[str]) -> None:
        """Change IPv6; where it is missing and nothing is wanted of it, nothing happens."""
        try:
            saved = self._saved(6)
        except NotIntercepted:
            if lines:
                raise
            return
        if lines or iptables.ours(saved):
            self._restore(6, iptables.replacing(saved, lines))

    def _saved(self, version: int) -> str:
        """The nat table as it is."""
        return self.run((f"{_IPTABLES[self.name][version]}-save", "-t", "nat"), "")

    def _restore(self, version: int, script: str) -> None:
        """Apply a script whole, once others have let go of the table."""
        self.run((f"{_IPTABLES[self.name][version]}-restore", "--noflush", "--wait", "10"), script)
