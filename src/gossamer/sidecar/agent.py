"""All of the agent put together: bootstrap, fronts, supervision.

Source: App Mesh user guide, the agent for Envoy.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from gossamer.clock import SystemClock
from gossamer.sidecar import admin, journal
from gossamer.sidecar.binary import envoy_command, envoy_path
from gossamer.sidecar.env import Settings, settings
from gossamer.sidecar.health import Health
from gossamer.sidecar.lifecycle import Lifecycle
from gossamer.sidecar.log_file import RotatingFile
from gossamer.sidecar.log_level import LogLevel
from gossamer.sidecar.machine import machine_facts
from gossamer.sidecar.management import Management
from gossamer.sidecar.run_directory import ADMIN_SOCKET, run_directory, written_config
from gossamer.sidecar.secret_files import SecretFiles
from gossamer.sidecar.stream import StreamSettings
from gossamer.sidecar.supervise import Program, Supervisor, give_streams, raise_open_files
from gossamer.sidecar.telemetry import Telemetry
from gossamer.sidecar.variable import Misconfigured
from gossamer.sidecar.watch import Watch


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
    facts, silent = await machine_facts(found.cloud)
    for name in silent:
        journal.warning("platform_silent", name=name)
    with contextlib.ExitStack() as stack:
        log = RotatingFile(found.life.log) if found.life.log else None
        stack.callback(log.close if log else lambda: None)
        directory = stack.enter_context(run_directory(found.envoy))
        socket = str(directory / ADMIN_SOCKET)
        command = envoy_command(found, program, written_config(found, directory, facts))
        envoy = Program(command, found.envoy.uid, found.envoy.gid, socket, environ, log)
        return await _Agent(found, envoy, _written_secrets(found, directory)).run()


class _Agent:
    """One Envoy and all that tends it."""

    def __init__(self, found: Settings, program: Program, secrets: SecretFiles | None) -> None:
        self._found = found
        self._program = program
        self._secrets = secrets
        clock, life = SystemClock(), found.life
        self._health = Health(clock.now(), life.disconnected_timeout)
        self._watch = Watch(program.admin_socket, self._health, clock, life.health_interval)

    async def run(self) -> int:
        """Tend Envoy to its end; the exit code."""
        found, socket = self._found, self._program.admin_socket
        lifecycle = Lifecycle(restarts=found.life.restart_count, drain_wait=found.life.drain_wait)
        async with admin.fronted(socket, found.admin) as port, asyncio.TaskGroup() as tasks:
            journal.info(
                "admin_fronted", address=", ".join(found.admin.addresses) or found.admin.socket, port=port
            )
            level = LogLevel(socket, found.envoy.log_level, found.management.reset_timeout, tasks)
            async with self._beside(level, tasks):
                supervisor = Supervisor(self._program, lifecycle, lambda: self._start_over(level))
                self._watch.envoy = supervisor
                code = await supervisor.run()
        journal.info("agent_finished", code=code)
        return code

    @contextlib.asynccontextmanager
    async def _beside(self, level: LogLevel, tasks: asyncio.TaskGroup) -> AsyncIterator[None]:
        """The agent's own interface and what goes on by itself, for as long as Envoy is tended."""
        found = self._found
        telemetry = Telemetry(
            self._program.admin_socket,
            found.node.identity,
            has_metrics=found.node.has_metrics,
            has_snapshots=found.management.has_snapshots,
        )
        management = Management(self._program.admin_socket, self._watch, level, telemetry)
        async with management.served(found.management) as port:
            if found.management.addresses or found.management.socket:
                journal.info("management_served", port=port, socket=found.management.socket)
            running = [
                tasks.create_task(self._watch.keep_looking(), name="watch"),
                tasks.create_task(telemetry.keep_snapshots(), name="snapshots"),
            ]
            if self._secrets:
                running.append(tasks.create_task(self._secrets.follow(), name="secrets"))
            try:
                yield
            finally:
                level.close()
                for task in running:
                    task.cancel()

    def _start_over(self, level: LogLevel) -> None:
        """A new Envoy knows nothing of the last one's."""
        self._health.start_over()
        level.start_over()


def _written_secrets(found: Settings, directory: Path) -> SecretFiles | None:
    """The secrets of the stream, written for Envoy to read; an operator's own bootstrap has its own."""
    if found.envoy.config_file or not isinstance(found.stream, StreamSettings):
        return None
    secrets = SecretFiles(found.stream.credentials, directory, found.envoy.uid)
    secrets.write()
    return secrets


def _check_user(found: Settings) -> None:
    """Only root may run Envoy as another, and must then let it write where the agent's output goes."""
    if found.envoy.uid is None and found.envoy.gid is None:
        return
    if os.geteuid() != 0:
        raise Misconfigured("GOSSAMER_ENVOY_UID and GOSSAMER_ENVOY_GID need an agent that runs as root.")
    if found.envoy.uid is not None:
        give_streams(found.envoy.uid)
