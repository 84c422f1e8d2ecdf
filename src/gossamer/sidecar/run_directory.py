"""The directory of one agent: the bootstrap, and Envoy's own admin socket.

Source: Envoy's command line, `--config-path` and `--config-yaml`.
"""

import contextlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from gossamer.sidecar import journal, own_files, stats, tracing, xray
from gossamer.sidecar.admin_settings import LOG as ADMIN_LOG
from gossamer.sidecar.admin_settings import moved_admin
from gossamer.sidecar.bootstrap import bootstrap, with_own_files
from gossamer.sidecar.env import OwnFiles, Settings
from gossamer.sidecar.envoy_settings import CONFIG_FILE, EnvoySettings
from gossamer.sidecar.facts import Facts
from gossamer.sidecar.json_value import Json, parsed
from gossamer.sidecar.variable import Misconfigured

BOOTSTRAP_FILE: Final = "bootstrap.json"
ADMIN_SOCKET: Final = "admin.sock"

#: What the kernel takes for the path of a socket. Source: Linux unix(7).
_LONGEST_SOCKET_PATH: Final = 107


@contextlib.contextmanager
def run_directory(settings: EnvoySettings) -> Iterator[Path]:
    """Where the bootstrap and Envoy's admin socket live; a private one goes when the agent does."""
    with contextlib.ExitStack() as stack:
        if settings.run_dir:
            directory = Path(settings.run_dir).absolute()
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gossamer-")))
        if len(os.fsencode(directory / ADMIN_SOCKET)) > _LONGEST_SOCKET_PATH:
            raise Misconfigured(f"GOSSAMER_RUN_DIR is too long for a socket in it: {directory}")
        give(directory, settings)
        yield directory


def written_config(found: Settings, directory: Path, facts: Facts) -> tuple[str, ...]:
    """Write the bootstrap, and say how Envoy is to be told of it.

    An operator's own is left as it is; Envoy merges the address of its admin interface over it.
    Raises: Misconfigured for files of the operator's that cannot be used.
    """
    socket = str(directory / ADMIN_SOCKET)
    if found.envoy.config_file:
        _check_is_something(Path(found.envoy.config_file))
        return ("--config-path", found.envoy.config_file, "--config-yaml", json.dumps(moved_admin(socket)))
    _check_rules(found.files)
    found = _with_a_log_of_its_own(found, directory)
    written, replaced = with_own_files(bootstrap(found, socket, facts), found.files, documents(found.files))
    for name in replaced:
        journal.warning("bootstrap_member_replaced", name=name)
    path = directory / BOOTSTRAP_FILE
    path.write_text(json.dumps(written, indent=1) + "\n")
    give(path, found.envoy)
    return ("--config-path", str(path))


def _with_a_log_of_its_own(found: Settings, directory: Path) -> Settings:
    """The same, with another file for the admin interface's log where the usual one is another user's.

    Envoy does not start without that log, and all Envoys of a machine share App Mesh's default.
    """
    log = Path(found.admin.log)
    if found.admin.log != ADMIN_LOG.default or _may_write(log, found.envoy.uid):
        return found
    own = directory / log.name
    journal.warning("admin_access_log_moved", path=str(own), why=f"{log} belongs to another user")
    return replace(found, admin=replace(found.admin, log=str(own)))


def _may_write(path: Path, uid: int | None) -> bool:
    """Whether a user, by default our own, may write a file that may not be there yet."""
    if uid is None or os.geteuid() != 0 or not path.exists():
        return not path.exists() or os.access(path, os.W_OK)
    known = path.stat()
    return uid in (0, known.st_uid) or bool(known.st_mode & stat.S_IWOTH)


def give(path: Path, settings: EnvoySettings) -> None:
    """Make Envoy's user the owner."""
    if settings.uid is not None:
        os.chown(path, settings.uid, -1)


def documents(files: OwnFiles) -> dict[str, Json]:
    """What an operator's files hold.

    Raises: Misconfigured for one that cannot be read, or does not hold what it is for.
    """
    named = (
        (files.stats, stats.CONFIG_FILE.name),
        (files.sinks, stats.SINKS_FILE.name),
        (files.tracing, tracing.CONFIG_FILE.name),
        (files.resources, own_files.RESOURCES_FILE.name),
    )
    found = {path: own_files.document(path, variable) for path, variable in named if path}
    if files.sinks and not found[files.sinks].get("stats_sinks"):
        raise Misconfigured(f"{stats.SINKS_FILE.name}: {files.sinks} must hold stats_sinks.")
    if files.tracing and not found[files.tracing].get("tracing"):
        raise Misconfigured(f"{tracing.CONFIG_FILE.name}: {files.tracing} must hold tracing.")
    if files.resources and not found[files.resources]:
        journal.warning("resources_file_empty", path=files.resources)
    return found


def _check_rules(files: OwnFiles) -> None:
    """Refuse rules of sampling that Envoy would pass over without a word."""
    if not files.sampling_rules:
        return
    try:
        text = Path(files.sampling_rules).read_text()
    except OSError as error:
        raise Misconfigured(
            f"{xray.SAMPLING_RULES.name} is {files.sampling_rules}: {error.strerror}."
        ) from error
    if not xray.rules_are_of_version_2(parsed(text)):
        raise Misconfigured(
            f"{xray.SAMPLING_RULES.name}: {files.sampling_rules} must be JSON with version 2."
        )


def _check_is_something(path: Path) -> None:
    """A whole bootstrap must be there."""
    try:
        is_empty = not path.read_bytes().strip()
    except OSError as error:
        raise Misconfigured(f"{CONFIG_FILE.name} is {path}: {error.strerror}.") from error
    if is_empty:
        raise Misconfigured(f"{CONFIG_FILE.name}: {path} is empty.")
