"""The load generator, and what each process computed meanwhile.

wrk is a few microseconds a request; every machine's processors are shared by it, the application and the
proxies, so what is compared is the proxies' own processor time, and throughput only round by round.
"""

import asyncio
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bench.computed import computed_s
from tests.support.machine import Machine

CONNECTIONS: Final = 32


class NoLoad(Exception):
    """There is nothing to make load with, or what it did is no measurement; the text says what."""


@dataclass(frozen=True, slots=True)
class Burst:
    """A while of load: how much was answered a second, and processor time a request in microseconds."""

    rate: float
    latency_us: float
    spent_us: Mapping[str, float]


def wrk() -> str:
    """The load generator.

    Raises: NoLoad.
    """
    found = shutil.which("wrk")
    if found is None:
        raise NoLoad("wrk is not installed; on Debian: apt-get install wrk")
    return found


async def burst(machine: Machine, url: str, host: str, seconds: int, pids: Mapping[str, int]) -> Burst:
    """Load from a machine for a while; what the processes spent on it.

    Raises: NoLoad for answers other than 200.
    """
    before = {name: computed_s(pid) for name, pid in pids.items()}
    command = (
        *(*machine.within, wrk(), "--threads", "1", "--connections", str(CONNECTIONS)),
        *(
            "--duration",
            f"{seconds}s",
            "--latency",
            "--header",
            f"Host: {host}",
            url,
        ),
    )
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    said = out.decode()
    after = {name: computed_s(pid) for name, pid in pids.items()}
    found = re.search(r"(\d+) requests in ([\d.]+)(m?s)", said)
    if process.returncode or found is None or "Non-2xx" in said or "Socket errors" in said:
        raise NoLoad(f"{machine.name} → {url}: {said}")
    count = int(found[1])
    return Burst(
        rate=_number(said, r"Requests/sec:\s+([\d.]+)"),
        latency_us=_time_us(said, "50%"),
        spent_us={name: (after[name] - before[name]) / count * 1e6 for name in pids},
    )


def _number(said: str, pattern: str) -> float:
    found = re.search(pattern, said)
    if found is None:
        raise NoLoad(said)
    return float(found[1])


def _time_us(said: str, percentile: str) -> float:
    found = re.search(rf"{percentile}\s+([\d.]+)(us|ms|s)", said)
    if found is None:
        raise NoLoad(said)
    return float(found[1]) * {"us": 1, "ms": 1e3, "s": 1e6}[found[2]]
