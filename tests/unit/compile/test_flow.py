"""What the clusters of a proxy are about."""

from gossamer.compile.flow import Flow, flows
from gossamer.compile.proxy import resources
from gossamer.compile.resources import ResourceType
from gossamer.mesh.resolve import proxy_view
from gossamer.model.kind import Kind
from tests.support.goldens import mesh_of
from tests.support.stage_mesh import mesh

MESH = mesh_of(mesh())


def test_a_nodes_own_application_and_what_it_calls_are_flows() -> None:
    view = proxy_view(MESH, MESH.ref(Kind.VIRTUAL_NODE, "front"))
    assert view is not None
    assert flows(view) == (
        Flow("cds_ingress_shop_front_http_8080", "cds_ingress_shop_front_http_8080", "front", is_own=True),
        Flow("cds_egress_shop_blue_http_8080", "cds_egress_shop_blue_http_8080", "blue", "orders.test"),
    )
    assert {one.cluster for one in flows(view)} <= {
        one.name for one in resources(view).of(ResourceType.CLUSTER)
    }


def test_a_gateways_way_to_its_own_way_out_is_none() -> None:
    view = proxy_view(MESH, MESH.ref(Kind.VIRTUAL_GATEWAY, "gate"))
    assert view is not None
    assert [one.node for one in flows(view)] == ["blue"]
