from typing import Any

import pytest
from envoy.config.core.v3.base_pb2 import Node
from google.protobuf import json_format

from gossamer.compile.wish import NOTHING, NameService, Resolver
from gossamer.xds.node_wish import agent_of, wishes_of

DNS = {"address": "127.0.0.1", "port": 53, "resolvers": [{"address": "10.0.0.2", "port": 5353}]}
LOGGER = [{"name": "envoy.access_loggers.stats"}]


def node(metadata: dict[str, Any], extensions: list[dict[str, str]] | None = None) -> Node:
    return json_format.ParseDict({"metadata": metadata, "extensions": extensions or []}, Node())


def test_a_node_that_asks_for_nothing_gets_what_all_get() -> None:
    assert wishes_of(Node()) == NOTHING
    assert wishes_of(node({"aws.appmesh.static_runtime": {"other": True}}, LOGGER)) == NOTHING


def test_metrics_are_for_those_that_ask_and_can_count_them() -> None:
    asked = {"aws.appmesh.metric_filter": {"level": "1"}}
    assert wishes_of(node(asked, LOGGER)).has_metrics
    assert not wishes_of(node(asked)).has_metrics
    assert not wishes_of(node({"aws.appmesh.metric_filter": {"level": "0"}}, LOGGER)).has_metrics


@pytest.mark.parametrize(("decision", "keeps"), [(False, True), (True, False), ("false", False)])
def test_a_request_id_is_kept_as_it_came_only_when_the_runtime_says_false(
    *, decision: object, keeps: bool
) -> None:
    key = "envoy.reloadable_features.http_set_tracing_decision_in_request_id"
    assert wishes_of(node({"aws.appmesh.static_runtime": {key: decision}})).keeps_request_id is keeps


@pytest.mark.parametrize(("said", "leaves_out"), [(False, True), (True, False), ("false", False), (0, False)])
def test_what_requests_may_do_without_is_left_out_only_when_it_says_false(
    *, said: object, leaves_out: bool
) -> None:
    assert wishes_of(node({"gossamer.requests": {"ids": said}})).makes_no_request_ids is leaves_out
    assert wishes_of(node({"gossamer.requests": {"idle_timeout": said}})).keeps_idle_requests is leaves_out
    assert wishes_of(node({"gossamer.requests": {"headers": said}})).hides_envoy is leaves_out
    assert wishes_of(node({"gossamer.requests": said})) == NOTHING


def test_names_are_answered_where_the_node_says() -> None:
    wanted = NameService("127.0.0.1", 53, (Resolver("10.0.0.2", 5353),))
    assert wishes_of(node({"gossamer.dns": DNS})).names == wanted


@pytest.mark.parametrize(
    "wrong",
    [
        "yes",
        {},
        {**DNS, "address": "localhost"},
        {**DNS, "port": 0},
        {**DNS, "port": 65536},
        {**DNS, "port": "53"},
        {**DNS, "resolvers": []},
        {**DNS, "resolvers": ["10.0.0.2"]},
        {**DNS, "resolvers": [{"address": "resolver.local", "port": 53}]},
    ],
)
def test_a_wish_that_makes_no_sense_is_none(wrong: object) -> None:
    assert wishes_of(node({"gossamer.dns": wrong})).names is None


def test_an_agent_of_ours_says_its_version_and_another_none() -> None:
    assert agent_of(node({"gossamer.agent": {"version": "1.2.3"}})) == "1.2.3"
    assert agent_of(node({"gossamer.agent": "1.2.3"})) == ""
    assert agent_of(Node()) == ""
    assert len(agent_of(node({"gossamer.agent": {"version": "1" * 1000}}))) == 64
