"""Whether the control plane lets this proxy in, asked by an Envoy of its own, as the agent's would ask.

It has the same identity and credentials, and asks for clusters only, so it takes no port. What the control
plane answers stands in its log, with the status of gRPC and the sentence.
Source: gRPC status codes; Envoy's log of a stream that is closed.
"""

import asyncio
import contextlib
import json
import os
import re
import subprocess
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from gossamer.sidecar import http_client
from gossamer.sidecar.binary import envoy_command, envoy_path
from gossamer.sidecar.doctor.check import Check, fail, ok, warn
from gossamer.sidecar.env import Settings
from gossamer.sidecar.facts import Facts
from gossamer.sidecar.health import STATS_TARGET, look
from gossamer.sidecar.http_client import Unanswered
from gossamer.sidecar.run_directory import ADMIN_SOCKET, run_directory, written_config
from gossamer.sidecar.secret_files import SecretFiles
from gossamer.sidecar.stream import StreamSettings
from gossamer.sidecar.variable import Misconfigured

NAME: Final = "stream"
_PATIENCE_S: Final = 20.0
_CLOSED: Final = re.compile(r"gRPC config stream to \S+ closed(?: since \S+ ago)?: (\d+), (.*)")

#: What Envoy adds to a sentence that came from the other end.
_BY_ENVOY: Final = "{via_upstream}"

#: What to do, by the status of gRPC that a stream is closed with.
_REMEDIES: Final = {
    3: "Correct APPMESH_RESOURCE_ARN, or make the virtual node or gateway.",
    7: "Let the key stream for this node: action appmesh:StreamAggregatedResources on its ARN.",
    8: "The control plane has too many proxies: raise its limit, or end some.",
    14: "The control plane closes streams: look at its log, and at what is between.",
    16: "Correct the credentials; if the signature's time is refused, set this machine's clock.",
}


async def stream_check(found: Settings) -> Check:
    """Open a stream, and tell how it went."""
    try:
        return await _probed(found)
    except (Misconfigured, OSError) as error:
        return fail(NAME, f"nothing can be asked: {error}", "Correct what stands above first.")


async def _probed(found: Settings) -> Check:
    # With files of its own: the agent's, if it runs, stay as they are.
    with tempfile.TemporaryDirectory(prefix="gossamer-doctor-") as scratch:
        envoy = replace(found.envoy, run_dir=scratch, uid=None, gid=None, log_level="warning")
        probing = replace(found, envoy=envoy, admin=replace(found.admin, log="/dev/null"))
        with run_directory(envoy) as directory:
            config = written_config(probing, directory, Facts())
            if isinstance(found.stream, StreamSettings):
                SecretFiles(found.stream.credentials, directory, None).write()
            _ask_for_clusters_only(Path(config[-1]))
            command = envoy_command(probing, envoy_path(found), config)
            log = directory / "envoy.log"
            async with _running(command, log):
                return await _outcome(str(directory / ADMIN_SOCKET), log)


def _ask_for_clusters_only(path: Path) -> None:
    """Take out of a bootstrap what would listen somewhere."""
    written = json.loads(path.read_text())
    written["dynamic_resources"].pop("lds_config", None)
    written.get("static_resources", {}).pop("listeners", None)
    path.write_text(json.dumps(written))


@contextlib.asynccontextmanager
async def _running(command: tuple[str, ...], log: Path) -> AsyncIterator[None]:
    out = os.open(log, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        process = await asyncio.create_subprocess_exec(*command, stdout=out, stderr=subprocess.STDOUT)
    finally:
        os.close(out)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _outcome(socket: str, log: Path) -> Check:
    """Wait until the stream is open, or was closed with a word."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                if closed := _CLOSED.search(_written(log)):
                    status, why = int(closed[1]), closed[2].strip().removesuffix(_BY_ENVOY)
                    todo = _REMEDIES.get(status, "Look at the control plane's log.")
                    return fail(NAME, f"closed with {status}: {why}", todo)
                if await _is_open(socket):
                    return ok(NAME, "the control plane lets this proxy in")
                await asyncio.sleep(0.1)
    except TimeoutError:
        return warn(NAME, f"no answer in {_PATIENCE_S:g} s", "Look at the control plane's log.")


def _written(log: Path) -> str:
    """What the Envoy wrote so far: a few lines."""
    return log.read_text(errors="replace")


async def _is_open(socket: str) -> bool:
    """Whether something came over the stream: a stream that is refused is open for a moment too."""
    target = "/stats?format=json&filter=^cluster_manager\\.cds\\.update_(success|rejected)$"
    try:
        stats = await http_client.request_socket(socket, target, within_s=_PATIENCE_S)
        state = await http_client.request_socket(socket, STATS_TARGET, within_s=_PATIENCE_S)
    except Unanswered:
        return False
    counts = json.loads(stats.body or b"{}").get("stats", [])
    return any(one.get("value") for one in counts) and bool(look(b"LIVE", state.body).is_connected)
