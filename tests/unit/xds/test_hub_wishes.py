from dataclasses import replace

from gossamer.clock import SystemClock
from gossamer.compile.wish import NOTHING, Wishes
from gossamer.xds.hub import Channel, Hub, TooManyProxies
from gossamer.xds.node_id import NodeId, node_id
from gossamer.xds.status import ProxyStatus

NODE = node_id("mesh/m/virtualNode/n")
METRICS = Wishes(has_metrics=True)


class Endpoints:
    """One channel for each set of wishes."""

    def __init__(self) -> None:
        self.channels: dict[Wishes, Channel] = {}

    def channel(self, node: NodeId, wishes: Wishes) -> Channel:
        return self.channels.setdefault(wishes, Channel(str(node)))


def connect(hub: Hub, wishes: Wishes) -> object:
    status = ProxyStatus(1, str(NODE), str(NODE), "1.40.0", "delta", SystemClock().now())
    return hub.connect(NODE, wishes, status, lambda: None)


def test_proxies_with_the_same_wishes_share_a_channel() -> None:
    endpoints = Endpoints()
    hub = Hub(endpoints, proxies_per_endpoint=9)
    for wishes in (NOTHING, METRICS, METRICS, NOTHING):
        connect(hub, wishes)
    assert {wishes: len(one.connections) for wishes, one in endpoints.channels.items()} == {
        NOTHING: 2,
        METRICS: 2,
    }


def test_an_endpoint_has_no_more_proxies_for_their_wishes_being_different() -> None:
    hub = Hub(Endpoints(), proxies_per_endpoint=2)
    first = hub.connect(NODE, NOTHING, ProxyStatus(1, "", "", "", "", SystemClock().now()), lambda: None)
    connect(hub, METRICS)
    refused = 0
    for wishes in (NOTHING, METRICS, Wishes(keeps_request_id=True)):
        try:
            connect(hub, wishes)
        except TooManyProxies:
            refused += 1
    hub.disconnect(first)
    connect(hub, METRICS)
    assert refused == 3


def test_an_endpoint_of_one_account_takes_no_place_of_its_namesake_in_another() -> None:
    hub = Hub(Endpoints(), proxies_per_endpoint=1)
    for account in ("000000000000", "111111111111"):
        status = ProxyStatus(1, "", "", "", "", SystemClock().now())
        connection = hub.connect(replace(NODE, account=account), NOTHING, status, lambda: None)
        assert connection.status.account == account
