"""A match covers another only where that is certain."""

import itertools
import json
from random import Random

import pytest
from envoy.config.route.v3.route_components_pb2 import Route, RouteMatch
from google.protobuf import json_format

from gossamer.analysis.hidden import covers, hidden_by
from gossamer.compile.match import grpc_match, http_match
from gossamer.compile.route import in_order, route_match
from gossamer.explain.heard import heard_from
from gossamer.explain.member import Members
from gossamer.explain.request import read_request
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


def header(text: str) -> str:
    return '{"prefix": "/", "headers": [' + text + "]}"


PRESENT, ABSENT = '{"name": "x"}', '{"name": "x", "invert": true}'
ONE, NOT_ONE = ('{"name": "x", "match": {"exact": "1"}' + more for more in ("}", ', "invert": true}'))
TEN = '{"name": "x", "match": {"prefix": "1"}}'


@pytest.mark.parametrize(
    ("wides", "narrow", "by"),
    [
        ([PRESENT, ABSENT], '{"prefix": "/a"}', "ab"),
        ([ONE, NOT_ONE, ABSENT], '{"prefix": "/"}', "abc"),
        ([ONE, NOT_ONE], '{"prefix": "/"}', ""),
        ([ONE, NOT_ONE], header(PRESENT), "ab"),
        ([ONE, ABSENT, NOT_ONE, PRESENT], '{"prefix": "/"}', "abc"),
        ([ONE, PRESENT], header('{"name": "x", "match": {"exact": "1"}}'), "a"),
        ([TEN, ABSENT], '{"prefix": "/"}', ""),
        ([PRESENT, '{"name": "y", "invert": true}'], '{"prefix": "/"}', ""),
        ([f'{PRESENT}, {{"name": "y"}}', ABSENT, '{"name": "y", "invert": true}'], '{"prefix": "/"}', "abc"),
        ([f'{PRESENT}, {{"name": "y"}}', ABSENT], '{"prefix": "/"}', ""),
    ],
)
def test_several_matches_cover_what_none_covers_alone(wides: list[str], narrow: str, by: str) -> None:
    earlier = [(ref("abcd"[index]), http(header(one))) for index, one in enumerate(wides)]
    assert "".join(one.name for one in hidden_by(earlier, http(narrow))) == by


def test_matches_of_a_narrower_path_or_query_cover_nothing_together() -> None:
    for path in ('"path": {"exact": "/"}', '"prefix": "/", "queryParameters": [{"name": "q"}]'):
        absent = http("{" + path + ', "headers": [' + ABSENT + "]}")
        assert not hidden_by([(ref("a"), http(header(PRESENT))), (ref("b"), absent)], http('{"prefix": "/"}'))


def conditions(random: Random) -> str:
    """A match of one or two random conditions on two headers."""
    values = [None, *({kind: text} for kind in ("exact", "prefix", "suffix") for text in ("1", "11", "2"))]
    drawn = [(random.choice("xy"), random.random() < 0.5, random.choice(values)) for _ in "ab"]
    listed = [
        {"name": name, "invert": invert, **({"match": value} if value else {})}
        for name, invert, value in drawn[random.randrange(2) :]
    ]
    return json.dumps({"prefix": "/", "headers": listed})


def test_what_several_cover_together_is_taken_by_one_of_them_by_every_request() -> None:
    together = 0
    for seed in range(400):
        random = Random(seed)
        matches = [(ref(str(index)), http(conditions(random))) for index in range(6)]
        narrow = http(random.choice(['{"prefix": "/"}', conditions(random)]))
        by = hidden_by(matches, narrow)
        together += len(by) > 1
        for values in itertools.product((None, "", "1", "11", "12", "2", "3"), repeat=2) if by else ():
            headers = {name: value for name, value in zip("xy", values, strict=True) if value is not None}
            heard = heard_from(read_request("GET", "http://a/", list(headers.items()), ""), is_trusted=True)
            takes = [name for name, one in matches if not list(unmet(candidate(one), heard))]
            assert set(takes) & set(by) or list(unmet(candidate(narrow), heard)), (matches, headers)
    assert together > 10


def ref(name: str) -> Ref:
    return Ref("", "m", Kind.ROUTE, name, "r")


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
    return Candidate(0, Ref("", "m", Kind.ROUTE, "x", "r"), Route(match=match), Members("", ()))
