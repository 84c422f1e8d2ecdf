"""`gossamer intercept`: the workload's TCP traffic through its sidecar, and the rules away again."""

import os
import sys
from collections.abc import Callable, Mapping
from typing import Annotated

import cyclopts

from gossamer.cli.variable_flag import Flag, given_over, takes
from gossamer.errors import MeshError
from gossamer.sidecar.intercept import apply, iptables, loop, nft, words
from gossamer.sidecar.intercept.env import TABLE, USING, interception, is_enabled_at_start, using
from gossamer.sidecar.intercept.plan import plan

DryRun = Annotated[
    bool,
    cyclopts.Parameter(negative="", help="Print what nft or iptables would be told, and change nothing."),
]
Now = Annotated[
    bool,
    cyclopts.Parameter(negative="", help="Leave no trace, and cut the connections that it keeps alive."),
]
Rules = Annotated[bool, cyclopts.Parameter(negative="", help="Print the rules as nft or iptables list them.")]

app = cyclopts.App(name="intercept", help="Put the workload's TCP traffic through its sidecar.")


@app.default
@takes(TABLE)
def start(**flags: Flag) -> int:
    """Put the workload's TCP traffic through its sidecar.

    Without a command, as a container that starts with App Mesh's variables: enables if APPMESH_START_ENABLED
    says so, then takes commands from its input, a line each: enable, disable, status, quit. The end of the
    input ends it, and leaves the rules in place.
    """
    environ = given_over(os.environ, TABLE, flags)
    return _reported(lambda: _start(environ))


@app.command
@takes(TABLE)
def enable(*, dry_run: DryRun = False, **flags: Flag) -> int:
    """Put the rules in place of any earlier ones.

    Each flag has a variable, named in brackets; a flag wins over its variable.
    """
    environ = given_over(os.environ, TABLE, flags)
    return _reported(lambda: _preview(environ) if dry_run else _enable(environ))


@app.command
@takes((USING,))
def disable(*, dry_run: DryRun = False, now: Now = False, **flags: Flag) -> int:
    """Take the rules away; without any, nothing happens.

    Connections that the proxy holds live on. While there are any, rules that nothing leads to are kept for
    them; disabling once more takes these away.
    """
    environ = given_over(os.environ, (USING,), flags)
    return _reported(lambda: _disable(environ, dry_run=dry_run, is_hard=now))


@app.command
@takes((USING,))
def status(*, rules: Rules = False, **flags: Flag) -> int:
    """Tell in words what is in place; exit with 1 when traffic is not intercepted."""
    environ = given_over(os.environ, (USING,), flags)
    return _reported(lambda: _status(environ, is_raw=rules))


def _start(environ: Mapping[str, str]) -> int:
    """The route manager's steps, each introduced as it did."""
    names = (name for variable in TABLE for name in variable.names if environ.get(name))
    _say("=== Input configuration ===\n" + "".join(f"{name}={environ[name]}\n" for name in names))
    _say("=== Initializing ===\n")
    interception(environ)
    if is_enabled_at_start(environ):
        _enable(environ)
    actions: dict[str, loop.Action] = {
        "enable": lambda: _enable(environ),
        "disable": lambda: _disable(environ),
        "status": lambda: _status(environ),
    }
    loop.run(sys.stdin, actions, _say)
    return 0


def _enable(environ: Mapping[str, str]) -> int:
    """Enable."""
    wanted, kept_in = interception(environ), using(environ)
    _say("=== Enabling routing ===\n")
    apply.enable(wanted, using=kept_in)
    return 0


def _preview(environ: Mapping[str, str]) -> int:
    """Print the script that enabling would run, where nothing of ours is in place."""
    wanted = plan(interception(environ))
    if using(environ) in {"auto", "nft"}:
        _say(nft.enabling(wanted))
        return 0
    for version in (4, 6) if wanted.is_ipv6 else (4,):
        _say(f"# IPv{version}\n{iptables.replacing('', iptables.wanted(wanted, version))}")
    return 0


def _disable(environ: Mapping[str, str], *, dry_run: bool = False, is_hard: bool = False) -> int:
    """Disable, telling what is left."""
    kept_in = using(environ)
    if dry_run:
        here = apply.installed(using=kept_in)
        _say(here.text if here else words.NOT_INTERCEPTED)
        return 0
    if alive := apply.disable(using=kept_in, is_hard=is_hard):
        _say(words.left(alive))
    return 0


def _status(environ: Mapping[str, str], *, is_raw: bool = False) -> int:
    """Tell what is in place."""
    here = apply.installed(using=using(environ))
    if is_raw and here is not None:
        _say(here.text)
    else:
        _say(words.told(here, apply.connections(here) if here else 0))
    return 0 if here and not here.is_draining else 1


def _reported(command: Callable[[], int]) -> int:
    """Run a command; say what kept it from its work."""
    try:
        return command()
    except MeshError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _say(text: str) -> None:
    """Write for the operator, who may be waiting at the other end of a pipe."""
    sys.stdout.write(text)
    sys.stdout.flush()
