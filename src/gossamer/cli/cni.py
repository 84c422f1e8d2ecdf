"""`gossamer cni`: the interception as a plugin of the container network interface."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cyclopts

from gossamer.sidecar.intercept import apply, cni
from gossamer.sidecar.intercept.env import using
from gossamer.sidecar.intercept.plan import Installed, Interception

app = cyclopts.App(name="cni")


@app.default
def run() -> int:
    """Answer one request of a container runtime: a command in CNI_COMMAND, configuration on the input."""
    is_met, said = cni.answer(os.environ, sys.stdin.read(), _Networks(os.environ))
    sys.stdout.write(said)
    return 0 if is_met else 1


@dataclass(frozen=True)
class _Networks:
    """The rules of networks that the runtime names by path."""

    environ: Mapping[str, str]

    def enable(self, netns: str, wanted: Interception) -> None:
        """Put the rules in place."""
        apply.enable(wanted, using=using(self.environ), within=_within(netns))

    def installed(self, netns: str) -> Installed | None:
        """What is in place."""
        return apply.installed(using=using(self.environ), within=_within(netns))

    def remove(self, netns: str) -> None:
        """Leave no trace: the network goes, and its connections with it."""
        if netns and Path(netns).exists():
            apply.disable(using=using(self.environ), within=_within(netns), is_hard=True)


def _within(netns: str) -> tuple[str, ...]:
    """The command that runs another in a network."""
    return ("nsenter", f"--net={netns}", "--")
