"""A replica that dies with many proxies on it."""

import asyncio
import itertools
from pathlib import Path

import pytest

from bench.crowd.crowd import running_crowd
from bench.crowd.member import ROUTE
from tests.e2e.test_control_plane import NODE
from tests.e2e.test_replicas import shift
from tests.faults.test_database import replicas
from tests.support.balancer import running_balancer
from tests.support.endured import IS_FULL, in_agreement, traffic_through
from tests.support.envoy import eventually, running_envoy
from tests.support.postgresql_server import PostgresqlServer, programs

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.faults,
    pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed"),
    pytest.mark.skipif(not IS_FULL, reason="`make faults` runs it"),
]

CROWD = 500
COUNT = itertools.count(1)
ROUTES = {ROUTE: ["rds_egress_http_80"]}


async def test_a_replica_that_dies_with_500_proxies_on_it(
    tmp_path: Path, postgresql: PostgresqlServer
) -> None:
    url = postgresql.create_database(f"replica{next(COUNT)}").set(drivername="postgresql").render_as_string()
    with replicas(tmp_path, url) as (one, other):
        async with running_balancer(tmp_path, one.socket) as balancer, running_crowd() as crowd:
            with running_envoy(NODE, balancer.socket, tmp_path, apps=(8081, 8082)) as envoy:
                async with traffic_through(envoy):
                    await crowd.join(f"unix:{balancer.socket}", CROWD, [NODE], ROUTES)
                    before = await crowd.count()
                    balancer.backend = other.socket
                    one.kill()
                    await eventually(lambda: _has(other, 1), "Envoy is there", within_s=60)
                    await crowd.rejoin()
                    await eventually(lambda: _has(other, CROWD + 1), "all are there", within_s=60)
                    await eventually(other.is_in_sync, "in sync", within_s=60)
                    after = await crowd.count()
                    assert after["connected"] == CROWD
                    # They have it all: nothing was sent again.
                    assert after["resources"] == before["resources"]
                    await crowd.arm()
                    await asyncio.to_thread(shift, other, 0)
                    await crowd.heard()
                    await in_agreement(other, envoy)


async def _has(plane: object, count: int) -> bool:
    proxies = plane.proxies  # type: ignore[attr-defined]  # a control plane
    return len(await asyncio.to_thread(proxies)) >= count
