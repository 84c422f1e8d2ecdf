"""What every spec can do, whatever it is about."""

import json
from collections.abc import Callable

import pytest

from gossamer.model.virtual_node import VirtualNodeSpec

NODE = {
    "listeners": [{"portMapping": {"port": 8080, "protocol": "http"}}],
    "serviceDiscovery": {"dns": {"hostname": "a.local"}},
}


def node() -> VirtualNodeSpec:
    return VirtualNodeSpec.from_json(json.dumps(NODE))


def test_a_spec_that_told_its_wire_form_is_still_the_same_spec() -> None:
    one, other = node(), node()
    assert json.loads(one.to_json()) == NODE
    assert one.to_json() is one.to_json()
    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize("copied", [VirtualNodeSpec.having, lambda one, **new: one.model_copy(update=new)])
def test_a_copy_with_other_members_tells_its_own_wire_form(copied: Callable[..., VirtualNodeSpec]) -> None:
    one = node()
    before = one.to_json()
    after = copied(one, backends=())
    assert json.loads(after.to_json()) == NODE | {"backends": []}
    assert one.to_json() == before


def test_a_copy_is_what_pydantic_would_have_made() -> None:
    one = node()
    ours, theirs = one.having(backends=()), one.model_copy(update={"backends": ()})
    assert ours == theirs
    assert hash(ours) == hash(theirs)
    assert ours.model_fields_set == theirs.model_fields_set
    assert ours.model_copy() == theirs
    assert ours.model_dump() == theirs.model_dump()
