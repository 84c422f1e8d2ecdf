"""A control plane starts → the first proxy has all of its configuration.

The proxy calls all 200 services, and tries to connect from before the process is there. Processor time is
told too: on a busy machine the clock tells of others. Our modules are compiled before, as they are wherever
they are installed.
"""

import compileall
import tempfile
import time
from pathlib import Path
from typing import Final

import gossamer
from bench.computed import computed_s
from bench.crowd.crowd import running_crowd
from bench.crowd.member import ROUTE
from bench.fleet import filled, fleet
from bench.large_mesh import ROUTES, ROUTES_OUT, node, node_id
from bench.result import Result, Spread, at_most

SIZE: Final = 200
ROUNDS: Final = 7


async def cold_start() -> list[Result]:
    """Start it again and again on the same data."""
    taken: list[float] = []
    computed: list[float] = []
    compileall.compile_dir(Path(gossamer.__file__).parent, quiet=1)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        everything = node(SIZE, range(SIZE))
        await filled(directory, SIZE, everything)
        for _ in range(ROUNDS):
            async with running_crowd() as crowd:
                target = f"unix:{directory / 'xds.sock'}"
                await crowd.begin_to_join(target, 1, [node_id(SIZE)], {ROUTE: [ROUTES_OUT]})
                begun = time.time()
                with fleet(directory) as running:
                    taken.append(await crowd.joined() - begun)
                    computed.append(computed_s(running.plane.process.pid))
    settings: dict[str, str | int | float] = {"services": SIZE, "routes": SIZE * ROUTES}
    return [
        Result(
            f"process start → first proxy fully configured, {SIZE} services",
            "s",
            Spread.of(taken),
            goals=(at_most(1.5),),
            settings=settings,
        ),
        Result("processor time of it", "s", Spread.of(computed)),
    ]
