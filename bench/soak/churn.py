"""What keeps changing, and the traffic that must not notice."""

import asyncio
import itertools
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from bench.crowd.crowd import Crowd
from bench.crowd.member import ROUTE
from bench.soak.scene import MESH, SERVICE, Scene, node_spec, route_spec
from tests.support.answering import HTTP

#: Services that come and go beside the one that is called.
OTHERS: Final = 20
LISTENERS: Final = [{"portMapping": {"port": HTTP, "protocol": "http"}}]
CROWD: Final = 100
FRONT: Final = "mesh/soak/virtualNode/front"


@dataclass
class Traffic:
    """Requests from `front` to the service, without a pause."""

    answered: int = 0
    failures: Counter[str] = field(default_factory=Counter)

    async def run(self, scene: Scene) -> None:
        """For ever."""
        async with scene.client.session() as session:
            while True:
                try:
                    async with session.get(f"http://{SERVICE}:{HTTP}/") as answer:
                        said = await answer.text()
                        if answer.status == 200:
                            self.answered += 1
                        else:
                            self.failures[f"{answer.status} {said[:80]}"] += 1
                except (aiohttp.ClientError, OSError) as error:
                    self.failures[repr(error)[:120]] += 1
                if self.answered % 1000 == 0:
                    for app in scene.apps:
                        app.forget()
                await asyncio.sleep(0.01)


@dataclass
class Churn:
    """Writes through the API, a few a second."""

    client: Any
    chance: random.Random
    writes: int = 0

    async def run(self) -> None:
        """For ever: shift the split, and take the next step of one of the other services."""
        for step in itertools.count():
            for change in (self._shift, self._other):
                await asyncio.to_thread(change, step)
                self.writes += 1
                await asyncio.sleep(0.05)

    def _shift(self, step: int) -> None:
        if step % 25 == 24:
            names = [SERVICE, *(f"s{n}.test" for n in range(self.chance.randrange(3)))]
            backends = [{"virtualService": {"virtualServiceName": name}} for name in names]
            self.client.update_virtual_node(**MESH, virtualNodeName="front", spec={"backends": backends})
            return
        spec = route_spec(self.chance.randrange(101))
        self.client.update_route(**MESH, virtualRouterName="orders", routeName="all", spec=spec)

    def _other(self, step: int) -> None:  # noqa: C901 - a step a case
        """Each is made, changed and taken away again, all of them at another place of that round."""
        number, phase = step % OTHERS, step // OTHERS % 10
        node, router, service = f"n{number}", {"virtualRouterName": f"r{number}"}, f"s{number}.test"
        match phase:
            case 0:
                self.client.create_virtual_node(**MESH, virtualNodeName=node, spec=node_spec(f"{node}.test"))
            case 1:
                self.client.create_virtual_router(**MESH, **router, spec={"listeners": LISTENERS})
            case 2:
                self.client.create_route(**MESH, **router, routeName="all", spec=self._split(node))
            case 3:
                provider = {"virtualRouter": router}
                self.client.create_virtual_service(
                    **MESH, virtualServiceName=service, spec={"provider": provider}
                )
            case 6:
                self.client.delete_virtual_service(**MESH, virtualServiceName=service)
            case 7:
                self.client.delete_route(**MESH, **router, routeName="all")
            case 8:
                self.client.delete_virtual_router(**MESH, **router)
            case 9:
                self.client.delete_virtual_node(**MESH, virtualNodeName=node)
            case _:
                self.client.update_route(**MESH, **router, routeName="all", spec=self._split(node))

    def _split(self, node: str) -> dict[str, object]:
        return route_spec(self.chance.randrange(101), (node, "pool"))


async def crowd_comes_and_goes(crowd: Crowd, scene: Scene) -> None:
    """A hundred light proxies that connect, stay for a while, and drop their connections, for ever."""
    names = {ROUTE: [f"rds_egress_http_{HTTP}"]}
    await crowd.join(f"unix:{scene.plane.socket}", CROWD, [FRONT], names)
    while True:
        await asyncio.sleep(20)
        await crowd.leave()
        await asyncio.sleep(5)
        await crowd.rejoin()
