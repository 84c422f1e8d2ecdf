"""This machine: ports that are taken, open files, name servers, and whether traffic is intercepted.

Source: Linux proc(5), `/proc/net/tcp`; resolv.conf(5); getrlimit(2).
"""

import resource
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from gossamer.contract import EGRESS_PORT, INGRESS_PORT
from gossamer.errors import MeshError
from gossamer.sidecar.doctor.check import Check, fail, ok, warn
from gossamer.sidecar.env import Settings
from gossamer.sidecar.intercept import apply
from gossamer.sidecar.intercept.env import using

_ENOUGH_FILES: Final = 65536
_LISTENING: Final = "0A"
_RESOLVERS: Final = Path("/etc/resolv.conf")


def machine_checks(environ: Mapping[str, str], found: Settings, *, is_running: bool) -> Iterator[Check]:
    """How the machine is; `is_running` says that an Envoy of ours runs, whose ports are no wonder."""
    yield _interception(environ)
    yield from _ports(found, is_running=is_running)
    yield _files()
    yield _name_servers()


def _interception(environ: Mapping[str, str]) -> Check:
    name, todo = (
        "interception",
        "Run `gossamer intercept enable`, unless the application dials its proxy itself.",
    )
    try:
        here = apply.installed(using=using(environ))
    except MeshError as error:
        return warn(
            name, f"the rules cannot be read: {error}", "Run this as root, in the workload's network."
        )
    if here is None or here.is_draining:
        return warn(name, "no rules: the application's traffic passes the proxy by", todo)
    return ok(name, f"rules are in place ({here.where})")


def _ports(found: Settings, *, is_running: bool) -> Iterator[Check]:
    taken = _listening()
    wanted = {EGRESS_PORT: "what goes out", INGRESS_PORT: "what comes in"}
    if found.admin.addresses:
        wanted[found.admin.port] = "Envoy's admin interface"
    blocked = [f"{port} ({what})" for port, what in sorted(wanted.items()) if port in taken]
    if blocked and not is_running:
        todo = "End who listens there: another agent, or an application on a port of the proxy."
        yield fail("ports", f"taken, and no agent answers: {', '.join(blocked)}", todo)
    else:
        yield ok("ports", "the proxy has its ports" if is_running else "the proxy's ports are free")


def _listening() -> set[int]:
    """Every TCP port that somebody listens on."""
    ports: set[int] = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        lines = table.read_text().splitlines()[1:] if table.exists() else []
        fields = [line.split() for line in lines]
        ports |= {int(one[1].rpartition(":")[2], 16) for one in fields if one[3] == _LISTENING}
    return ports


def _files() -> Check:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < _ENOUGH_FILES:
        said = f"at most {hard} files may be open, two for each request under way"
        return warn(
            "open files",
            said,
            f"Raise the limit (ulimit -n, or ulimits of the container) to {_ENOUGH_FILES}.",
        )
    return ok("open files", f"up to {'any number' if hard == resource.RLIM_INFINITY else hard}")


def _name_servers() -> Check:
    try:
        lines = [line.split() for line in _RESOLVERS.read_text().splitlines()]
    except OSError as error:
        return warn("dns", f"{_RESOLVERS}: {error.strerror}", "Envoy finds no endpoint by name without it.")
    servers = [words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"]
    if not servers:
        return warn("dns", f"{_RESOLVERS} names no server", "Envoy then asks 127.0.0.1; name one.")
    return ok("dns", f"asks {', '.join(servers)}")
