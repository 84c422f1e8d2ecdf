"""How often proxies tell, who is counted, and what is forgotten."""

import datetime

import pytest

from gossamer.clock import FixedClock
from gossamer.compile.flow import Flow
from gossamer.insight.ledger import FAST_S, LOOK_S, SLOW_S, Ledger
from gossamer.model.kind import MeshKey
from gossamer.xds.node_id import NodeId
from gossamer.xds.reports import Load, LoadReport, Reporter, TooManyReporters

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
MESH = MeshKey("000000000000", "m")
NODE = NodeId("m", "virtualNode", "front")
FLOWS = (Flow("to-blue", "to-blue", "blue"),)


class Case:
    """A ledger, its clock, and who was told to hurry."""

    def __init__(self, most: int = 1000) -> None:
        self.clock = FixedClock(NOW)
        self.hurried: list[int] = []
        self.ledger = Ledger(lambda _: FLOWS, self.clock, account=MESH.account, proxies_per_endpoint=most)

    def reporter(self, number: int = 1, node: NodeId = NODE) -> Reporter:
        found = Reporter(node, number, lambda: self.hurried.append(number))
        self.ledger.open(found)
        return found

    def later(self, seconds: float) -> None:
        self.clock.at += datetime.timedelta(seconds=seconds)


def test_proxies_tell_often_while_somebody_looks_and_seldom_after() -> None:
    case = Case()
    one = case.reporter()
    assert case.ledger.pace_s(one) == SLOW_S
    case.ledger.look(MESH)
    assert (case.ledger.pace_s(one), case.hurried) == (FAST_S, [1])
    case.ledger.look(MESH)
    assert case.hurried == [1]
    case.later(LOOK_S)
    case.ledger.pass_time()
    assert (case.ledger.pace_s(one), case.hurried) == (SLOW_S, [1, 1])


def test_a_look_at_one_mesh_hurries_no_other() -> None:
    case = Case()
    other = case.reporter(2, NodeId("other", "virtualNode", "front"))
    case.ledger.look(MESH)
    assert (case.ledger.pace_s(other), case.hurried) == (SLOW_S, [])


def test_many_proxies_tell_more_seldom_each() -> None:
    case = Case()
    streams = [case.reporter(number) for number in range(2000)]
    case.ledger.look(MESH)
    assert case.ledger.pace_s(streams[0]) == 4.0


def test_nothing_is_worth_measuring_while_nobody_looks() -> None:
    case = Case()
    one = case.reporter()
    assert not case.ledger.wanted(one)
    case.ledger.look(MESH)
    assert "cluster.to-blue.upstream_rq_time" in case.ledger.wanted(one)


def test_an_endpoint_has_no_more_streams_of_reports_than_its_proxies_need() -> None:
    case = Case(most=1)
    first = case.reporter(1)
    case.reporter(2)
    with pytest.raises(TooManyReporters):
        case.reporter(3)
    case.ledger.close(first)
    case.reporter(3)


def test_clusters_of_nobody_are_left_out_and_what_a_proxy_told_leaves_with_it() -> None:
    case = Case()
    one = case.reporter()
    loads = {"to-blue": Load(issued=5), "made-up": Load(issued=5)}
    case.ledger.take_load(one, LoadReport(1.0, loads))
    told = case.ledger.traffic(MESH)
    assert told["proxies"] == {"reporting": 1}
    assert [edge["requestsPerSecond"] for edge in told["edges"]] == [5.0]  # type: ignore[attr-defined]  # JSON
    case.ledger.close(one)
    assert case.ledger.traffic(MESH) is told
    case.later(1)
    assert case.ledger.traffic(MESH)["edges"] == []
