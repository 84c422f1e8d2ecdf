"""What the service fills in, and nothing else."""

import json

from gossamer.model.completion import completed
from gossamer.model.virtual_node import VirtualNodeSpec
from tests.support.full_specs import HEALTH_CHECK, NODE, Json


def node(check: Json) -> Json:
    return {
        "listeners": [
            {"portMapping": {"port": 80, "protocol": "http"}, "healthCheck": check},
            {"portMapping": {"port": 81, "protocol": "http"}},
        ],
        "serviceDiscovery": {"dns": {"hostname": "a"}},
        "backends": [],
    }


def after(spec: Json) -> object:
    return json.loads(completed(VirtualNodeSpec.from_json(json.dumps(spec))).to_json())


def test_a_node_without_backends_gets_an_empty_list() -> None:
    assert after({}) == {"backends": []}


def test_a_health_check_without_a_port_gets_its_listeners() -> None:
    check = {key: value for key, value in HEALTH_CHECK.items() if key != "port"}
    assert after(node(check)) == node(check | {"port": 80})


def test_what_is_complete_stays_as_it_is() -> None:
    assert after(NODE) == NODE


def test_a_node_that_names_a_backend_twice_keeps_both() -> None:
    twice: Json = {"backends": [{"virtualService": {"virtualServiceName": "b"}}] * 2}
    assert after(twice) == twice


def test_a_completed_spec_is_the_same_as_one_that_was_written_in_full() -> None:
    check = {key: value for key, value in HEALTH_CHECK.items() if key != "port"}
    short = completed(VirtualNodeSpec.from_json(json.dumps(node(check))))
    full = VirtualNodeSpec.from_json(json.dumps(node(check | {"port": 80})))
    assert short == full
    assert hash(short) == hash(full)
