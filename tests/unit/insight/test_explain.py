"""An explanation is of the proxies that there are, as the server compiles for them."""

import pytest

from gossamer.compile.wish import NOTHING, Wishes
from gossamer.insight.explain import seen
from gossamer.mesh.data_plane import DataPlane, Fleet
from gossamer.mesh.surroundings import NOWHERE
from gossamer.mesh.view import GatewayView
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.runtime.reconcile import Outlook
from tests.support.goldens import mesh_of

COUNTING = Wishes(counts_steps=True)
MESH = mesh_of({"gateways": {"gate": {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]}}})
GATE = MESH.ref(Kind.VIRTUAL_GATEWAY, "gate")


class Connected:
    """Prospects of a server whose gateways go straight on, with the proxies that are connected."""

    def __init__(self, *wishes: Wishes) -> None:
        self._wishes = wishes

    def served(self, key: MeshKey) -> tuple[tuple[Ref, Wishes], ...]:
        assert key == MESH.key
        return tuple((GATE, one) for one in self._wishes)

    def outlook(self) -> Outlook:
        return Outlook(NOWHERE, Fleet(DataPlane(has_flat_gateways=True)))


@pytest.mark.parametrize(
    ("wishes", "is_flat"),
    [((), True), ((COUNTING,), True), ((NOTHING,), False), ((NOTHING, COUNTING), True)],
)
def test_a_gateway_takes_one_step_unless_none_of_its_proxies_can(
    wishes: tuple[Wishes, ...], *, is_flat: bool
) -> None:
    view = seen(Connected(*wishes), MESH, GATE)
    assert isinstance(view, GatewayView)
    assert view.is_flat == is_flat
