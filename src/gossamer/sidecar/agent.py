"""All of the agent put together: bootstrap, front, supervision.

Source: App Mesh user guide, the agent for Envoy.
"""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from gossamer.sidecar import admin, journal
from gossamer.sidecar.binary import envoy_command, envoy_path
from gossamer.sidecar.bootstrap import bootstrap, moved_admin
from gossamer.sidecar.env import Settings, settings
from gossamer.sidecar.lifecycle import Lifecycle
from gossamer.sidecar.supervise import Program, give_streams, raise_open_files, supervise
from gossamer.sidecar.variable import Misconfigured

BOOTSTRAP_FILE: Final = "bootstrap.json"
ADMIN_SOCKET: Final = "admin.sock"

#: What the kernel takes for the path of a socket. Source: Linux unix(7).
_LONGEST_SOCKET_PATH: Final = 107

_ON_IPV6: Final = {"127.0.0.1": "::1", "0.0.0.0": "::"}  # noqa: S104  only when an operator asks for it


async def run(environ: Mapping[str, str]) -> int:
    """Run a sidecar until it ends; the exit code.

    Raises: Misconfigured when it cannot even begin.
    """
    found, ignored = settings(environ)
    for each in ignored:
        journal.warning("setting_ignored", why=each.sentence)
    program = envoy_path(found)
    _check_user(found)
    raise_open_files()
    with run_directory(found) as directory:
        socket = str(directory / ADMIN_SOCKET)
        command = envoy_command(found, program, written_config(found, directory, socket))
        return await _run(found, Program(command, found.envoy_uid, found.envoy_gid, socket))


async def _run(found: Settings, program: Program) -> int:
    """Front the admin interface, and tend Envoy behind it."""
    lifecycle = Lifecycle(restarts=found.restart_count, drain_wait=found.drain_wait)
    async with admin.fronted(program.admin_socket, admin_addresses(found), found.admin_port) as port:
        journal.info("admin_fronted", address=found.admin_address, port=port)
        code = await supervise(program, lifecycle)
    journal.info("agent_finished", code=code)
    return code


def admin_addresses(found: Settings) -> tuple[str, ...]:
    """Where the front listens.

    Source: App Mesh user guide, `ENVOY_ADMIN_ACCESS_ENABLE_IPV6`.
    """
    twin = _ON_IPV6.get(found.admin_address) if found.is_admin_on_ipv6 else None
    return (found.admin_address, twin) if twin else (found.admin_address,)


def written_config(found: Settings, directory: Path, socket: str) -> tuple[str, ...]:
    """Write the bootstrap, and say how Envoy is to be told of it.

    An operator's own is left as it is; Envoy merges the address of its admin interface over it.
    Source: Envoy's command line, `--config-path` and `--config-yaml`.
    """
    if found.config_file:
        return ("--config-path", found.config_file, "--config-yaml", json.dumps(moved_admin(socket)))
    path = directory / BOOTSTRAP_FILE
    path.write_text(json.dumps(bootstrap(found, socket), indent=1) + "\n")
    _give(path, found)
    return ("--config-path", str(path))


@contextlib.contextmanager
def run_directory(found: Settings) -> Iterator[Path]:
    """Where the bootstrap and Envoy's admin socket live; a private one goes when the agent does."""
    with contextlib.ExitStack() as stack:
        if found.run_dir:
            directory = Path(found.run_dir).absolute()
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gossamer-")))
        if len(os.fsencode(directory / ADMIN_SOCKET)) > _LONGEST_SOCKET_PATH:
            raise Misconfigured(f"GOSSAMER_RUN_DIR is too long for a socket in it: {directory}")
        _give(directory, found)
        yield directory


def _check_user(found: Settings) -> None:
    """Only root may run Envoy as another, and must then let it write where the agent's output goes."""
    if found.envoy_uid is None and found.envoy_gid is None:
        return
    if os.geteuid() != 0:
        raise Misconfigured("GOSSAMER_ENVOY_UID and GOSSAMER_ENVOY_GID need an agent that runs as root.")
    if found.envoy_uid is not None:
        give_streams(found.envoy_uid)


def _give(path: Path, found: Settings) -> None:
    """Make Envoy's user the owner."""
    if found.envoy_uid is not None:
        os.chown(path, found.envoy_uid, -1)
