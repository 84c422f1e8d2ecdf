"""`gossamer`: the commands, each loaded only when it is called, so that the sidecar starts light."""

import contextlib
import errno
import os
import signal
import sys
from typing import Final

import cyclopts

from gossamer.runtime import tuning

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


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - seldom asked for

    return version("gossamer")


app = cyclopts.App(
    name="gossamer",
    help="The open service mesh that carries on AWS App Mesh.",
    version=_version,
    config=cyclopts.config.Env("GOSSAMER_", command=False),
)
for command in COMMANDS:
    app.command(f"gossamer.cli.{command}:app", name=command)


def main() -> None:
    """Run the command that was asked for."""
    words = sys.argv[1:]
    if words[:1] == ["serve"]:
        tuning.begin(os.environ)
    if not words or words[0] in app.help_flags:
        _tell_what_each_is_for()
    raise SystemExit(_exit_code())


def _exit_code() -> int | str | None:
    """What the command comes to; whoever stops it or takes no more of what it says is told no traceback."""
    try:
        code: int | str | None = app()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        _say_no_more()
        return 128 + signal.SIGPIPE
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _say_no_more()
        sys.stderr.write(f"gossamer: {error.strerror}\n")
        return 1
    return code


def _say_no_more() -> None:
    """Let what is still to be written go nowhere, so that it does not fail again at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell_what_each_is_for() -> None:
    """Let the list of commands do so, without a word of any other help being lost."""
    from gossamer.cli.synopsis import synopsis  # noqa: PLC0415 - for the list alone

    for command in COMMANDS:
        del app[command]
        app.command(f"gossamer.cli.{command}:app", name=command, help=synopsis(command))


def load() -> None:
    """Load every command."""
    for command in COMMANDS:
        # An installation for the sidecar alone lacks what other commands need.
        with contextlib.suppress(ImportError):
            app[command]


if __name__ == "__main__":
    main()
