"""`GET /gossamer/v1/events`: what happens, as it happens, by server-sent events.

Source: HTML living standard, server-sent events: `Last-Event-ID` resumes where a connection was lost.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from gossamer.api.guard import caller
from gossamer.api.own_route import asked, route
from gossamer.api.request import Caller
from gossamer.errors import Unavailable
from gossamer.insight.proxies import proxy_as_told
from gossamer.insight.sources import Sources
from gossamer.insight.traffic_routes import traffic_as_told
from gossamer.model.kind import MeshKey
from gossamer.store.store import Change
from gossamer.xds.register import Reader

log = structlog.get_logger(__name__)

#: How often a listener is looked after: proxies are told of, and whether it may still listen is asked.
BEAT_S: Final = 0.25

#: How many of these there are between two pictures of the traffic.
BEATS: Final = 4

#: How long nothing is said at most: less than proxies and browsers wait on a silent connection.
SILENCE_S: Final = 15.0

#: How long a listener may leave what was sent unread before its connection ends; it can resume.
PATIENCE_S: Final = 30.0

#: How many changes are told again to one that resumes; after more, it is told to read everything anew.
MOST_AGAIN: Final = 10_000

#: How many proxies are told of before others have their turn.
AT_ONCE: Final = 100

#: As many digits as a sequence may have.
LONGEST_NUMBER: Final = 18

HEADERS: Final = {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
}


def event_routes(sources: Sources) -> tuple[BaseRoute, ...]:
    """The one route. Callers of another account than ours hear of their own meshes."""

    async def events(request: Request) -> Response:
        if request.method == "HEAD":
            return Response(headers=HEADERS)
        resumed = request.headers.get("last-event-id", "")
        if resumed and not (resumed.isascii() and resumed.isdecimal() and len(resumed) <= LONGEST_NUMBER):
            why = "Last-Event-ID: must be the id of an event"
            return JSONResponse({"message": why}, 400, {"x-amzn-errortype": "BadRequestException"})
        after = int(resumed) if resumed else sources.feed.sequence
        who = caller(request.scope)
        return EventStream(Listener(sources, who, asked(request).get("mesh"), after))

    return (route("/gossamer/v1/events", events, query=("mesh",)),)


@dataclass(eq=False, slots=True)
class Listener:
    """One who listens: what they may hear, and how far they have come."""

    sources: Sources
    who: Caller
    mesh: str | None
    sequence: int
    problems: dict[MeshKey, int] = field(default_factory=dict)
    beats: int = 0
    has_traffic: bool = False

    async def lines(self, proxies: Reader) -> AsyncIterator[bytes]:
        """All that they are told, until they must leave."""
        feed = self.sources.feed
        if self.mesh is not None:
            await feed.count(MeshKey(self.who.account, self.mesh))
        silent_s = 0.0
        yield b"retry: 1000\n\n"
        while not feed.is_over and self.sources.is_still(self.who):
            told = b"".join(
                [
                    *[one async for one in self._changes()],
                    *[one async for one in self._proxies(proxies)],
                    *self._problems(),
                    *self._traffic(),
                ]
            )
            silent_s = 0.0 if told else silent_s + BEAT_S
            if silent_s >= SILENCE_S:
                told, silent_s = b":\n\n", 0.0
            if told:
                yield told
            await feed.wait(BEAT_S)

    def hears(self, account: str, mesh: str) -> bool:
        """Whether they hear of a mesh."""
        return self.who.account in (self.sources.account, account) and self.mesh in (None, mesh)

    async def _changes(self) -> AsyncIterator[bytes]:
        behind = self.sources.feed.sequence - self.sequence
        if not 0 <= behind <= MOST_AGAIN:
            # Too much to tell again, or the id is of another database.
            self.sequence = self.sources.feed.sequence
            yield event("reset", {"sequence": self.sequence}, self.sequence)
        try:
            for one in await self.sources.feed.changes(self.sequence):
                self.sequence = one.sequence
                if self.hears(one.ref.account, one.ref.mesh):
                    yield event("changed", change_as_told(one), one.sequence)
        except Unavailable as error:
            log.warning("events_not_read", why=str(error), sequence=self.sequence)

    async def _proxies(self, proxies: Reader) -> AsyncIterator[bytes]:
        now = self.sources.clock.now()
        for number, (status, is_gone) in enumerate(proxies.news()):
            if status.place is not None and self.hears(status.account, status.place.mesh):
                yield event("proxy", proxy_as_told(status, now) | ({"gone": True} if is_gone else {}))
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)

    def _traffic(self) -> Iterator[bytes]:
        """What goes where in the mesh that they listen to, each second, until there is none."""
        self.beats += 1
        if self.mesh is None or self.beats % BEATS:
            return
        told = traffic_as_told(self.sources, MeshKey(self.who.account, self.mesh))
        if told["edges"] or told["nodes"] or self.has_traffic:
            self.has_traffic = bool(told["edges"] or told["nodes"])
            yield event("traffic", told)

    def _problems(self) -> Iterator[bytes]:
        for key, count in self.sources.feed.problems.items():
            is_own = key.account == self.who.account and self.mesh in (None, key.mesh)
            if is_own and self.problems.get(key) != count:
                self.problems[key] = count
                yield event("problems", {"mesh": key.mesh, "count": count})


class EventStream(Response):
    """An answer that goes on. A reader that takes nothing loses it, and holds up nobody else."""

    def __init__(self, listener: Listener) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._listener = listener

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Tell until the listener is gone, or has to go."""
        feed = self._listener.sources.feed
        feed.listeners += 1
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async with asyncio.TaskGroup() as tasks:
                telling = tasks.create_task(self._tell(send), name="tell-events")
                leaving = tasks.create_task(_gone(receive, telling), name="events-connection")
                telling.add_done_callback(lambda _: leaving.cancel())
        finally:
            feed.listeners -= 1

    async def _tell(self, send: Send) -> None:
        try:
            with self._listener.sources.hub.register.reading() as proxies:
                async for lines in self._listener.lines(proxies):
                    async with asyncio.timeout(PATIENCE_S):
                        await send({"type": "http.response.body", "body": lines, "more_body": True})
        except TimeoutError:
            log.info("events_not_taken", principal=self._listener.who.principal)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive, telling: asyncio.Task[None]) -> None:
    """Wait until the connection is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    telling.cancel()


def event(name: str, data: object, number: int | None = None) -> bytes:
    """One event on the wire."""
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def change_as_told(change: Change) -> dict[str, object]:
    """A change of one resource."""
    return {
        "sequence": change.sequence,
        "resource": str(change.ref),
        "accountId": change.ref.account,
        "action": change.action,
        "principal": change.principal,
    }
