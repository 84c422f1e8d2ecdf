"""`gossamer`: the commands, each loaded only when it is called, so that the sidecar starts light."""

import contextlib
import sys
from importlib.metadata import version
from typing import Final

import cyclopts

COMMANDS: Final = (
    "serve",
    "keys",
    "share",
    "ca",
    "agent",
    "intercept",
    "cni",
    "doctor",
    "inject",
    "webhook",
    "get",
    "describe",
    "apply",
    "diff",
    "delete",
    "history",
    "rollback",
    "proxies",
    "explain",
    "config",
    "analyze",
    "audit",
    "store",
    "sdk",
    "completion",
    "top",
    "demo",
)

app = cyclopts.App(
    name="gossamer",
    help="The open service mesh that carries on AWS App Mesh.",
    version=lambda: version("gossamer"),
    config=cyclopts.config.Env("GOSSAMER_", command=False),
)
for command in COMMANDS:
    app.command(f"gossamer.cli.{command}:app", name=command)


def main() -> None:
    """Run the command that was asked for."""
    words = sys.argv[1:]
    if not words or words[0] in app.help_flags:
        load()
    raise SystemExit(app())


def load() -> None:
    """Load every command, so that the list of them says what each is for."""
    for command in COMMANDS:
        # An installation for the sidecar alone lacks what other commands need.
        with contextlib.suppress(ImportError):
            app[command]


if __name__ == "__main__":
    main()
