"""`gossamer agent`: the sidecar."""

import asyncio
import os
import sys

import cyclopts

from gossamer.cli.variable_flag import Flag, given_over, takes
from gossamer.errors import MeshError
from gossamer.sidecar import agent, journal
from gossamer.sidecar.env import TABLE

app = cyclopts.App(name="agent")


@app.default
@takes(TABLE)
def run(**flags: Flag) -> int:
    """Run Envoy as the proxy of one virtual node or virtual gateway, and tend it.

    Each flag has a variable, named in brackets; a flag wins over its variable.
    """
    journal.begin()
    try:
        return asyncio.run(agent.run(given_over(os.environ, TABLE, flags)))
    except MeshError as error:
        sys.stderr.write(f"{error}\n")
        return 1
