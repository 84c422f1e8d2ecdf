"""The bodies of requests."""

import json

import pytest

from gossamer.api.kinds import KINDS
from gossamer.errors import InvalidSpec, Violation
from gossamer.model.input import (
    CreateMeshInput,
    CreateVirtualServiceInput,
    Input,
    TagResourceInput,
    UntagResourceInput,
    UpdateMeshInput,
    UpdateVirtualNodeInput,
)
from gossamer.model.kind import Kind
from gossamer.model.mesh import MeshSpec
from gossamer.model.specs import SPECS
from tests.support.full_specs import FULL, Json


def refused(shape: type[Input], body: object) -> tuple[Violation, ...]:
    with pytest.raises(InvalidSpec) as caught:
        shape.from_json(json.dumps(body))
    return caught.value.violations


@pytest.mark.parametrize("kind", Kind)
def test_a_create_carries_a_name_a_spec_tags_and_a_token(kind: Kind) -> None:
    tags: list[Json] = [{"key": "k", "value": ""}]
    body = {f"{kind.value}Name": "a", "spec": FULL[kind], "tags": tags, "clientToken": "t"}
    read = KINDS[kind].create.from_json(json.dumps(body))
    assert read.name == "a"
    assert type(read.spec) is SPECS[kind]
    assert json.loads(read.to_json()) == body


@pytest.mark.parametrize("kind", Kind)
def test_an_update_carries_a_spec_and_a_token(kind: Kind) -> None:
    body = {"spec": FULL[kind], "clientToken": "t"}
    read = KINDS[kind].update.from_json(json.dumps(body))
    assert type(read.spec) is SPECS[kind]
    assert json.loads(read.to_json()) == body


@pytest.mark.parametrize(
    "spec", ['{"meshName": "m"}', '{"meshName": "m", "spec": null}', '{"meshName": "m", "spec": {}}']
)
def test_a_mesh_may_come_without_a_spec(spec: str) -> None:
    assert CreateMeshInput.from_json(spec).spec == MeshSpec()


@pytest.mark.parametrize("body", ["", b"", "{}", '{"spec": null}'])
def test_an_update_of_a_mesh_may_come_without_anything(body: str | bytes) -> None:
    assert UpdateMeshInput.from_json(body).spec == MeshSpec()


@pytest.mark.parametrize("kind", set(Kind) - {Kind.MESH})
def test_any_other_kind_needs_its_spec(kind: Kind) -> None:
    assert refused(KINDS[kind].update, {}) == (Violation("spec", "is required"),)
    assert refused(KINDS[kind].update, {"spec": None}) == (Violation("spec", "must be an object"),)


def test_paths_start_where_the_body_starts() -> None:
    body = {
        "spec": {
            "listeners": [
                {"portMapping": {"port": 80, "protocol": "http"}},
                {"portMapping": {"port": 0, "protocol": "http"}},
            ]
        },
        "clientToken": "",
    }
    assert set(refused(UpdateVirtualNodeInput, body)) == {
        Violation("spec.listeners[1].portMapping.port", "must be between 1 and 65535"),
        Violation("clientToken", "must have 1 to 64 characters"),
    }


def test_names_are_bounded_and_the_names_of_services_are_freer() -> None:
    assert refused(CreateMeshInput, {"meshName": "m" * 256}) == (
        Violation("meshName", "must have 1 to 255 characters"),
    )
    assert refused(CreateMeshInput, {"meshName": "a\n"})
    name = "b.local:80@x"
    assert (
        CreateVirtualServiceInput.from_json(json.dumps({"virtualServiceName": name, "spec": {}})).name == name
    )
    for bad in ("", "a/b", "a b", "*.local", "a\u0000", "a\u00a0", "x" * 256):
        assert [
            one.path for one in refused(CreateVirtualServiceInput, {"virtualServiceName": bad, "spec": {}})
        ] == ["virtualServiceName"]


def test_tags_are_bounded_in_number_and_may_not_be_those_of_aws() -> None:
    many: list[object] = [{"key": str(number), "value": ""} for number in range(51)]
    assert refused(TagResourceInput, {"tags": many}) == (Violation("tags", "must have at most 50 items"),)
    assert refused(TagResourceInput, {"tags": [{"key": "AWS:x", "value": ""}]}) == (
        Violation("tags[0].key", "must not start with aws:"),
    )
    assert UntagResourceInput.from_json('{"tagKeys": ["a"]}').tag_keys == ("a",)
