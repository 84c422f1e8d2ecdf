"""`gossamer serve`: the control plane."""

import sys
from typing import Annotated

import cyclopts
import uvloop

from gossamer.errors import MeshError
from gossamer.runtime import allocator, journal
from gossamer.runtime.listen import CannotStart
from gossamer.runtime.settings import Settings, Unsafe

app = cyclopts.App(name="serve")


@app.default
def run(settings: Annotated[Settings, cyclopts.Parameter(name="*")] | None = None) -> int:
    """Run the control plane: the App Mesh API and the xDS management server, until it is told to stop."""
    from gossamer.runtime.serve import serve  # noqa: PLC0415 - what serves; --help and refusals do without

    allocator.settle()
    found = settings or Settings()
    journal.set_up(level=found.log_level, style=found.log_format)
    try:
        uvloop.run(serve(found))
    except (CannotStart, MeshError, Unsafe, ValueError) as error:
        sys.stderr.write(f"gossamer serve: {error}\n")
        return 1
    return 0
