"""Alive and ready, part by part: each is broken once."""

import asyncio
from dataclasses import dataclass

import pytest

from gossamer.errors import Unavailable
from gossamer.runtime.health import Health, Phase

PARTS = ("eventLoop", "writer", "meshes", "streams", "draining", "store", "log")


@dataclass
class Store:
    """A store that a test breaks."""

    is_well: bool = True
    answers: bool = True
    end: int = 7
    why: str = ""

    def is_writing(self) -> bool:
        return self.is_well

    async def probe(self) -> int:
        if not self.answers:
            await asyncio.Event().wait()
        if self.why:
            raise Unavailable(self.why)
        return self.end


@dataclass
class Log:
    """How far a test says that it was followed."""

    sequence: int = 7


@dataclass
class Time:
    """A clock that stands still until a test says otherwise."""

    passed_s: float = 0.0


@dataclass
class Watched:
    """A process that serves, and what a test may break of it."""

    store: Store
    log: Log
    health: Health
    time: Time

    def wrong(self) -> dict[str, str]:
        return {one.name: one.why for one in self.health.readiness() if one.why}


@pytest.fixture
def serving() -> Watched:
    store, log = Store(), Log()
    time = Time()
    health = Health(store, log, patience_s=0.05, now=lambda: time.passed_s)
    health.phase = Phase.SERVING
    return Watched(store, log, health, time)


async def test_every_part_is_told_and_all_is_well(serving: Watched) -> None:
    await serving.health.look()
    assert tuple(one.name for one in serving.health.readiness()) == PARTS
    assert serving.wrong() == {}
    assert serving.health.is_ready()


async def test_it_is_not_ready_before_meshes_are_loaded_and_streams_served(serving: Watched) -> None:
    serving.health.phase = Phase.STARTING
    await serving.health.look()
    assert serving.wrong() == {"meshes": "they are not loaded yet", "streams": "they are not served yet"}
    assert not any(one.why for one in serving.health.liveness())


async def test_it_is_not_ready_while_it_hands_its_streams_over_but_alive(serving: Watched) -> None:
    serving.health.phase = Phase.DRAINING
    await serving.health.look()
    assert serving.wrong() == {"draining": "streams are handed over"}
    assert not any(one.why for one in serving.health.liveness())


async def test_a_writer_that_has_ended_is_a_reason_to_restart(serving: Watched) -> None:
    serving.store.is_well = False
    assert [one.name for one in serving.health.liveness() if one.why] == ["writer"]
    assert not serving.health.is_ready()


async def test_a_store_that_cannot_be_read_for_a_moment_is_no_matter_and_for_long_is_one(
    serving: Watched,
) -> None:
    await serving.health.look()
    serving.store.why = "the connection is gone"
    await serving.health.look()
    assert serving.wrong() == {}
    serving.time.passed_s = 0.06
    assert "the connection is gone" in serving.wrong()["store"]
    serving.store.why = ""
    await serving.health.look()
    assert serving.wrong() == {}


async def test_a_store_that_hangs_is_one_that_cannot_be_read(serving: Watched) -> None:
    serving.store.answers = False
    await serving.health.look()
    serving.time.passed_s = 0.06
    assert "it does not answer" in serving.wrong()["store"]


async def test_a_log_that_is_not_followed_to_its_end_is_told(serving: Watched) -> None:
    serving.store.end = 9
    serving.time.passed_s = 0.06
    await serving.health.look()
    assert list(serving.wrong()) == ["log"]
    serving.log.sequence = 9
    await serving.health.look()
    assert serving.wrong() == {}
