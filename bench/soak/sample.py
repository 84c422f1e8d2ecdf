"""What processes hold, as the kernel tells it."""

import os
import re
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

Ask = Callable[[], float]


@dataclass(slots=True)
class Series:
    """One number over time: when in seconds, and how much."""

    name: str
    unit: str
    at: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)


def of_process(name: str, pid: int) -> Iterator[tuple[str, str, Ask]]:
    """What is asked of a process: name, unit, how."""
    yield f"{name}: memory", "MB", lambda: _status(pid, "VmRSS") / 1024
    yield f"{name}: descriptors", "", lambda: len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - only counted
    yield f"{name}: threads", "", lambda: _status(pid, "Threads")


def tasks_of(url: str) -> Ask:
    """How many tasks a control plane has, as it tells itself."""

    def ask() -> float:
        with urllib.request.urlopen(f"{url}/metrics", timeout=30) as answer:  # noqa: S310 - our own
            found = re.search(r"^gossamer_tasks (\S+)$", answer.read().decode(), re.MULTILINE)
        assert found is not None
        return float(found[1])

    return ask


def _status(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE)
    assert found is not None
    return float(found[1])
