"""Answers put together from bytes that were serialised before are what Envoy's own messages would be."""

from collections.abc import Iterator

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.core.v3.base_pb2 import Node
from envoy.config.route.v3.route_components_pb2 import VirtualHost
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.service.discovery.v3.discovery_pb2 import (
    DeltaDiscoveryRequest,
    DeltaDiscoveryResponse,
    DiscoveryRequest,
    DiscoveryResponse,
)

from gossamer.compile.resources import Compiled, Host, Resources, ResourceType, part
from gossamer.xds import wire
from gossamer.xds.protocol import Accepted, Rejected, Send, Subscribed, set_version
from gossamer.xds.stream import Delta, build_version

CLUSTER, ROUTE = ResourceType.CLUSTER, ResourceType.ROUTE


def compiled(name: str, alt: str = "") -> Compiled:
    # Long enough that its length takes more than one byte.
    return Compiled(CLUSTER, name, Cluster(name=name, alt_stat_name=alt or "x" * 300))


def test_a_delta_answer_parses_to_its_resources() -> None:
    resources = tuple(wire.resource(compiled(name)) for name in ("a", "b"))
    parsed = DeltaDiscoveryResponse.FromString(wire.delta_answer(Send(CLUSTER, "7", resources, ("gone",))))
    assert (parsed.type_url, parsed.nonce, list(parsed.removed_resources)) == (CLUSTER.value, "7", ["gone"])
    assert [(one.name, one.version) for one in parsed.resources] == [
        (one.name, one.version) for one in resources
    ]
    cluster = Cluster()
    assert parsed.resources[1].resource.Unpack(cluster)
    assert cluster == compiled("b").message


def test_a_whole_answer_parses_to_its_resources() -> None:
    resources = tuple(wire.resource(compiled(name)) for name in ("a", "b"))
    parsed = DiscoveryResponse.FromString(wire.whole_answer(Send(CLUSTER, "7", resources)))
    assert (parsed.type_url, parsed.nonce, parsed.version_info) == (
        CLUSTER.value,
        "7",
        set_version(resources),
    )
    cluster = Cluster()
    assert parsed.resources[0].Unpack(cluster)
    assert cluster.name == "a"


def test_a_version_follows_the_content_alone() -> None:
    assert wire.resource(compiled("a")).version == wire.resource(compiled("a")).version
    assert wire.resource(compiled("a")).version != wire.resource(compiled("a", "y")).version


def test_what_did_not_change_keeps_its_identity() -> None:
    before = wire.published(Resources.holding(compiled("a"), compiled("b")))
    same = wire.published(Resources.holding(compiled("a"), compiled("b")), before)
    assert same.of(CLUSTER) is before.of(CLUSTER)
    after = wire.published(Resources.holding(compiled("a"), compiled("b", "y")), before)
    assert after.of(CLUSTER)["a"] is before.of(CLUSTER)["a"]
    assert after.of(CLUSTER)["b"] != before.of(CLUSTER)["b"]


def test_routes_joined_from_their_hosts_are_what_the_whole_message_would_be() -> None:
    hosts = tuple(Host(VirtualHost(name=name, domains=[f"{name}.{'x' * 200}"])) for name in ("a", "b"))
    routes = Compiled(ROUTE, "out", RouteConfiguration(name="out"), hosts=hosts)
    whole = RouteConfiguration(name="out", virtual_hosts=[one.message for one in hosts])
    assert routes.message == whole
    assert wire.resource(routes) == wire.resource(Compiled(ROUTE, "out", whole))


def test_a_part_that_is_as_it_was_is_not_compiled_again() -> None:
    asked = []

    def cluster(name: str) -> Iterator[Compiled]:
        asked.append(name)
        yield compiled(name)

    before = wire.published(Resources((part(cluster, "a"), part(cluster, "b"))))
    after = wire.published(Resources((part(cluster, "b"), part(cluster, "c"))), before)
    assert asked == ["a", "b", "c"]
    assert list(after.of(CLUSTER)) == ["b", "c"]
    assert after.of(CLUSTER)["b"] is before.of(CLUSTER)["b"]


def test_a_first_delta_request_without_names_asks_for_everything() -> None:
    request = DeltaDiscoveryRequest(initial_resource_versions={"a": "1"})
    (event,) = wire.delta_events(request, CLUSTER, is_first=True)
    assert event == Subscribed(CLUSTER, wildcard=True, held={"a": "1"})
    star = DeltaDiscoveryRequest(resource_names_subscribe=["*", "a"])
    assert wire.delta_events(star, CLUSTER, is_first=False) == [
        Subscribed(CLUSTER, frozenset({"a"}), wildcard=True)
    ]
    assert wire.delta_events(DeltaDiscoveryRequest(), ROUTE, is_first=True) == [Subscribed(ROUTE)]


def test_a_delta_request_can_accept_refuse_and_resubscribe() -> None:
    accepted = DeltaDiscoveryRequest(response_nonce="1")
    assert wire.delta_events(accepted, ROUTE, is_first=False) == [Accepted(ROUTE, "1")]
    refused = DeltaDiscoveryRequest(response_nonce="1", resource_names_unsubscribe=["r"])
    refused.error_detail.message = "no"
    assert wire.delta_events(refused, ROUTE, is_first=False) == [
        Rejected(ROUTE, "1", "no"),
        Subscribed(ROUTE, dropped=frozenset({"r"})),
    ]


def test_an_ack_and_nothing_else_is_read_once_for_all_who_say_it() -> None:
    ack = DeltaDiscoveryRequest(type_url=ROUTE.value, response_nonce="1")
    assert wire.delta_ack(ack.SerializeToString()) is wire.delta_ack(ack.SerializeToString())
    assert wire.delta_ack(ack.SerializeToString()) == Accepted(ROUTE, "1")


def test_a_request_that_says_more_is_not_taken_for_an_ack() -> None:
    more = DeltaDiscoveryRequest(type_url=ROUTE.value, response_nonce="1", resource_names_subscribe=["r"])
    less = DeltaDiscoveryRequest(type_url=ROUTE.value, response_nonce="1", resource_names_unsubscribe=["r"])
    refusal = DeltaDiscoveryRequest(type_url=ROUTE.value, response_nonce="1")
    refusal.error_detail.message = "no"
    first, unknown = DeltaDiscoveryRequest(type_url=ROUTE.value), DeltaDiscoveryRequest(response_nonce="1")
    for one in (more, less, refusal, first, unknown):
        assert wire.delta_ack(one.SerializeToString()) is None
    assert wire.delta_ack(b"\xff") is None


def test_an_ack_of_a_type_that_the_proxy_has_not_asked_for_is_looked_at_as_a_whole() -> None:
    delta, ack = Delta(), DeltaDiscoveryRequest(type_url=CLUSTER.value, response_nonce="1")
    assert delta.ack(ack.SerializeToString()) is None
    assert delta.events(ack, CLUSTER) == [Accepted(CLUSTER, "1"), Subscribed(CLUSTER, wildcard=True)]
    assert delta.ack(ack.SerializeToString()) == Accepted(CLUSTER, "1")


def test_a_whole_request_tells_names_by_what_it_repeats() -> None:
    first = DiscoveryRequest(resource_names=["a", "b"], version_info="v", response_nonce="old stream")
    assert wire.whole_events(first, ROUTE, None) == [Subscribed(ROUTE, frozenset({"a", "b"}), held_set="v")]
    later = DiscoveryRequest(resource_names=["b", "c"], response_nonce="1")
    assert wire.whole_events(later, ROUTE, frozenset({"a", "b"})) == [
        Accepted(ROUTE, "1"),
        Subscribed(ROUTE, frozenset({"c"}), frozenset({"a"})),
    ]


def test_a_build_is_told_from_what_the_node_says() -> None:
    node = Node()
    node.user_agent_build_version.version.major_number = 1
    node.user_agent_build_version.version.minor_number = 40
    assert build_version(node) == "1.40.0"
    assert build_version(Node(user_agent_name="mine")) == "mine"
    assert build_version(Node()) == "unknown"


def test_a_refusal_is_kept_no_longer_than_anybody_reads() -> None:
    refused = DeltaDiscoveryRequest(response_nonce="1")
    refused.error_detail.message = "n" * 100_000
    kept = "n" * wire.LONGEST_REFUSAL
    assert wire.delta_events(refused, ROUTE, is_first=False) == [Rejected(ROUTE, "1", kept)]
