"""How many worker threads Envoy gets where they are to match the workload's share of the processors.

By itself Envoy runs one a processor that it may use, within a quota of its cgroup. A share is what the
workload has when others are busy too: of a machine with many processors, a sidecar usually has a part of one.
More threads than that share less: each has its own connections to every endpoint.
Source: Linux cgroups, cpu.shares, cpu.weight, cpu.max and cpu.cfs_quota_us; Kubernetes and ECS, where 1,024
shares are a processor; runc's conversion of shares to weights.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: What Kubernetes and ECS give for a whole processor.
SHARES_A_PROCESSOR: Final = 1024
_CGROUPS: Final = Path("/sys/fs/cgroup")
_MEMBERSHIP: Final = Path("/proc/self/cgroup")
#: Where version 1 mounts the controller, by what a system calls it.
_V1: Final = ("cpu", "cpu,cpuacct", "cpuacct,cpu")


@dataclass(frozen=True, slots=True)
class Share:
    """What the kernel says of a workload; None for what is not bounded. Both in processors."""

    processors: int
    quota: float | None = None
    shares: float | None = None


def workers(share: Share) -> int:
    """How many threads match a share: whole processors of the least that bounds it, and at least one."""
    bounds = (bound for bound in (share.quota, share.shares) if bound is not None)
    return max(1, int(min((share.processors, *bounds))))


def share_here(membership: Path = _MEMBERSHIP, cgroups: Path = _CGROUPS) -> Share:
    """This process's share; what cannot be read bounds nothing."""
    found = list(_folders(membership, cgroups))
    quotas = [quota for folder in found if (quota := _quota(folder)) is not None]
    # A group above ours counts for its quota; its weight is against its own neighbours.
    shares = _shares(found[0]) if found else None
    return Share(len(os.sched_getaffinity(0)), min(quotas, default=None), shares)


def _folders(membership: Path, cgroups: Path) -> Iterator[Path]:
    """The own group's folder, then those above it, of whichever version has the controller."""
    groups = {}
    for line in _text(membership).splitlines():
        _, controllers, path = line.split(":", 2)
        groups.update(dict.fromkeys(controllers.split(","), path.strip("/")))
    mounts = [cgroups / name for name in _V1] if "cpu" in groups else [cgroups]
    path = groups.get("cpu", groups.get("", ""))
    mount = next((one for one in mounts if one.is_dir()), None)
    if mount is None:
        return
    # In a container the path may be the host's, where the mount is the container's own.
    own = mount / path if (mount / path).is_dir() else mount
    yield own
    yield from (one for one in own.parents if one.is_relative_to(mount))


def _quota(folder: Path) -> float | None:
    """How many processors a group may use, of either version."""
    told = _text(folder / "cpu.max").split() or [
        _text(folder / "cpu.cfs_quota_us").strip(),
        _text(folder / "cpu.cfs_period_us").strip(),
    ]
    numbers = [int(one) for one in told if one.isdigit()]
    return numbers[0] / numbers[1] if len(numbers) == len(told) and all(numbers) else None


def _shares(folder: Path) -> float | None:
    """How many processors a group's weight stands for, of either version."""
    shares, weight = _text(folder / "cpu.shares").strip(), _text(folder / "cpu.weight").strip()
    if weight.isdigit():
        return (2 + (int(weight) - 1) * 262142 / 9999) / SHARES_A_PROCESSOR
    return int(shares) / SHARES_A_PROCESSOR if shares.isdigit() else None


def _text(path: Path) -> str:
    """A small file's text; nothing where there is none."""
    with contextlib.suppress(OSError):
        return path.read_text()
    return ""
