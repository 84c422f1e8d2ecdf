"""`gossamer agent`: the sidecar."""

import asyncio
import os
import sys
from typing import Annotated

import cyclopts

from gossamer.cli import sidecar
from gossamer.cli.variable_flag import Flag, given_over, takes
from gossamer.errors import MeshError
from gossamer.sidecar import journal, readiness
from gossamer.sidecar.env import TABLE, settings

#: Variables are those of the table, and no others: a run without flags knows no more.
app = cyclopts.App(name="agent", config=())

Readiness = Annotated[
    bool,
    cyclopts.Parameter(
        name=["--envoy-readiness", "-envoyReadiness"],
        negative="",
        help="Run no Envoy, but wait until the agent beside this one says that its Envoy is ready.",
    ),
]


@app.default
@takes(TABLE)
def run(*, envoy_readiness: Readiness = False, **flags: Flag) -> int:
    """Run Envoy as the proxy of one virtual node or virtual gateway, and tend it.

    Each flag has a variable, named in brackets; a flag wins over its variable.
    """
    environ = given_over(os.environ, TABLE, flags)
    if not envoy_readiness:
        return sidecar.run(environ)
    journal.begin()
    try:
        return asyncio.run(readiness.wait_until_ready(settings(environ, is_check=True)[0]))
    except MeshError as error:
        sys.stderr.write(f"{error}\n")
        return 1
