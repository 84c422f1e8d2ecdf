"""`gossamer inject`: task definitions and pods, with a sidecar in them."""

import dataclasses
import difflib
import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cyclopts

from gossamer.errors import MeshError
from gossamer.inject import manifest, task_definition
from gossamer.inject.document import Json, Refused
from gossamer.inject.listener import listener_ports
from gossamer.inject.settings import Settings, endpoint, ports
from gossamer.inject.text import changed, parsed

app = cyclopts.App(name="inject", help="Put a sidecar into ECS task definitions and Kubernetes manifests.")


@dataclass(frozen=True, kw_only=True)
class Output:
    """What comes out."""

    diff: bool = False
    """Print the difference instead of the result."""

    check: bool = False
    """Print nothing; exit with 1 if the file would change."""

    undo: bool = False
    """Take the sidecar out again: the file as it was before."""

    record: bool = True
    """Whether a label or an annotation tells how to undo. Without it, --undo knows nothing of the file."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What the workload is."""

    mesh: str = ""
    """The mesh."""

    virtual_node: str = ""
    """The virtual node that the workload is."""

    virtual_gateway: str = ""
    """The virtual gateway that the workload is: its traffic is not intercepted."""

    listeners: Path | None = None
    """The virtual node as a file of JSON: its listeners' ports are the application's."""


Flat = cyclopts.Parameter(name="*")
Source = Annotated[
    str, cyclopts.Parameter(help="A file, or - for standard input.", allow_leading_hyphen=True, env_var=())
]


@app.command
def ecs(
    file: Source,
    /,
    *,
    resource: str = "",
    target: Annotated[Target, Flat] | None = None,
    settings: Annotated[Settings, Flat] | None = None,
    output: Annotated[Output, Flat] | None = None,
) -> int:
    """Put a sidecar into a task definition.

    Takes the input of `aws ecs register-task-definition`, the output of `describe-task-definition`, or a
    CloudFormation template; writes the result to standard output.

    Parameters
    ----------
    resource
        Which task definition of a template, by its logical name.
    """
    what, how = target or Target(), output or Output()

    def change(document: Json) -> Json:
        if how.undo:
            return task_definition.undone(document, resource)
        who = endpoint(what.mesh, what.virtual_node, what.virtual_gateway)
        own = _with_listeners(settings or Settings(), what)
        asked = task_definition.Injection(who, own, resource, is_recorded=how.record)
        return task_definition.injected(document, asked, _warn)

    return _reported(file, change, how)


@app.command
def kubernetes(
    file: Source,
    /,
    *,
    only: tuple[str, ...] = (),
    target: Annotated[Target, Flat] | None = None,
    settings: Annotated[Settings, Flat] | None = None,
    output: Annotated[Output, Flat] | None = None,
) -> int:
    """Put a sidecar into the pods of manifests.

    Takes one or several documents of YAML or JSON, and lists; writes the result to standard output. Comments
    and the order of members are kept, and documents without pods are left alone. A pod's own annotations,
    such as appmesh.k8s.aws/virtualNode, win over the flags.

    Parameters
    ----------
    only
        Which owners of pods are meant, as KIND/NAME; may be given several times. Needed when a file has
        several.
    """
    what, how = target or Target(), output or Output()
    has_one = bool(what.virtual_node or what.virtual_gateway)

    def change(document: Json) -> Json:
        if how.undo:
            return manifest.undone(document)
        who = endpoint(what.mesh, what.virtual_node, what.virtual_gateway) if has_one else None
        own = _with_listeners(settings or Settings(), what)
        asked = manifest.Injection(who, own, what.mesh, only, is_recorded=how.record)
        return manifest.injected(document, asked, _warn)

    def choose(text: str) -> None:
        several = [name for document in parsed(text) for name in manifest.owners(document)]
        if has_one and not only and not how.undo and len(several) > 1:
            raise Refused(f"which of these is the endpoint? --only KIND/NAME: {', '.join(several)}")
        if missing := [name for name in only if name not in several]:
            raise Refused(f"the file has no {', '.join(missing)}; it has {', '.join(several) or 'no pods'}")

    return _reported(file, change, how, choose)


def _with_listeners(settings: Settings, target: Target) -> Settings:
    """The settings with the ports of the virtual node's listeners, unless they name ports of their own."""
    if not settings.xds_endpoint and settings.form == "current":
        _warn("without --xds-endpoint the sidecar looks for the control plane on its own machine")
    if target.listeners is None:
        return settings
    (document,) = parsed(_read(str(target.listeners)))
    listening = listener_ports(document)
    if not settings.app_ports:
        return dataclasses.replace(settings, app_ports=",".join(map(str, listening)))
    if set(ports(settings.app_ports, "--app-ports")) != set(listening):
        listed = ", ".join(map(str, listening)) or "none"
        _warn(f"--app-ports {settings.app_ports} are not the ports of the node's listeners: {listed}")
    return settings


def _reported(
    file: str, change: Callable[[Json], Json], output: Output, choose: Callable[[str], None] = lambda _: None
) -> int:
    """Change a file and print what was asked for; say what kept it from its work."""
    _warn.cache_clear()
    try:
        before = _read(file)
        choose(before)
        after = changed(before, change)
    except MeshError as error:
        sys.stderr.write(f"gossamer inject: {error}\n")
        return 2 if output.check else 1
    if output.check:
        return int(after != before)
    sys.stdout.write(_difference(before, after, file) if output.diff else after)
    return 0


def _difference(before: str, after: str, file: str) -> str:
    """What changes, as `diff -u` shows it."""
    old, new = (text.splitlines(keepends=True) for text in (before, after))
    return "".join(difflib.unified_diff(old, new, file, f"{file} with a sidecar"))


def _read(file: str) -> str:
    """A file's text.

    Raises: Refused when it cannot be read.
    """
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(str(error)) from error


@functools.cache
def _warn(sentence: str) -> None:
    """Say once what is likely a mistake."""
    sys.stderr.write(f"gossamer inject: warning: {sentence}\n")
