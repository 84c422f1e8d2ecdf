"""A match covers another only where that is certain."""

from random import Random

import pytest
from envoy.config.route.v3.route_components_pb2 import Route, RouteMatch
from google.protobuf import json_format

from gossamer.analysis.hidden import covers
from gossamer.compile.match import grpc_match, http_match
from gossamer.compile.route import in_order, route_match
from gossamer.explain.heard import heard_from
from gossamer.explain.member import Members
from gossamer.explain.routing import Candidate, unmet
from gossamer.mesh.resolve import router_ports
from gossamer.model.kind import Kind, Ref
from gossamer.model.match import GrpcRouteMatch, HttpRouteMatch
from gossamer.model.port_mapping import PortProtocol
from tests.support.near_requests import near_request
from tests.support.random_meshes import mesh_of
from tests.support.routed_meshes import routed_mesh


def http(text: str) -> RouteMatch:
    return http_match(HttpRouteMatch.from_json(text))


def grpc(text: str) -> RouteMatch:
    return grpc_match(GrpcRouteMatch.from_json(text))


@pytest.mark.parametrize(
    ("wide", "narrow", "does"),
    [
        ('{"prefix": "/a"}', '{"prefix": "/ab"}', True),
        ('{"prefix": "/ab"}', '{"prefix": "/a"}', False),
        ('{"prefix": "/a"}', '{"path": {"exact": "/a"}}', True),
        ('{"prefix": "/"}', '{"path": {"regex": "/x.*"}}', True),
        ('{"prefix": "/x"}', '{"path": {"regex": "/x.*"}}', False),
        ('{"path": {"regex": "/[ab]"}}', '{"path": {"exact": "/a"}}', True),
        ('{"path": {"regex": "/[ab]"}}', '{"prefix": "/a"}', False),
        ('{"path": {"exact": "/a"}}', '{"path": {"exact": "/b"}}', False),
        ('{"prefix": "/", "method": "GET"}', '{"prefix": "/"}', False),
        ('{"prefix": "/", "method": "GET"}', '{"prefix": "/a", "method": "GET"}', True),
        ('{"headers": [{"name": "x"}]}', '{"headers": [{"name": "x", "match": {"exact": "1"}}]}', True),
        (
            '{"headers": [{"name": "X"}]}',
            '{"headers": [{"name": "x", "match": {"prefix": "1"}, "invert": true}]}',
            True,
        ),
        ('{"headers": [{"name": "x"}]}', '{"headers": [{"name": "x", "invert": true}]}', False),
        (
            '{"headers": [{"name": "x", "match": {"prefix": "1"}}]}',
            '{"headers": [{"name": "x", "match": {"exact": "12"}}]}',
            True,
        ),
        (
            '{"headers": [{"name": "x", "match": {"prefix": "1"}}]}',
            '{"headers": [{"name": "x", "match": {"exact": "2"}}]}',
            False,
        ),
        (
            '{"headers": [{"name": "x", "match": {"range": {"start": 0, "end": 9}}}]}',
            '{"headers": [{"name": "x", "match": {"exact": "8"}}]}',
            True,
        ),
        (
            '{"headers": [{"name": "x", "match": {"exact": "2"}, "invert": true}]}',
            '{"headers": [{"name": "x", "match": {"exact": "1"}}]}',
            False,
        ),
        (
            '{"queryParameters": [{"name": "q"}]}',
            '{"queryParameters": [{"name": "q", "match": {"exact": "1"}}]}',
            True,
        ),
        (
            '{"queryParameters": [{"name": "q", "match": {"exact": "1"}}]}',
            '{"queryParameters": [{"name": "q"}]}',
            False,
        ),
    ],
)
def test_a_match_covers_another(wide: str, narrow: str, does: bool) -> None:  # noqa: FBT001 - a table's column
    assert covers(http(wide), http(narrow)) is does


def test_a_service_covers_its_methods_and_grpc_no_http() -> None:
    assert covers(grpc('{"serviceName": "a.S"}'), grpc('{"serviceName": "a.S", "methodName": "Get"}'))
    assert not covers(grpc("{}"), http("{}"))
    assert covers(http("{}"), grpc("{}"))


def test_what_is_covered_is_taken_earlier_by_every_random_request() -> None:
    pairs = 0
    for seed in range(60):
        random = Random(seed)
        drawn = routed_mesh(random)
        mesh = mesh_of(drawn)
        sender = mesh.ref(Kind.VIRTUAL_NODE, "caller")
        matches = [
            route_match(one)
            for router in mesh.names(Kind.VIRTUAL_ROUTER)
            for port in router_ports(mesh, router)
            if port.protocol is not PortProtocol.TCP
            for one in in_order(port.routes)
        ]
        for _ in range(20):
            heard = heard_from(near_request(random, drawn, sender), is_trusted=True)
            takes = {index for index, match in enumerate(matches) if not list(unmet(candidate(match), heard))}
            for index in takes:
                covering = {other for other, wide in enumerate(matches) if covers(wide, matches[index])}
                pairs += len(covering) - 1
                assert covering <= takes, json_format.MessageToDict(matches[index])
    assert pairs > 100


def candidate(match: RouteMatch) -> Candidate:
    return Candidate(Ref("", "m", Kind.ROUTE, "x", "r"), Route(match=match), Members("", ()))
