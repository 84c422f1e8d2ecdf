"""`python -m bench [SCENARIO…]`: runs the scenarios and prints one line a result."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from bench.agent import agent
from bench.creates import creates
from bench.dataplane import dataplane
from bench.fanout import fanout
from bench.mesh_size import mesh_size
from bench.propagation import propagation

SCENARIOS: Final[Mapping[str, Callable[[], Coroutine[Any, Any, None]]]] = {
    "propagation": propagation,
    "fanout": fanout,
    "creates": creates,
    "mesh-size": mesh_size,
    "dataplane": dataplane,
    "agent": agent,
}


def main() -> int:
    """Run what was asked for, or all of it."""
    asked = sys.argv[1:] or list(SCENARIOS)
    for name in asked:
        if name not in SCENARIOS:
            print(f"no scenario {name!r}; there are {', '.join(SCENARIOS)}")
            return 2
    for name in asked:
        print(f"== {name}", flush=True)
        asyncio.run(SCENARIOS[name]())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
