"""How Envoy is tended: restarts, drains, health checks, and the file that its log goes to.

Source: App Mesh user guide, the agent for Envoy; ranges as App Mesh's agent had them.
"""

import datetime
from dataclasses import dataclass
from typing import Final

from gossamer.sidecar.variable import Fraction, Number, Reader, Spent, Text, Variable

RESTART_COUNT: Final = Number(
    names=("APPNET_ENVOY_RESTART_COUNT",),
    flag="--envoy-restart-count",
    default=3,
    least=0,
    most=10,
    capped=True,
    meaning="How often Envoy is started again after it exits, before the agent exits with its code.",
)
DRAIN_WAIT: Final = Number(
    names=("LISTENER_DRAIN_WAIT_TIME_S",),
    flag="--drain-wait",
    default=20,
    least=5,
    most=110,
    meaning="Seconds between a request to stop and the stop, in which connections drain.",
)
HEALTH_INTERVAL: Final = Number(
    names=("HC_POLL_INTERVAL_MS",),
    flag="--health-poll-interval",
    default=None,
    least=2000,
    most=30000,
    meaning="Milliseconds between two looks at Envoy's health. Without it, the interval of the readiness "
    "check if that is set, else 10000.",
)
DISCONNECTED_TIMEOUT: Final = Number(
    names=("HC_DISCONNECTED_TIMEOUT_S",),
    flag="--disconnected-timeout",
    default=604800,
    least=3600,
    most=604800,
    meaning="Seconds without a control plane after which the proxy counts as unhealthy.",
)
READINESS_INTERVAL: Final = Number(
    names=("APPNET_AGENT_POLL_ENVOY_READINESS_INTERVAL_S",),
    flag="--readiness-interval",
    default=5,
    least=1,
    most=3600,
    meaning="Seconds between two tries of `gossamer agent -envoyReadiness`.",
)
READINESS_TIMEOUT: Final = Number(
    names=("APPNET_AGENT_POLL_ENVOY_READINESS_TIMEOUT_S",),
    flag="--readiness-timeout",
    default=180,
    least=1,
    most=86400,
    meaning="Seconds after which `gossamer agent -envoyReadiness` gives up.",
)
LOG_DESTINATION: Final = Text(
    names=("APPNET_ENVOY_LOG_DESTINATION",),
    flag="--envoy-log-destination",
    takes="a directory",
    meaning="Where the file of Envoy's log is kept. Without it, Envoy logs to the agent's own output.",
)
LOG_NAME: Final = Text(
    names=("APPNET_ENVOY_LOG_NAME",),
    flag="--envoy-log-name",
    default="appnet_envoy.log",
    takes="a file's name",
    meaning="The name of that file.",
)
LOG_SIZE: Final = Fraction(
    names=("APPNET_AGENT_MAX_LOG_FILE_SIZE",),
    flag="--envoy-log-size",
    default=1.0,
    least=0.001,
    most=10000,
    meaning="Megabytes after which a new file is begun.",
)
LOG_COUNT: Final = Number(
    names=("APPNET_AGENT_MAX_RETENTION_COUNT",),
    flag="--envoy-log-count",
    default=5,
    least=0,
    most=1000,
    meaning="How many full files are kept.",
)
PID_INTERVAL: Final = Spent(
    names=("PID_POLL_INTERVAL_MS",),
    flag="--pid-poll-interval",
    meaning="The agent need not look: the kernel tells it at once when Envoy ends.",
)

TABLE: Final[tuple[Variable, ...]] = (
    RESTART_COUNT, DRAIN_WAIT, HEALTH_INTERVAL, DISCONNECTED_TIMEOUT, READINESS_INTERVAL, READINESS_TIMEOUT,
    LOG_DESTINATION, LOG_NAME, LOG_SIZE, LOG_COUNT, PID_INTERVAL,
)  # fmt: skip

_HEALTH_INTERVAL: Final = datetime.timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """A log that goes to a file, in pieces of `size` bytes of which `count` full ones are kept."""

    directory: str
    name: str
    size: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeSettings:
    """What an operator said of tending; `log` is None where Envoy logs to the agent's own output."""

    restart_count: int
    drain_wait: datetime.timedelta
    health_interval: datetime.timedelta
    disconnected_timeout: datetime.timedelta
    readiness_interval: datetime.timedelta
    readiness_timeout: datetime.timedelta
    log: LogFile | None


def life_settings(read: Reader) -> LifeSettings:
    """Read how Envoy is tended."""
    read.spent(PID_INTERVAL)
    readiness = datetime.timedelta(seconds=read.number(READINESS_INTERVAL))
    return LifeSettings(
        restart_count=read.number(RESTART_COUNT),
        drain_wait=datetime.timedelta(seconds=read.number(DRAIN_WAIT)),
        health_interval=_health_interval(read, readiness),
        disconnected_timeout=datetime.timedelta(seconds=read.number(DISCONNECTED_TIMEOUT)),
        readiness_interval=readiness,
        readiness_timeout=datetime.timedelta(seconds=read.number(READINESS_TIMEOUT)),
        log=_log(read),
    )


def _health_interval(read: Reader, readiness: datetime.timedelta) -> datetime.timedelta:
    """How often Envoy's health is looked at: by its own variable, else by that of the readiness check.

    Source: App Mesh's agent, `HC_POLL_INTERVAL_MS`; its range holds for both.
    """
    own = read.number(HEALTH_INTERVAL)
    if own is not None:
        return datetime.timedelta(milliseconds=own)
    least, most = HEALTH_INTERVAL.least / 1000, (HEALTH_INTERVAL.most or 0) / 1000
    is_usable = read.is_set(READINESS_INTERVAL) and least <= readiness.total_seconds() <= most
    return readiness if is_usable else _HEALTH_INTERVAL


def _log(read: Reader) -> LogFile | None:
    """Where Envoy's log goes, if not to the agent's output.

    Source: App Mesh's agent, `APPNET_ENVOY_LOG_DESTINATION`.
    """
    directory = read.text(LOG_DESTINATION)
    if not directory or directory in {"stdout", "stderr", "/dev/stdout", "/dev/stderr"}:
        return None
    size = int(read.fraction(LOG_SIZE) * 1024 * 1024)
    return LogFile(directory=directory, name=read.text(LOG_NAME), size=size, count=read.number(LOG_COUNT))
