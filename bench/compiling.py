"""Compiled and serialised in this process, so that nothing but our own work is measured."""

import gc
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.large_mesh import KEY, Made, node_id
from gossamer.clock import SystemClock
from gossamer.compile.wish import NOTHING
from gossamer.runtime.reconcile import Reconciler
from gossamer.xds.hub import Hub
from gossamer.xds.node_id import node_id as read
from gossamer.xds.status import ProxyStatus


@dataclass(slots=True)
class Times:
    """How long each change took, in milliseconds, by the clock and of the processor."""

    wall_ms: list[float] = field(default_factory=list)
    processor_ms: list[float] = field(default_factory=list)


class Compiling:
    """A mesh, and one proxy of each of its nodes that is connected."""

    def __init__(self, mesh: Iterable[Made]) -> None:
        self._reconciler = Reconciler(KEY.account)
        self._reconciler.apply([one.change() for one in mesh])
        self._hub = Hub(self._reconciler, proxies_per_endpoint=1)

    def connect(self, size: int) -> float:
        """Let a proxy of each node come: how long it took to compile everything for all of them."""
        gc.collect()
        begun = time.perf_counter()
        for number in range(size):
            name = f"n{number}"
            status = ProxyStatus(number, name, name, "bench", "delta", SystemClock().now())
            self._hub.connect(read(node_id(number)), NOTHING, status, lambda: None)
        return time.perf_counter() - begun

    def change(self, changes: Iterable[Made]) -> Times:
        """Make changes, one after the other: how long each takes until all that it touches is published."""
        times = Times()
        for one in changes:
            changed = [one.change()]
            begun, computed = time.perf_counter(), time.process_time()
            self._reconciler.apply(changed)
            times.processor_ms.append((time.process_time() - computed) * 1000)
            times.wall_ms.append((time.perf_counter() - begun) * 1000)
        return times
