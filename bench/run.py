"""One scenario, run in a process of its own and within its time, and what is kept of it."""

import datetime
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import uvloop
from pydantic import TypeAdapter

from bench.result import Result
from bench.scenarios import SCENARIOS, Scenario

#: Where the newest run of each scenario is kept.
KEPT: Final = Path("build/bench")

#: A scenario with a gRPC server in its own process starts others beside it. gRPC's handlers for forks, which
#: those do not need, would write a line for each, and now and then end the new process before it is one.
_FORKS: Final = {"GRPC_ENABLE_FORK_SUPPORT": "0"}


@dataclass(frozen=True, slots=True)
class Run:
    """What one scenario came to. `failure` says why there is nothing, or not all."""

    scenario: str
    at: datetime.datetime
    took_s: float
    results: tuple[Result, ...] = ()
    failure: str = ""
    machine: Mapping[str, str | int | float] = field(default_factory=dict)


RUN: Final = TypeAdapter(Run)
RESULTS: Final = TypeAdapter(tuple[Result, ...])


def kept(name: str) -> Path:
    """The file of a scenario's newest run."""
    return KEPT / f"{name}.json"


def load(name: str) -> Run | None:
    """The newest run of a scenario; None if it was never run."""
    path = kept(name)
    return RUN.validate_json(path.read_bytes()) if path.exists() else None


def save(run: Run) -> None:
    """Keep a run in place of the one before."""
    KEPT.mkdir(parents=True, exist_ok=True)
    kept(run.scenario).write_bytes(RUN.dump_json(run, indent=2))


def measure(scenario: Scenario) -> tuple[Result, ...]:
    """Run a scenario in this process."""
    return tuple(uvloop.run(scenario.run()))


def run_apart(name: str, patience: float = 1.0) -> Run:
    """Run a scenario in a process of its own; when its time is over it ends with all that it started.

    `patience` multiplies that time, for a machine with other things to do.
    """
    limit = SCENARIOS[name].limit_s * patience
    machine, at, begun = _machine(), datetime.datetime.now(datetime.UTC), time.monotonic()
    out = KEPT / f"{name}.part"
    KEPT.mkdir(parents=True, exist_ok=True)
    out.unlink(missing_ok=True)
    command = (sys.executable, "-m", "bench", "--measure", name, "--to", str(out))
    with subprocess.Popen(command, start_new_session=True, env={**os.environ, **_FORKS}) as process:
        try:
            code = process.wait(limit)
            failure = "" if code == 0 else f"ended with {code}"
        except subprocess.TimeoutExpired:
            failure = f"did not end within {limit:g} s"
        finally:
            _end(process)
    results = RESULTS.validate_json(out.read_bytes()) if out.exists() else ()
    out.unlink(missing_ok=True)
    return Run(name, at, round(time.monotonic() - begun, 1), results, failure, machine)


def write_results(results: Sequence[Result], out: Path) -> None:
    """Hand results over to the process that asked for them."""
    out.write_bytes(RESULTS.dump_json(tuple(results)))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a scenario's process and whatever it left."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _machine() -> Mapping[str, str | int | float]:
    """Where it is measured; `load` is how busy the machine was with other things before."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "kernel": platform.release(),
        "load": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
