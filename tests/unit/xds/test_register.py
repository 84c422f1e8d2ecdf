"""Which proxies came, changed and left, and when one counts as stale."""

import datetime

from gossamer.compile.resources import ResourceType
from gossamer.xds.register import Register
from gossamer.xds.status import STALE, ProxyStatus, TypeStatus

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def proxy(stream: int) -> ProxyStatus:
    return ProxyStatus(stream, "node", "m/virtualNode/n", "1.40.0", "delta", NOW)


def test_a_reader_is_told_of_each_proxy_once_as_it_is_by_now() -> None:
    register, one, two = Register(), proxy(1), proxy(2)
    with register.reading() as reader:
        for status in (one, two, one, one):
            register.note(status)
        assert reader.news() == [(two, False), (one, False)]
        assert reader.news() == []
        register.note(two)
        assert reader.news() == [(two, False)]


def test_a_proxy_that_left_is_told_of_as_gone_and_not_as_here() -> None:
    register, one = Register(), proxy(1)
    register.note(one)
    with register.reading() as reader:
        register.leave(one)
        assert reader.news() == [(one, True)]
        assert reader.news() == []


def test_of_those_that_left_the_latest_are_remembered_for_a_reader_that_takes_long() -> None:
    register = Register(most_gone=2)
    gone = [proxy(number) for number in range(3)]
    with register.reading() as reader:
        for one in gone:
            register.leave(one)
        assert reader.news() == [(gone[1], True), (gone[2], True)]


def test_of_those_that_left_nothing_is_kept_once_every_reader_was_told() -> None:
    register = Register()
    register.leave(proxy(1))
    assert register.since(0) == []
    with register.reading() as slow:
        with register.reading() as quick:
            register.leave(proxy(2))
            quick.news()
            assert register.since(0) == [(proxy(2), True)]
            slow.news()
            assert register.since(0) == []
            register.leave(proxy(3))
        assert register.since(0) == [(proxy(3), True)]
    assert register.since(0) == []


def test_a_proxy_is_stale_once_it_leaves_an_answer_unacknowledged_for_long() -> None:
    status = proxy(1)
    status.types[ResourceType.CLUSTER] = TypeStatus(sent_at=NOW)
    assert status.waiting_since == NOW
    assert not status.is_stale(NOW)
    assert status.is_stale(NOW + STALE)
    status.types[ResourceType.CLUSTER].acked_at = NOW
    assert status.waiting_since is None
    assert not status.is_stale(NOW + STALE)


def test_a_proxy_that_refused_is_stale_at_once() -> None:
    status = proxy(1)
    status.types[ResourceType.ROUTE] = TypeStatus(sent_at=NOW, refused_at=NOW, refusal="no port")
    assert status.is_stale(NOW)
