"""Between whom HTTP/2 is spoken where applications speak HTTP/1.1: row by row the table of decision 068."""

import json

import pytest

from gossamer.mesh.client_tls import ClientTls
from gossamer.mesh.data_plane import DataPlane, Fleet, Http2
from gossamer.model.kind import Kind, Ref
from gossamer.model.listener import Listener
from gossamer.model.service_discovery import ServiceDiscovery

BLUE = Ref("123456789012", "shop", Kind.VIRTUAL_NODE, "blue")
ENDPOINTS = {"dns": {"hostname": "b.local", "responseType": "ENDPOINTS"}}
CLOUD_MAP = {"awsCloudMap": {"namespaceName": "n", "serviceName": "b"}}
TLS = ClientTls("b.local")


def speaks(
    http2: Http2,
    tls: ClientTls | None = None,
    mode: str = "",
    found: object = ENDPOINTS,
    protocol: str = "http",
    *,
    accepts: bool = True,
) -> bool:
    files = {"file": {"certificateChain": "/c.pem", "privateKey": "/k.pem"}}
    taken = {"tls": {"mode": mode, "certificate": files}} if mode else {}
    listener = Listener.from_json(json.dumps({"portMapping": {"port": 80, "protocol": protocol}, **taken}))
    fleet = Fleet(DataPlane(http2=http2), frozenset({BLUE} if accepts else ()))
    return fleet.speaks_http2(BLUE, listener, ServiceDiscovery.from_json(json.dumps(found)), tls)


@pytest.mark.parametrize("found", [ENDPOINTS, CLOUD_MAP])
def test_plain_text_needs_the_setting_and_every_proxys_word(found: object) -> None:
    assert speaks(Http2.ALL, found=found)
    assert not speaks(Http2.ALL, found=found, accepts=False)
    assert not speaks(Http2.TLS, found=found)
    assert not speaks(Http2.OFF, found=found)


@pytest.mark.parametrize("mode", ["STRICT", "PERMISSIVE"])
@pytest.mark.parametrize("http2", [Http2.ALL, Http2.TLS])
def test_over_tls_it_is_offered_whoever_is_there(http2: Http2, mode: str) -> None:
    assert speaks(http2, TLS, mode, accepts=False)
    assert not speaks(Http2.OFF, TLS, mode)


def test_it_is_not_offered_to_an_application_that_speaks_tls_itself() -> None:
    assert not speaks(Http2.ALL, TLS, "")
    assert not speaks(Http2.ALL, TLS, "DISABLED")


def test_what_a_load_balancer_shares_out_by_connection_stays() -> None:
    balanced = {"dns": {"hostname": "b.local", "responseType": "LOADBALANCER"}}
    assert not speaks(Http2.ALL, found=balanced)
    assert not speaks(Http2.ALL, found={"dns": {"hostname": "b.local"}})
    assert not speaks(Http2.ALL, TLS, "STRICT", balanced)


@pytest.mark.parametrize("protocol", ["http2", "grpc", "tcp"])
def test_other_protocols_stay_what_they_are(protocol: str) -> None:
    assert not speaks(Http2.ALL, protocol=protocol)
