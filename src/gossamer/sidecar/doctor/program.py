"""Envoy's program, and the directory that the agent keeps its files in."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gossamer.sidecar.binary import envoy_path
from gossamer.sidecar.doctor.check import Check, fail, ok
from gossamer.sidecar.env import Settings
from gossamer.sidecar.variable import Misconfigured

#: `envoy  version: COMMIT/1.40.0/Clean/RELEASE/BoringSSL`.
_VERSION: Final = re.compile(r"version: [0-9a-f]+/([0-9.]+\S*?)/")


def program_checks(found: Settings) -> Iterator[Check]:
    """Whether Envoy can be run, and its files be written."""
    yield _envoy(found)
    yield _directory(found)


def _envoy(found: Settings) -> Check:
    name = "envoy"
    try:
        path = envoy_path(found)
        # The program that the agent runs.
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=True)  # noqa: S603
    except Misconfigured as error:
        return fail(name, str(error), "Install the package, or name the program.")
    except (OSError, subprocess.SubprocessError) as error:
        return fail(name, f"it does not run: {error}", "Install an Envoy for this machine.")
    version = _VERSION.search(done.stdout)
    return ok(name, f"{path}, version {version[1] if version else done.stdout.strip()}")


def _directory(found: Settings) -> Check:
    name = "run directory"
    if not found.envoy.run_dir:
        return ok(name, "a private one, made when the agent starts")
    path = Path(found.envoy.run_dir).absolute()
    nearest = next(one for one in (path, *path.parents) if one.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return fail(name, f"{path} cannot be written by this user", "Set GOSSAMER_RUN_DIR to one that can.")
    return ok(name, f"{path} can be written")
