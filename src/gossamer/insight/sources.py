"""What the routes look at: the meshes as they stand, the streams, the store, what happens."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import JSONResponse, Response

from gossamer.api.audit import Auditor
from gossamer.api.request import Caller
from gossamer.clock import Clock
from gossamer.insight.feed import Feed
from gossamer.insight.holdings import Holdings
from gossamer.insight.meshes import Meshes, Prospects
from gossamer.store.batch import Batches
from gossamer.store.history import History
from gossamer.store.store import Store
from gossamer.xds.hub import Hub


@dataclass(frozen=True, slots=True)
class Sources:
    """What the process hands over. `account` is the control plane's own, whose callers see everything.

    `is_still` asks whether a caller that was let in may stay. Without an auditor nobody takes note of what is
    written.
    """

    meshes: Meshes
    prospects: Prospects
    hub: Hub
    store: Store
    history: History
    batches: Batches
    auditor: Auditor | None
    account: str
    region: str
    feed: Feed
    is_still: Callable[[Caller], bool]
    clock: Clock
    holdings: Callable[[], Holdings] = Holdings


def no_such_mesh(name: str) -> Response:
    """The answer about a mesh that is not there."""
    why = f"Mesh with name {name} is not present"
    return JSONResponse({"message": why}, 404, {"x-amzn-errortype": "NotFoundException"})
