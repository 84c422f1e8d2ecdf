"""A change answered by the API → applied by one real Envoy.

Both moments are the control plane's own: when the write was made durable, and when the proxy's
acknowledgement of the new routes came back.
"""

import asyncio
import datetime
import tempfile
from pathlib import Path

from bench.result import Result, Spread, Statistic, at_most
from tests.e2e.test_control_plane import MESH, NODE, fill, route_spec
from tests.support.control_plane import running_control_plane
from tests.support.envoy import eventually, running_envoy

ROUNDS = 100


async def propagation() -> list[Result]:
    """Change one route's weights again and again."""
    with tempfile.TemporaryDirectory() as name, running_control_plane(Path(name)) as plane:
        client = plane.client()
        fill(client)
        with running_envoy(NODE, plane.socket, Path(name), apps=(8081, 8082)):
            await eventually(plane.is_in_sync, "in sync")
            taken = []
            for step in range(ROUNDS):
                spec = route_spec(step % 100, 100 - step % 100)
                found = client.update_route(**MESH, virtualRouterName="b", routeName="r", spec=spec)
                written = found["route"]["metadata"]["lastUpdatedAt"]
                while (at := _accepted(plane.proxies())) is None or at < written:
                    await asyncio.sleep(0.001)
                taken.append((at - written).total_seconds() * 1000)
    return [
        Result(
            "API call answered → one Envoy has applied it",
            "ms",
            Spread.of(taken),
            goals=(at_most(10), at_most(50, Statistic.P99)),
        )
    ]


def _accepted(proxies: list[dict[str, dict[str, dict[str, str]]]]) -> datetime.datetime | None:
    at = proxies[0]["types"].get("route", {}).get("acceptedAt") if proxies else None
    return datetime.datetime.fromisoformat(at) if at else None
