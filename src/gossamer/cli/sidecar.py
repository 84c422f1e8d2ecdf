"""The sidecar, run by its variables alone: what a container does, without the cost of reading flags.

Reading flags takes as long as all the rest of the agent's start, and a container gives none.
"""

import asyncio
import sys
from collections.abc import Mapping

from gossamer.errors import MeshError
from gossamer.sidecar import agent, journal


def run(environ: Mapping[str, str]) -> int:
    """Run the agent to its end; the exit code."""
    journal.begin()
    try:
        return asyncio.run(agent.run(environ))
    except MeshError as error:
        sys.stderr.write(f"{error}\n")
        return 1
