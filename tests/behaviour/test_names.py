"""The names that dashboards, alarms and scripts read, on running Envoys: App Mesh's to the letter."""

import json
import re

from tests.support.envoy import eventually
from tests.support.stage import Stage
from tests.support.stage_mesh import GATE, Spec, listener, mesh, node, to


async def statistics(stage: Stage, who: str) -> set[str]:
    """The names of all statistics of a proxy."""
    found = json.loads(await stage.envoys[who].get("/stats?format=json"))["stats"]
    return {one["name"] for one in found if "name" in one}


async def prometheus(stage: Stage, who: str, name: str) -> list[dict[str, str]]:
    """The labels of each sample of a metric, once there are any: a request counts when it is over."""
    found: list[str] = []

    async def is_there() -> bool:
        text = await stage.envoys[who].get(f"/stats/prometheus?filter={name}")
        found[:] = re.findall(r"^envoy_\w+\{([^}]*)\} ", text, re.MULTILINE)
        return bool(found)

    await eventually(is_there, f"samples of {name}")
    return [dict(re.findall(r'(\w+)="([^"]*)"', labels)) for labels in found]


async def test_a_clients_statistics_have_the_names_of_the_managed_service(stage: Stage) -> None:
    await stage.show(mesh(mesh={"egressFilter": {"type": "ALLOW_ALL"}}))
    assert (await stage.front.http("http://orders.test/")).who == "blue"
    expected = {
        "listener.0.0.0.0_15000.downstream_cx_total",
        "listener.0.0.0.0_15001.downstream_cx_total",
        "listener.0.0.0.0_15001.http.egress.downstream_rq_2xx",
        "http.egress.downstream_rq_2xx",
        "http.egress.rds.rds_egress_http_80.update_success",
        "http.ingress.rds.rds_ingress_http_8080.update_success",
        "cluster.cds_egress_shop_blue_http_8080.upstream_rq_2xx",
        "cluster.cds_egress_shop_blue_http_8080.circuit_breakers.default.cx_open",
        "cluster.cds_egress_shop_blue_http_8080.membership_healthy",
        "cluster.cds_ingress_shop_front_http_8080.upstream_cx_total",
        "cluster.cds_egress_shop_amazonaws.upstream_cx_total",
        "cluster.cds_egress_shop_mesh-allow-all.upstream_cx_total",
        "cluster_manager.cds.update_rejected",
        "listener_manager.lds.update_success",
        "control_plane.connected_state",
        "server.live",
    }
    assert expected - await statistics(stage, "front") == set()


async def test_a_servers_statistics_have_the_names_of_the_managed_service(stage: Stage) -> None:
    await stage.show(mesh())
    await stage.front.http("http://orders.test/")
    expected = {
        "listener.0.0.0.0_15000.http.ingress.downstream_rq_2xx",
        "http.ingress.downstream_rq_2xx",
        "cluster.cds_ingress_shop_blue_http_8080.upstream_rq_2xx",
    }
    assert expected - await statistics(stage, "blue") == set()


async def test_several_listeners_are_told_apart_by_protocol_and_port(stage: Stage) -> None:
    two: Spec = node("blue", listeners=[listener("http"), listener("http2"), listener("tcp")])
    target = {"virtualNode": "blue", "weight": 1, "port": 8080}
    await stage.show(mesh(nodes={"blue": two}, routes={"all": to([target])}))
    await stage.front.http("http://orders.test/")
    expected = {
        "http.ingress.http.8080.downstream_rq_2xx",
        "http.ingress.http2.8081.downstream_rq_total",
        "tcp.ingress.tcp.8083.downstream_cx_total",
    }
    assert expected - await statistics(stage, "blue") == set()
    labels = await prometheus(stage, "blue", "^http.ingress.http.8080.downstream_rq_2xx")
    assert labels
    assert all(
        (
            one["envoy_http_conn_manager_prefix"],
            one["appmesh_listener_protocol"],
            one["appmesh_listener_port"],
        )
        == ("ingress", "http", "8080")
        for one in labels
    )


async def test_tags_are_those_that_dashboards_ask_for(stage: Stage) -> None:
    await stage.show(mesh())
    await stage.front.http("http://orders.test/")
    (labels,) = [
        one
        for one in await prometheus(stage, "front", "^cluster.cds_egress_shop_blue_http_8080.upstream_rq_2xx")
        if one.get("envoy_response_code_class") == "2"
    ]
    assert labels["envoy_cluster_name"] == "cds_egress_shop_blue_http_8080"
    prefixes = {
        one["envoy_http_conn_manager_prefix"]
        for one in await prometheus(stage, "front", "^http.egress.downstream_rq_2xx")
    }
    assert prefixes == {"egress"}


async def test_the_configuration_of_a_proxy_has_the_names_that_scripts_split(stage: Stage) -> None:
    await stage.show(mesh())
    listed = json.loads(await stage.envoys["front"].get("/listeners?format=json"))["listener_statuses"]
    assert {one["name"] for one in listed} == {"lds_ingress_0.0.0.0_15000", "lds_egress_0.0.0.0_15001"}
    at_gate = json.loads(await stage.envoys["gate"].get("/listeners?format=json"))["listener_statuses"]
    assert {one["name"] for one in at_gate} == {f"lds_ingress_0.0.0.0_{GATE}", "lds_egress_0.0.0.0_15001"}
    clusters = await stage.envoys["front"].get("/clusters")
    assert "cds_egress_shop_blue_http_8080::added_via_api::true" in clusters
