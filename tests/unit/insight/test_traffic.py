"""Rates of a window that slides, and percentiles of many proxies as one."""

from typing import Any

import pytest

from gossamer.compile.flow import Flow
from gossamer.insight.traffic import Proxy, Recent, latency, time_statistic, traffic
from gossamer.xds.reports import Load, LoadReport, Measured, Summary

BLUE = Flow("to-blue", "to-blue", "blue", "orders.test")
OWN = Flow("own", "own", "front", is_own=True)
QUANTILES = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 1.0)


def report(issued: int = 0, failed: int = 0, active: int = 0, seconds: float = 1.0) -> LoadReport:
    return LoadReport(seconds, {"to-blue": Load(issued, issued - failed, failed, active)})


def recent(*reports: LoadReport, begin: float = 1.0) -> Recent:
    found = Recent()
    for at, one in enumerate(reports):
        found.take_load(begin + at, one)
    return found


def told(*streams: Recent, now: float, resource: str = "m/virtualNode/front") -> dict[str, Any]:
    return traffic("m", [Proxy(resource, (BLUE, OWN), one) for one in streams], now)


def even(count: int, start: float, end: float) -> Summary:
    """As many as that, spread evenly between two values."""
    return Summary(count, tuple((one, start + (end - start) * one) for one in QUANTILES))


def test_a_rate_is_what_was_counted_over_the_time_that_it_took() -> None:
    found = told(recent(report(10), report(30, failed=10, active=3)), now=2.5)
    assert found["edges"] == [
        {
            "from": "m/virtualNode/front",
            "to": "m/virtualNode/blue",
            "service": "orders.test",
            "requestsPerSecond": 20.0,
            "errorsPerSecond": 5.0,
            "successRate": 0.75,
            "latencyMs": None,
            "activeRequests": 3,
        }
    ]


def test_rates_of_several_proxies_add_up() -> None:
    (edge,) = told(recent(report(10)), recent(report(30, active=1), report(50, active=2)), now=2.5)["edges"]
    assert (edge["requestsPerSecond"], edge["activeRequests"]) == (50.0, 2)


def test_what_is_too_long_ago_counts_no_more() -> None:
    found = recent(report(100), *(report(10) for _ in range(5)))
    assert told(found, now=6.5)["edges"][0]["requestsPerSecond"] == 10.0
    assert told(found, now=12.0)["edges"] == []


def test_a_report_of_a_long_time_counts_until_the_next_is_due() -> None:
    found = recent(report(100, seconds=10.0), begin=0.0)
    assert told(found, now=14.0)["edges"][0]["requestsPerSecond"] == 10.0
    assert told(found, now=15.5)["edges"] == []


def test_memory_holds_no_more_than_counts() -> None:
    found = recent(*(report(1) for _ in range(100)))
    assert len(found.loads) == 5


def test_where_nothing_was_answered_there_is_no_success_rate() -> None:
    found = recent(LoadReport(1.0, {"to-blue": Load(issued=4, active=4)}))
    assert told(found, now=1.5)["edges"][0]["successRate"] is None


def test_requests_that_reached_nobody_are_failures() -> None:
    found = Recent()
    found.take_measured(1.0, Measured(5.0, {}, {"cluster.to-blue.upstream_cx_none_healthy": 20}))
    (edge,) = told(found, now=2.0)["edges"]
    assert (edge["requestsPerSecond"], edge["errorsPerSecond"], edge["successRate"]) == (4.0, 4.0, 0.0)


def test_a_node_is_told_by_its_own_proxies_before_its_callers() -> None:
    own = recent(LoadReport(1.0, {"own": Load(issued=7, succeeded=7)}))
    found = told(own, recent(report(10)), now=1.5)
    rates = {one["id"]: one["requestsPerSecond"] for one in found["nodes"]}
    assert rates == {"m/virtualNode/front": 7.0, "m/virtualNode/blue": 10.0}


def test_a_gateway_is_told_by_what_leaves_it() -> None:
    found = told(recent(report(10)), now=1.5, resource="m/virtualGateway/in")
    assert [one["id"] for one in found["nodes"]] == ["m/virtualGateway/in", "m/virtualNode/blue"]


def test_times_belong_to_the_edge_whose_requests_they_were() -> None:
    times = Recent()
    times.take_measured(1.0, Measured(5.0, {time_statistic(BLUE): even(100, 10.0, 20.0)}, {}))
    (edge,) = told(recent(report(10)), times, now=2.0)["edges"]
    assert edge["latencyMs"] == {"p50": 15.0, "p90": 19.0, "p99": 19.9}
    assert told(times, now=2.0)["edges"] == []


def test_percentiles_of_one_proxy_are_its_own() -> None:
    assert latency([even(10, 0.0, 100.0)]) == {"p50": 50.0, "p90": 90.0, "p99": 99.0}


def test_percentiles_of_several_are_those_of_all_requests_together() -> None:
    fast, slow = even(900, 0.0, 10.0), even(100, 1000.0, 1100.0)
    found = latency([fast, slow])
    assert found is not None
    assert found["p50"] == pytest.approx(5.56, abs=0.01)
    assert found["p99"] == pytest.approx(1090.0)


def test_percentiles_of_values_that_are_all_alike_are_that_value() -> None:
    assert latency([even(5, 3.0, 3.0)]) == {"p50": 3.0, "p90": 3.0, "p99": 3.0}
    assert latency([]) is None


def test_times_that_come_seldom_count_until_the_next_are_due() -> None:
    times = Recent()
    times.take_measured(0.0, Measured(60.0, {time_statistic(BLUE): even(1, 1.0, 1.0)}, {}))
    assert len(list(times.times(50.0))) == 1
    assert list(times.times(100.0)) == []
