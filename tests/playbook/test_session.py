"""One stream, event by event: what the server must do about each."""

from gossamer.compile.resources import ResourceType
from gossamer.xds.protocol import Accepted, Overdue, Rejected, Report, Subscribed, Swept, set_version
from gossamer.xds.session import Session
from tests.support.playbook import play, published

CLUSTER, ENDPOINT = ResourceType.CLUSTER, ResourceType.ENDPOINT
LISTENER, ROUTE = ResourceType.LISTENER, ResourceType.ROUTE

ALL_CLUSTERS = Subscribed(CLUSTER, wildcard=True)
ALL_LISTENERS = Subscribed(LISTENER, wildcard=True)
ROUTES = Subscribed(ROUTE, added=frozenset({"r"}))


def connected() -> Session:
    """A stream whose proxy runs cluster a and route r to it."""
    session = Session()
    play(
        session,
        (published(cluster={"a": "1"}, route={"r": "1 needs a"}), []),
        (ALL_CLUSTERS, [("send", "cluster", "1", "a@1")]),
        (Accepted(CLUSTER, "1"), [Report(CLUSTER, "1")]),
        (ROUTES, [("send", "route", "2", "r@1")]),
        (Accepted(ROUTE, "2"), [Report(ROUTE, "2")]),
    )
    return session


def test_a_first_look_is_answered_even_when_there_is_nothing() -> None:
    play(Session(), (published(), []), (ALL_LISTENERS, [("send", "listener", "1")]), (published(), []))


def test_nothing_is_sent_before_anything_is_published() -> None:
    play(Session(), (ALL_CLUSTERS, []), (published(cluster={"a": "1"}), [("send", "cluster", "1", "a@1")]))


def test_only_what_changed_is_sent() -> None:
    play(
        connected(),
        (
            published(cluster={"a": "1", "b": "1"}, route={"r": "1 needs a"}),
            [("send", "cluster", "3", "b@1")],
        ),
    )


def test_the_same_content_is_not_sent_twice() -> None:
    play(connected(), (published(cluster={"a": "1"}, route={"r": "1 needs a"}), []))


def test_a_route_waits_until_the_proxy_runs_its_new_cluster() -> None:
    play(
        connected(),
        (
            published(cluster={"a": "1", "b": "1"}, route={"r": "2 needs a,b"}),
            [("send", "cluster", "3", "b@1")],
        ),
        (Accepted(CLUSTER, "3"), [Report(CLUSTER, "3"), ("send", "route", "4", "r@2")]),
    )


def test_a_route_waits_for_a_changed_cluster_too() -> None:
    play(
        connected(),
        (published(cluster={"a": "2"}, route={"r": "2 needs a"}), [("send", "cluster", "3", "a@2")]),
        (Accepted(CLUSTER, "3"), [Report(CLUSTER, "3"), ("send", "route", "4", "r@2")]),
    )


def test_a_route_that_needs_nothing_new_goes_at_once() -> None:
    play(
        connected(),
        (
            published(cluster={"a": "1", "b": "1"}, route={"r": "2 needs a"}),
            [("send", "cluster", "3", "b@1"), ("send", "route", "4", "r@2")],
        ),
    )


def test_a_gateways_route_waits_until_the_proxy_runs_the_routes_that_it_leads_to() -> None:
    both = Subscribed(ROUTE, added=frozenset({"in", "out"}))
    play(
        Session(),
        (published(cluster={"a": "1"}, route={"in": "1 needs a,out", "out": "1 needs a"}), []),
        (ALL_CLUSTERS, [("send", "cluster", "1", "a@1")]),
        (Accepted(CLUSTER, "1"), [Report(CLUSTER, "1")]),
        (both, [("send", "route", "2", "out@1")]),
        (Accepted(ROUTE, "2"), [Report(ROUTE, "2"), ("send", "route", "3", "in@1")]),
        (Accepted(ROUTE, "3"), [Report(ROUTE, "3")]),
        # Only the first of the two has changed: nothing to wait for.
        (
            published(cluster={"a": "1"}, route={"in": "2 needs a,out", "out": "1 needs a"}),
            [("send", "route", "4", "in@2")],
        ),
    )


def test_a_listener_waits_for_its_cluster_as_a_route_does() -> None:
    play(
        connected(),
        (ALL_LISTENERS, [("send", "listener", "3")]),
        (Accepted(LISTENER, "3"), [Report(LISTENER, "3")]),
        (
            published(cluster={"a": "1", "t": "1"}, listener={"l": "1 needs t"}, route={"r": "1 needs a"}),
            [("send", "cluster", "4", "t@1")],
        ),
        (Accepted(CLUSTER, "4"), [Report(CLUSTER, "4"), ("send", "listener", "5", "l@1")]),
    )


def test_a_cluster_leaves_two_sweeps_after_the_route_that_used_it() -> None:
    session = connected()
    play(
        session,
        (published(cluster={"b": "1"}, route={"r": "2 needs b"}), [("send", "cluster", "3", "b@1")]),
        (Swept(), []),
        (Accepted(CLUSTER, "3"), [Report(CLUSTER, "3"), ("send", "route", "4", "r@2")]),
        (Swept(), []),
        (Accepted(ROUTE, "4"), [Report(ROUTE, "4")]),
        (Swept(), []),
        (Swept(), [("send", "cluster", "5", "-a")]),
        (Accepted(CLUSTER, "5"), [Report(CLUSTER, "5")]),
    )
    assert not session.has_leftovers()


def test_a_cluster_that_comes_back_between_two_sweeps_stays() -> None:
    play(
        connected(),
        (published(), []),
        (Subscribed(ROUTE, dropped=frozenset({"r"})), []),
        (Swept(), []),
        (published(cluster={"a": "1"}), []),
        (Swept(), []),
        (published(cluster={}), []),
        (Swept(), []),
        (Swept(), [("send", "cluster", "3", "-a")]),
    )


def test_a_cluster_stays_while_a_refused_route_keeps_the_old_one_running() -> None:
    play(
        connected(),
        (published(cluster={"b": "1"}, route={"r": "2 needs b"}), [("send", "cluster", "3", "b@1")]),
        (Accepted(CLUSTER, "3"), [Report(CLUSTER, "3"), ("send", "route", "4", "r@2")]),
        (Rejected(ROUTE, "4", "bad regex"), [Report(ROUTE, "4", "bad regex")]),
        (Swept(), []),
        (Swept(), []),
        (published(cluster={"b": "1"}, route={"r": "3 needs b"}), [("send", "route", "5", "r@3")]),
        (Accepted(ROUTE, "5"), [Report(ROUTE, "5")]),
        (Swept(), []),
        (Swept(), [("send", "cluster", "6", "-a")]),
    )


def test_a_cluster_leaves_when_the_proxy_stops_watching_its_route() -> None:
    play(
        connected(),
        (published(), []),
        (Swept(), []),
        (Swept(), []),
        (Subscribed(ROUTE, dropped=frozenset({"r"})), []),
        (Swept(), []),
        (Swept(), [("send", "cluster", "3", "-a")]),
    )


def test_a_refused_answer_is_reported_once_and_not_sent_again() -> None:
    play(
        connected(),
        (published(cluster={"a": "2"}, route={"r": "1 needs a"}), [("send", "cluster", "3", "a@2")]),
        (Rejected(CLUSTER, "3", "no port"), [Report(CLUSTER, "3", "no port")]),
        (Rejected(CLUSTER, "3", "no port"), []),
        (published(cluster={"a": "2"}, route={"r": "1 needs a"}), []),
        (published(cluster={"a": "3"}, route={"r": "1 needs a"}), [("send", "cluster", "4", "a@3")]),
        (Rejected(CLUSTER, "3", "late"), []),
    )


def test_a_refused_cluster_holds_back_only_what_needs_it() -> None:
    session = connected()
    play(
        session,
        (
            published(cluster={"a": "1", "bad": "1", "good": "1"}, route={"r": "2 needs a,bad"}),
            [("send", "cluster", "3", "bad@1", "good@1")],
        ),
        (
            Rejected(CLUSTER, "3", "Error adding/updating cluster(s) bad: x"),
            [Report(CLUSTER, "3", "Error adding/updating cluster(s) bad: x")],
        ),
        (
            published(cluster={"a": "1", "bad": "1", "good": "1"}, route={"r": "3 needs a,good"}),
            [("send", "route", "4", "r@3")],
        ),
        (Accepted(ROUTE, "4"), [Report(ROUTE, "4")]),
    )
    assert not session.is_in_sync()


def test_a_proxy_that_has_nothing_gets_its_route_despite_a_refused_cluster() -> None:
    play(
        Session(),
        (published(cluster={"a": "1"}, route={"r": "1 needs a"}), []),
        (ALL_CLUSTERS, [("send", "cluster", "1", "a@1")]),
        (ROUTES, []),
        (Rejected(CLUSTER, "1", "bad"), [Report(CLUSTER, "1", "bad"), ("send", "route", "2", "r@1")]),
    )


def test_the_newest_wins_while_an_answer_is_in_flight() -> None:
    play(
        Session(),
        (published(cluster={"a": "1"}), []),
        (ALL_CLUSTERS, [("send", "cluster", "1", "a@1")]),
        (published(cluster={"a": "2"}), []),
        (published(cluster={"a": "3"}), []),
        (Accepted(CLUSTER, "1"), [Report(CLUSTER, "1"), ("send", "cluster", "2", "a@3")]),
    )


def test_an_overdue_ack_holds_nothing_back_and_still_counts_when_it_comes() -> None:
    session = connected()
    play(
        session,
        (
            published(cluster={"a": "1", "b": "1"}, route={"r": "2 needs b"}),
            [("send", "cluster", "3", "b@1")],
        ),
        (Overdue(CLUSTER, "3"), [("send", "route", "4", "r@2")]),
        (
            published(cluster={"a": "1", "b": "1", "c": "1"}, route={"r": "2 needs b"}),
            [("send", "cluster", "5", "c@1")],
        ),
        (Accepted(ROUTE, "4"), [Report(ROUTE, "4")]),
        (Accepted(CLUSTER, "5"), [Report(CLUSTER, "5")]),
    )
    assert session.is_in_sync()


def test_a_changed_cluster_is_told_its_endpoints_again() -> None:
    play(
        Session(),
        (published(cluster={"a": "1"}, endpoint={"a": "1"}), []),
        (ALL_CLUSTERS, [("send", "cluster", "1", "a@1")]),
        (Subscribed(ENDPOINT, added=frozenset({"a"})), [("send", "endpoint", "2", "a@1")]),
        (Accepted(ENDPOINT, "2"), [Report(ENDPOINT, "2")]),
        (Accepted(CLUSTER, "1"), [Report(CLUSTER, "1")]),
        (
            published(cluster={"a": "2"}, endpoint={"a": "1"}),
            [("send", "cluster", "3", "a@2"), ("send", "endpoint", "4", "a@1")],
        ),
    )


def test_a_name_asked_for_again_is_answered_again() -> None:
    play(connected(), (ROUTES, [("send", "route", "3", "r@1")]))


def test_a_proxy_that_comes_back_is_sent_nothing_that_it_has() -> None:
    session = Session()
    play(
        session,
        (published(cluster={"a": "1"}, listener={"l": "1"}, route={"r": "1 needs a"}), []),
        (Subscribed(CLUSTER, wildcard=True, held={"a": "1"}), []),
        (Subscribed(LISTENER, wildcard=True, held={"l": "1"}), []),
        (Subscribed(ROUTE, added=frozenset({"r"}), held={"r": "1"}), []),
    )
    assert session.is_in_sync()


def test_a_proxy_that_comes_back_is_sent_what_changed_and_told_what_is_gone() -> None:
    play(
        Session(),
        (published(cluster={"a": "2", "b": "1"}, route={"r": "2 needs a"}), []),
        (
            Subscribed(CLUSTER, wildcard=True, held={"a": "1", "b": "1", "old": "1"}),
            [("send", "cluster", "1", "a@2")],
        ),
        (Subscribed(ROUTE, added=frozenset({"r"}), held={"r": "1"}), []),
        (Accepted(CLUSTER, "1"), [Report(CLUSTER, "1"), ("send", "route", "2", "r@2")]),
        (Accepted(ROUTE, "2"), [Report(ROUTE, "2")]),
        (Swept(), []),
        (Swept(), [("send", "cluster", "3", "-old")]),
    )


def test_a_gone_cluster_stays_while_an_unknown_route_from_before_may_need_it() -> None:
    play(
        Session(),
        (published(cluster={"b": "1"}, route={"r": "2 needs b"}), []),
        (Subscribed(CLUSTER, wildcard=True, held={"a": "1", "b": "1"}), []),
        (Subscribed(ROUTE, added=frozenset({"r"}), held={"r": "1"}), [("send", "route", "1", "r@2")]),
        (Swept(), []),
        (Swept(), []),
        (Accepted(ROUTE, "1"), [Report(ROUTE, "1")]),
        (Swept(), []),
        (Swept(), [("send", "cluster", "2", "-a")]),
    )


def test_state_of_the_world_answers_carry_the_whole_type() -> None:
    play(
        Session(sends_whole_sets=True),
        (published(cluster={"a": "1", "b": "1"}), []),
        (ALL_CLUSTERS, [("send", "cluster", "1", "a@1", "b@1")]),
        (Accepted(CLUSTER, "1"), [Report(CLUSTER, "1")]),
        (published(cluster={"a": "2", "b": "1"}), [("send", "cluster", "2", "a@2", "b@1")]),
    )


def test_state_of_the_world_keeps_a_cluster_in_the_set_until_its_route_is_gone() -> None:
    play(
        Session(sends_whole_sets=True),
        (published(cluster={"a": "1"}, route={"r": "1 needs a"}), []),
        (ALL_CLUSTERS, [("send", "cluster", "1", "a@1")]),
        (Accepted(CLUSTER, "1"), [Report(CLUSTER, "1")]),
        (ROUTES, [("send", "route", "2", "r@1")]),
        (Accepted(ROUTE, "2"), [Report(ROUTE, "2")]),
        (published(cluster={"b": "1"}, route={"r": "2 needs b"}), [("send", "cluster", "3", "a@1", "b@1")]),
        (Accepted(CLUSTER, "3"), [Report(CLUSTER, "3"), ("send", "route", "4", "r@2")]),
        (Accepted(ROUTE, "4"), [Report(ROUTE, "4")]),
        (Swept(), []),
        (Swept(), [("send", "cluster", "5", "b@1", "-a")]),
    )


def test_state_of_the_world_is_not_repeated_to_a_proxy_that_has_it() -> None:
    shown = published(cluster={"a": "1"})
    play(
        Session(sends_whole_sets=True),
        (shown, []),
        (Subscribed(CLUSTER, wildcard=True, held_set=set_version(shown.of(CLUSTER).values())), []),
    )


def test_what_went_out_of_a_change_that_is_taken_back_is_taken_back_as_well() -> None:
    before = published(cluster={"a": "1"}, route={"q": "1", "r": "1"})
    play(
        Session(),
        (before, []),
        (ALL_CLUSTERS, [("send", "cluster", "1", "a@1")]),
        (Accepted(CLUSTER, "1"), [Report(CLUSTER, "1")]),
        (Subscribed(ROUTE, frozenset({"q", "r"})), [("send", "route", "2", "q@1", "r@1")]),
        (Accepted(ROUTE, "2"), [Report(ROUTE, "2")]),
        (
            published(cluster={"a": "1", "b": "1"}, route={"q": "2", "r": "2 needs b"}),
            [("send", "cluster", "3", "b@1"), ("send", "route", "4", "q@2")],
        ),
        (Accepted(ROUTE, "4"), [Report(ROUTE, "4")]),
        (before, [("send", "route", "5", "q@1")]),
    )


def test_a_stream_that_slept_through_a_change_is_told_what_is_new_since_what_it_was_sent() -> None:
    first, second, third = (published(cluster={"a": version, "b": "1"}) for version in ("1", "2", "3"))
    awake, asleep = Session(), Session()
    for session in (awake, asleep):
        play(
            session,
            (first, []),
            (ALL_CLUSTERS, [("send", "cluster", "1", "a@1", "b@1")]),
            (Accepted(CLUSTER, "1"), [Report(CLUSTER, "1")]),
        )
    play(
        awake,
        (second, [("send", "cluster", "2", "a@2")]),
        (Accepted(CLUSTER, "2"), [Report(CLUSTER, "2")]),
        (third, [("send", "cluster", "3", "a@3")]),
    )
    play(asleep, (third, [("send", "cluster", "2", "a@3")]))
