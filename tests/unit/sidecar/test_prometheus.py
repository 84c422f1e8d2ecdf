import re

import pytest

from gossamer.sidecar.prometheus import active_connections, appmesh_only, delta, snapshot
from gossamer.sidecar.rate_limit import RateLimit

TEXT = """\
# TYPE envoy_appmesh_RequestCount counter
envoy_appmesh_RequestCount{Mesh="m"} 7
# TYPE envoy_appmesh_TargetResponseTime histogram
envoy_appmesh_TargetResponseTime_bucket{Mesh="m",le="0.5"} 2
envoy_appmesh_TargetResponseTime_sum{Mesh="m"} 3.5
envoy_appmesh_TargetResponseTime_count{Mesh="m"} 4
# TYPE envoy_server_live gauge
envoy_server_live{} 1
"""


def test_only_app_meshs_own_statistics_remain_and_lose_their_prefix() -> None:
    assert appmesh_only(TEXT) == (
        "# TYPE RequestCount counter\n"
        'RequestCount{Mesh="m"} 7\n'
        "# TYPE TargetResponseTime histogram\n"
        'TargetResponseTime_bucket{Mesh="m",le="0.5"} 2\n'
        'TargetResponseTime_sum{Mesh="m"} 3.5\n'
        'TargetResponseTime_count{Mesh="m"} 4\n'
    )


def test_counts_are_told_less_what_they_were_and_gauges_as_they_are() -> None:
    later = TEXT.replace('"} 7', '"} 10').replace("live{} 1", "live{} 0")
    told = delta(later, snapshot(TEXT))
    assert 'RequestCount{Mesh="m"} 3\n' in told
    assert 'TargetResponseTime_count{Mesh="m"} 0\n' in told
    assert "envoy_server_live{} 0\n" in told


def test_a_count_that_fell_began_anew() -> None:
    assert 'RequestCount{Mesh="m"} 2\n' in delta(TEXT.replace('"} 7', '"} 2'), snapshot(TEXT))


def test_a_count_that_was_not_there_before_is_told_whole() -> None:
    assert 'RequestCount{Mesh="m"} 7\n' in delta(TEXT, {})


def test_connections_are_those_of_the_proxys_own_listeners() -> None:
    text = (
        'envoy_listener_downstream_cx_active{envoy_listener_address="0.0.0.0_15000"} 2\n'
        'envoy_listener_downstream_cx_active{envoy_listener_address="0.0.0.0_15001"} 5\n'
    )
    told = active_connections(text, {"Mesh": "m", "VirtualNode": "n"}, re.compile("_15000"))
    assert told.endswith('envoy_appmesh_ActiveConnectionCount{Mesh="m",VirtualNode="n"} 2\n')


def test_twenty_requests_pass_at_once_and_then_ten_a_second() -> None:
    limit = RateLimit()
    assert [limit.admits(100.0) for _ in range(21)] == [True] * 20 + [False]
    assert [limit.admits(100.125), limit.admits(100.125)] == [True, False]
    assert sum(limit.admits(101.125) for _ in range(20)) == 10


def test_a_pause_saves_up_no_more_than_twenty_requests() -> None:
    limit = RateLimit()
    limit.admits(0.0)
    assert sum(limit.admits(1000.0) for _ in range(50)) == 20


@pytest.mark.parametrize("text", ["", "garbage line here\n", "# HELP x y\n"])
def test_what_is_no_sample_passes_as_it_is(text: str) -> None:
    assert delta(text, {}) == text
    assert appmesh_only(text) == ""
