"""`gossamer intercept`: the workload's TCP traffic through its sidecar, and the rules away again."""

import os
import sys
from collections.abc import Callable, Mapping
from typing import Annotated

import cyclopts

from gossamer.cli.variable_flag import Flag, given_over, takes
from gossamer.errors import MeshError
from gossamer.sidecar.intercept import apply, nft
from gossamer.sidecar.intercept.env import TABLE, interception, is_enabled_at_start
from gossamer.sidecar.intercept.plan import plan

DryRun = Annotated[
    bool, cyclopts.Parameter(negative="", help="Print what nft would be told, and change nothing.")
]

app = cyclopts.App(name="intercept", help="Put the workload's TCP traffic through its sidecar.")


@app.default
@takes(TABLE)
def start(*, dry_run: DryRun = False, **flags: Flag) -> int:
    """Put the workload's TCP traffic through its sidecar.

    Without a command: enable, if APPMESH_START_ENABLED says so, as a container that starts with App Mesh's
    variables does.
    """
    environ = given_over(os.environ, TABLE, flags)
    if not is_enabled_at_start(environ):
        _say("APPMESH_START_ENABLED is not set: nothing was changed. Commands: enable, disable, status.\n")
        return 0
    return _reported(lambda: _enable(environ, dry_run=dry_run))


@app.command
@takes(TABLE)
def enable(*, dry_run: DryRun = False, **flags: Flag) -> int:
    """Put the rules in place of any earlier ones.

    Each flag has a variable, named in brackets; a flag wins over its variable.
    """
    return _reported(lambda: _enable(given_over(os.environ, TABLE, flags), dry_run=dry_run))


@app.command
def disable(*, dry_run: DryRun = False) -> int:
    """Take the rules away; without any, nothing happens."""
    return _reported(lambda: _disable(dry_run=dry_run))


@app.command
def status() -> int:
    """Print the rules that are in place; exit with 1 when there are none."""
    return _reported(_status)


def _enable(environ: Mapping[str, str], *, dry_run: bool) -> int:
    """Enable, telling first what was configured, as the proxy route manager did."""
    wanted = interception(environ)
    if dry_run:
        _say(nft.enabling(plan(wanted)))
        return 0
    names = (name for variable in TABLE for name in variable.names if environ.get(name))
    _say("=== Input configuration ===\n", *(f"{name}={environ[name]}\n" for name in names))
    _say("=== Enabling routing ===\n")
    apply.enable(wanted)
    return 0


def _disable(*, dry_run: bool) -> int:
    """Disable."""
    if dry_run:
        _say(nft.disabling())
    else:
        apply.disable()
    return 0


def _status() -> int:
    """Tell what is in place."""
    rules = apply.listing()
    _say(rules or "Traffic is not intercepted.\n")
    return 0 if rules else 1


def _reported(command: Callable[[], int]) -> int:
    """Run a command; say what kept it from its work."""
    try:
        return command()
    except MeshError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _say(*lines: str) -> None:
    """Write for the operator."""
    sys.stdout.writelines(lines)
