"""The agent beside its Envoy: how long each takes to start, and what memory each holds.

The agent's start is from its own process to the start of Envoy's; Envoy's is from there until it answers.
"""

import asyncio
import signal
import tempfile
import time
from pathlib import Path

from bench.computed import computed_s
from bench.result import Baseline, Result, Spread, at_most
from tests.support.agent_process import agent_process, eventually

ROUNDS = 7
ENVIRON = {"APPMESH_RESOURCE_ARN": "mesh/m/virtualNode/n", "APPMESH_XDS_ENDPOINT": "127.0.0.1:1"}


async def agent() -> list[Result]:
    """Start agents one after another, and ask each a few things before it is weighed."""
    rounds = [await asyncio.to_thread(_round) for _ in range(ROUNDS)]
    agents_s, cpu_s, envoys_s, agents_mb, envoys_mb = (list(one) for one in zip(*rounds, strict=True))
    envoy_start = Baseline("Envoy itself", Spread.of([one * 1000 for one in envoys_s]))
    return [
        Result(
            "start of an agent", "ms", Spread.of([one * 1000 for one in agents_s]), baselines=(envoy_start,)
        ),
        Result("processor time of it", "ms", Spread.of([one * 1000 for one in cpu_s]), goals=(at_most(300),)),
        Result(
            "memory of an agent",
            "MB",
            Spread.of(agents_mb),
            goals=(at_most(40),),
            baselines=(Baseline("Envoy itself", Spread.of(envoys_mb)),),
        ),
    ]


def _round() -> tuple[float, float, float, float, float]:
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        with agent_process(Path(folder), ENVIRON) as running:
            assert eventually(running.envoys)
            started = time.monotonic()
            spent = computed_s(running.process.pid)
            assert eventually(lambda: running.ask("/ready")[1] == b"PRE_INITIALIZING\n")
            answered = time.monotonic()
            for _ in range(20):
                running.ask("/server_info")
            weights = (_memory(running.process.pid), _memory(running.envoys()[0]))
            running.send(signal.SIGINT)
            return (started - begun, spent, answered - started, *weights)


def _memory(pid: int) -> float:
    """What a process holds in memory, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    (kilobytes,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")]
    return int(kilobytes) / 1024
