"""All that is looked at, in the order in which one would look for what is wrong."""

from collections.abc import AsyncIterator, Mapping

from gossamer.sidecar.doctor.check import Check, fail, ok, warn
from gossamer.sidecar.doctor.control_plane import reach_checks
from gossamer.sidecar.doctor.machine import machine_checks
from gossamer.sidecar.doctor.probe import NAME, stream_check
from gossamer.sidecar.doctor.program import program_checks
from gossamer.sidecar.doctor.proxy import Running, proxy_checks, running
from gossamer.sidecar.env import Settings, settings
from gossamer.sidecar.stream import StreamSettings
from gossamer.sidecar.variable import Misconfigured


async def examined(environ: Mapping[str, str]) -> AsyncIterator[Check]:
    """Look at everything, as far as the variables let themselves be read."""
    try:
        found, ignored = settings(environ)
    except Misconfigured as error:
        yield fail("variables", str(error), "Correct it: the agent does not start without.")
        return
    for one in ignored:
        yield warn("variables", one.sentence, "Correct it, or take it away.")
    if not ignored:
        who = found.node.identity.text if found.node.identity else "nobody: an own bootstrap, or a relay"
        yield ok("variables", f"this proxy is {who}")
    for check in program_checks(found):
        yield check
    envoy = await running(found.admin)
    for check in proxy_checks(found.admin, envoy):
        yield check
    async for check in _stream_checks(found, envoy):
        yield check
    for check in machine_checks(environ, found, is_running=envoy.is_there):
        yield check


async def _stream_checks(found: Settings, envoy: Running) -> AsyncIterator[Check]:
    """Whether the control plane is reached and lets the proxy in; not asked where the stream is open."""
    if not isinstance(found.stream, StreamSettings) or found.envoy.config_file:
        return
    if envoy.look.is_connected:
        yield ok(NAME, "Envoy's stream to the control plane is open")
        return
    is_reached = True
    async for check in reach_checks(found.stream):
        is_reached = is_reached and not check.todo
        yield check
    if is_reached:
        yield await stream_check(found)
