"""What clients send comes back as they sent it."""

import json

import pytest

from gossamer.errors import InvalidSpec, Violation
from gossamer.model.access_log import FileAccessLog, LoggingFormat
from gossamer.model.kind import Kind
from gossamer.model.port_mapping import PortMapping, PortProtocol
from gossamer.model.route import RouteSpec
from gossamer.model.spec import Spec
from gossamer.model.specs import SPECS, spec_from_json, stored_spec
from gossamer.model.virtual_node import VirtualNodeSpec
from tests.support.full_specs import FULL, SAMPLES, Json


def refused(shape: type[Spec], body: bytes | str) -> tuple[Violation, ...]:
    with pytest.raises(InvalidSpec) as caught:
        shape.from_json(body)
    return caught.value.violations


@pytest.mark.parametrize(("kind", "spec"), SAMPLES.values(), ids=SAMPLES.keys())
def test_a_spec_is_written_as_it_was_read(kind: Kind, spec: Json) -> None:
    read = spec_from_json(kind, json.dumps(spec))
    assert json.loads(read.to_json()) == spec
    assert type(read).from_json(read.to_json()) == read


def test_what_is_stored_stays_readable_when_a_rule_is_new() -> None:
    action = {"target": {"virtualService": {"virtualServiceName": "a.local"}}}
    rewrite = {"prefix": {"value": "/é/"}}
    route = {"httpRoute": {"match": {"prefix": "/"}, "action": {**action, "rewrite": rewrite}}}
    text = json.dumps(route, ensure_ascii=False)
    (violation,) = refused(SPECS[Kind.GATEWAY_ROUTE], text)
    assert violation.why == "may hold visible ASCII characters only, and no #"
    assert json.loads(stored_spec(Kind.GATEWAY_ROUTE, text).to_json()) == route
    with pytest.raises(InvalidSpec):
        stored_spec(Kind.GATEWAY_ROUTE, text.replace("/é/", "é"))


@pytest.mark.parametrize("kind", Kind)
def test_a_spec_can_be_a_key(kind: Kind) -> None:
    read, again = (spec_from_json(kind, json.dumps(FULL[kind])) for _ in range(2))
    assert len({read, again}) == 1


def test_every_kind_has_a_spec() -> None:
    assert SPECS.keys() == set(Kind)


def test_null_is_the_same_as_absent() -> None:
    assert (
        VirtualNodeSpec.from_json('{"listeners": null, "logging": {"accessLog": null}}').to_json()
        == '{"logging":{}}'
    )


def test_the_name_of_grpc_metadata_is_kept_in_lower_case_and_that_of_a_header_as_sent() -> None:
    action: Json = {"weightedTargets": [{"virtualNode": "a", "weight": 1}]}
    grpc = {"match": {"metadata": [{"name": "X-Mixed"}]}, "action": action}
    http = {"match": {"headers": [{"name": "X-Mixed"}]}, "action": action}
    assert '"name":"x-mixed"' in RouteSpec.from_json(json.dumps({"grpcRoute": grpc})).to_json()
    assert '"name":"X-Mixed"' in RouteSpec.from_json(json.dumps({"httpRoute": http})).to_json()


def test_python_spells_members_its_own_way_and_the_wire_does_not_know_that() -> None:
    assert PortMapping(port=1, protocol=PortProtocol.TCP).to_json() == '{"port":1,"protocol":"tcp"}'
    assert (
        FileAccessLog(path="/a", format=LoggingFormat(json_=())).to_json()
        == '{"path":"/a","format":{"json":[]}}'
    )
    assert refused(VirtualNodeSpec, '{"backend_defaults": {}}') == (
        Violation("backend_defaults", "is not a member of this shape"),
    )
    assert refused(LoggingFormat, '{"json_": []}')


@pytest.mark.parametrize("body", ["", "{", '{"listeners": [', "{'a': 1}", '{"a": 1}}'])
def test_a_body_that_is_not_json_is_one_violation(body: str) -> None:
    (found,) = refused(VirtualNodeSpec, body)
    assert found.path == ""
    assert found.why.startswith("the body is not valid JSON, line 1 column")


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "1"])
def test_a_body_that_is_not_an_object_is_one_violation(body: str) -> None:
    assert refused(VirtualNodeSpec, body) == (Violation("", "the body must be a JSON object in UTF-8"),)


@pytest.mark.parametrize(
    "body", [b"\xff", b'{"\xff": 1}', b'{"logging": "\xff"}', '{"\\ud800": 1}', '{"a": "\ud800"}']
)
def test_a_body_that_is_not_unicode_is_one_violation(body: bytes | str) -> None:
    (found,) = refused(VirtualNodeSpec, body)
    assert found.path == ""
    assert found.why.startswith("the body ")


def test_json_that_is_nested_too_deeply_is_one_violation() -> None:
    (found,) = refused(VirtualNodeSpec, '{"a":' * 10_000)
    assert found.why == "the body is nested too deeply"
