"""The crowd's clients are real gRPC and delta xDS as far as a server can tell."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.crowd.crowd import Crowd, running_crowd
from bench.crowd.member import ROUTE
from gossamer.mesh.snapshot import revisions
from tests.e2e.test_canary import route, simpleapp
from tests.support.envoy import eventually
from tests.support.plane import Plane, running_plane

COUNT = 20
NODE = "mesh/simpleapp/virtualNode/a"
NAMES = {ROUTE: ["rds_egress_http_80"]}


@pytest.fixture
async def plane(tmp_path: Path) -> AsyncIterator[Plane]:
    async with running_plane(tmp_path) as plane:
        plane.show(simpleapp())
        yield plane


@pytest.fixture
async def crowd(plane: Plane) -> AsyncIterator[Crowd]:
    async with running_crowd() as crowd, asyncio.timeout(60):
        await crowd.join(f"unix:{plane.socket}", COUNT, [NODE], NAMES)
        yield crowd


async def test_every_member_gets_and_acknowledges_what_changes(plane: Plane, crowd: Crowd) -> None:
    await eventually(plane.is_in_sync, "in sync")
    await crowd.arm()
    plane.apply([route(v1=1, v2=9)])
    await crowd.heard()
    await eventually(plane.is_in_sync, "in sync")
    assert len(plane.proxies()) == COUNT
    assert not plane.refusals()


async def test_members_that_come_back_with_what_they_hold_are_sent_nothing(
    plane: Plane, crowd: Crowd
) -> None:
    await eventually(plane.is_in_sync, "in sync")
    before = await crowd.count()
    await crowd.leave()
    await eventually(plane.is_empty, "gone")
    await crowd.rejoin()
    await eventually(plane.is_in_sync, "in sync")
    after = await crowd.count()
    assert (after["connected"], after["answers"]) == (COUNT, before["answers"])


async def test_the_crowd_tells_why_members_are_sent_away(plane: Plane, crowd: Crowd) -> None:
    plane.show(simpleapp().amended([(ref, None) for ref in revisions(simpleapp()) if ref.name == "a"]))

    async def all_are_gone() -> bool:
        return int((await crowd.count())["connected"]) == 0

    await eventually(all_are_gone, "gone")
    (why,) = (await crowd.count())["ended"]
    assert why.startswith("status 3:")
    assert "was deleted" in why
