"""The streams on which proxies tell of their traffic, beside the one that configures them, for whom that may.

Load reports say how many requests went to which cluster; the metrics service adds how long they took. Envoy
reports as often as it is asked to, and measures as often as its own statistics go out.
Source: envoy.service.load_stats.v3.LoadReportingService; envoy.service.metrics.v3.MetricsService.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

import grpc
import grpc.aio
import structlog
from envoy.config.core.v3.base_pb2 import Node
from envoy.config.endpoint.v3.load_report_pb2 import ClusterStats
from envoy.service.load_stats.v3.lrs_pb2 import LoadStatsRequest, LoadStatsResponse
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError

from gossamer.xds.admission import TERMINATED, Presented
from gossamer.xds.call import Over, Refused, Shown, presented, recognized
from gossamer.xds.door import FIRST_WORD_S, Door
from gossamer.xds.life import Life
from gossamer.xds.metric_message import measured, node_of
from gossamer.xds.reports import Load, LoadReport, Reporter, Reports, TooManyReporters

log = structlog.get_logger(__name__)

LOAD_SERVICE: Final = "envoy.service.load_stats.v3.LoadReportingService"
LOAD_METHOD: Final = "StreamLoadStats"
METRICS_SERVICE: Final = "envoy.service.metrics.v3.MetricsService"
METRICS_METHOD: Final = "StreamMetrics"

#: How often Envoy's statistics go out by default: what the first message of a stream covers.
FLUSH_S: Final = 5.0


class ReportCall(Shown, Protocol):
    """The part of gRPC's servicer context that a stream of reports uses; messages are bytes."""

    async def read(self) -> bytes:
        """The next message, or gRPC's `EOF`."""
        ...

    async def write(self, message: bytes) -> None:
        """Send one answer."""
        ...


@dataclass(eq=False, slots=True)
class _Visit:
    """One stream; what wakes it is another pace, or its end."""

    call: ReportCall
    life: Life
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    ending: Refused | Over | None = None

    def end(self, ending: Refused | Over) -> None:
        """End the stream, refused or in order."""
        self.ending = ending
        self.wake.set()

    async def until_woken(self) -> None:
        """Wait for either; returns for another pace.

        Raises: Refused, Over.
        """
        await self.wake.wait()
        self.wake.clear()
        if self.ending is not None:
            raise self.ending


#: Serves a stream whose first message was read, until it ends.
Serving = Callable[[_Visit, Reporter, bytes], Awaitable[None]]


class Reporting:
    """Both services. `numbers` gives each stream its own."""

    def __init__(self, reports: Reports, door: Door, numbers: Iterator[int]) -> None:
        self._reports = reports
        self._door = door
        self._numbers = numbers
        self._visits: set[_Visit] = set()
        self._is_draining = False

    def handlers(self) -> tuple[grpc.GenericRpcHandler, ...]:
        """For gRPC; every message is bytes."""
        load = grpc.stream_stream_rpc_method_handler(self._load)
        metrics = grpc.stream_unary_rpc_method_handler(self._metrics)
        return (
            grpc.method_handlers_generic_handler(LOAD_SERVICE, {LOAD_METHOD: load}),
            grpc.method_handlers_generic_handler(METRICS_SERVICE, {METRICS_METHOD: metrics}),
        )

    async def review(self) -> None:
        """Ask anew whether each stream may go on: who may come in has changed."""
        for visit in tuple(self._visits):
            try:
                await visit.life.permitted()
            except Refused as refused:
                visit.end(refused)

    def hand_over(self) -> None:
        """Take no more streams, and end those that are here: another replica takes them."""
        self._is_draining = True
        for visit in tuple(self._visits):
            visit.end(Over("drained"))

    async def _load(self, _: object, call: ReportCall) -> None:
        shown = presented(call, LOAD_METHOD, LOAD_SERVICE)
        await self._serve(call, shown, lambda raw: LoadStatsRequest.FromString(raw).node, self._hear_loads)

    async def _metrics(self, _: object, call: ReportCall) -> bytes:
        shown = presented(call, METRICS_METHOD, METRICS_SERVICE)
        await self._serve(call, shown, node_of, self._hear_metrics)
        return b""

    async def _serve(
        self, call: ReportCall, shown: Presented, who: Callable[[bytes], Node], serving: Serving
    ) -> None:
        visit = _Visit(call, Life(self._door.admission, next(self._numbers), call.peer()))
        try:
            visit.life.visitor = recognized(self._door.admission, shown)
            first = await self._first(call)
            if first is grpc.aio.EOF:
                return
            visit.life.node = str(who(first).id)
            reporter = Reporter(await visit.life.permitted(), visit.life.number, visit.wake.set)
            await self._take_in(visit, reporter, serving(visit, reporter, first))
        except DecodeError as error:
            await call.abort(grpc.StatusCode.INVALID_ARGUMENT, f"not a message of {shown.service}: {error}")
        except Refused as refused:
            log.info("reports_refused", why=refused.why, code=refused.code.name, peer=call.peer())
            visit.life.note(TERMINATED, refused.code.name, refused.why)
            await call.abort(refused.code, refused.why)

    async def _take_in(self, visit: _Visit, reporter: Reporter, serving: Awaitable[None]) -> None:
        try:
            self._reports.open(reporter)
        except TooManyReporters as error:
            raise Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, str(error)) from error
        self._visits.add(visit)
        until = self._door.stays_until()
        try:
            async with asyncio.timeout(until - time.monotonic() if until is not None else None):
                await serving
        except (Over, TimeoutError):
            return
        finally:
            self._visits.discard(visit)
            self._reports.close(reporter)

    async def _first(self, call: ReportCall) -> bytes:
        """A stream's first message.

        Raises: Refused.
        """
        if self._is_draining:
            raise Refused(grpc.StatusCode.UNAVAILABLE, "this replica is about to end; another one serves you")
        try:
            async with asyncio.timeout(FIRST_WORD_S):
                return await call.read()
        except TimeoutError:
            why = f"there was no message for {FIRST_WORD_S:.0f} s"
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, why) from None

    async def _hear_loads(self, visit: _Visit, reporter: Reporter, first: bytes) -> None:
        async def ask() -> None:
            while True:
                await visit.call.write(_asking(self._reports.pace_s(reporter)))
                await visit.until_woken()

        async def hear() -> None:
            raw = first
            while raw is not grpc.aio.EOF:
                found = LoadStatsRequest.FromString(raw).cluster_stats
                if found:
                    self._reports.take_load(reporter, _load_report(found))
                raw = await visit.call.read()

        await _both(ask(), hear())

    async def _hear_metrics(self, visit: _Visit, reporter: Reporter, first: bytes) -> None:
        async def stay() -> None:
            while True:
                await visit.until_woken()

        async def hear() -> None:
            raw, clock = first, asyncio.get_running_loop().time
            before = clock() - FLUSH_S
            while raw is not grpc.aio.EOF:
                now = clock()
                # Most of the time nobody looks, and a message is not even parsed.
                if wanted := self._reports.wanted(reporter):
                    self._reports.take_measured(reporter, measured(raw, now - before, wanted))
                before, raw = now, await visit.call.read()

        await _both(stay(), hear())


async def _both(other: Coroutine[object, object, None], hear: Coroutine[object, object, None]) -> None:
    """Go on until the proxy has no more to tell.

    Raises: Refused, Over, DecodeError.
    """
    try:
        async with asyncio.TaskGroup() as tasks:
            beside = tasks.create_task(other, name="reports-answer")
            await hear
            beside.cancel()
    except ExceptionGroup as group:
        ends, others = group.split((Refused, Over, DecodeError))
        if others is not None or ends is None:
            raise
        raise ends.exceptions[0] from None


def _asking(pace_s: float) -> bytes:
    interval = Duration()
    interval.FromMilliseconds(int(pace_s * 1000))
    asked = LoadStatsResponse(send_all_clusters=True, load_reporting_interval=interval)
    return bytes(asked.SerializeToString())


def _load_report(found: Iterable[ClusterStats]) -> LoadReport:
    """A report: Envoy measures every cluster anew after each, so that all have about the same length."""
    loads: dict[str, Load] = {}
    longest = 0.0
    for one in found:
        longest = max(longest, one.load_report_interval.ToMicroseconds() / 1e6)
        places = one.upstream_locality_stats
        if places:
            loads[one.cluster_name] = Load(
                issued=sum(place.total_issued_requests for place in places),
                succeeded=sum(place.total_successful_requests for place in places),
                failed=sum(place.total_error_requests for place in places),
                active=sum(place.total_requests_in_progress for place in places),
            )
    return LoadReport(longest, loads)
