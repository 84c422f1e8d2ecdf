"""A stream that takes the short way says and holds what one that looks everything through does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from gossamer.compile.resources import ResourceType
from gossamer.xds.protocol import (
    Accepted,
    Event,
    Overdue,
    Published,
    Rejected,
    Report,
    Resource,
    Send,
    Subscribed,
    Swept,
)
from gossamer.xds.session import Session
from tests.support.playbook import published

CLUSTER, ENDPOINT = ResourceType.CLUSTER, ResourceType.ENDPOINT
LISTENER, ROUTE = ResourceType.LISTENER, ResourceType.ROUTE
NAMES: Final = {CLUSTER: ("a", "b"), ENDPOINT: ("a",), LISTENER: ("l", "m"), ROUTE: ("r", "s")}
NEEDS: Final[tuple[frozenset[str], ...]] = (frozenset(), frozenset("a"), frozenset("ab"), frozenset("s"))
SUBSCRIPTIONS: Final = (
    Subscribed(CLUSTER, wildcard=True),
    Subscribed(LISTENER, wildcard=True),
    Subscribed(ENDPOINT, added=frozenset("a")),
    Subscribed(ROUTE, added=frozenset("r")),
    Subscribed(ROUTE, added=frozenset("rs")),
    Subscribed(ROUTE, dropped=frozenset("s")),
    Subscribed(ROUTE, added=frozenset("r"), held={"r": "1"}),
)

Change = tuple[ResourceType, str, str, frozenset[str]]
Said = tuple[str, ResourceType]
Move = list[Change] | Said | Subscribed | Swept

FIRST: Final[list[Change]] = [
    (CLUSTER, "a", "1", NEEDS[0]),
    (ENDPOINT, "a", "1", NEEDS[0]),
    (LISTENER, "l", "1", NEEDS[1]),
    (LISTENER, "m", "1", NEEDS[0]),
    (ROUTE, "r", "1", NEEDS[1]),
]
SWEPT: Final[list[Move]] = [Swept(), Swept()]
SETTLED: Final[list[Move]] = [("ack", type_) for type_ in (*NAMES, *NAMES)]


def changed_of(type_: ResourceType) -> st.SearchStrategy[list[Change]]:
    """What becomes of resources of one type: another version, or nothing."""
    versions = st.sampled_from(["", "2", "3"])
    one = st.tuples(st.just(type_), st.sampled_from(NAMES[type_]), versions, st.sampled_from(NEEDS))
    return st.lists(one, min_size=1, max_size=2)


def next_published() -> st.SearchStrategy[list[Change]]:
    """What changes at once: most often of one type."""
    several = st.lists(st.sampled_from([*NAMES]).flatmap(changed_of), min_size=2, max_size=3)
    return st.sampled_from([*NAMES]).flatmap(changed_of) | several.map(joined)


def joined(lists: list[list[Change]]) -> list[Change]:
    return [one for some in lists for one in some]


def next_moves() -> st.SearchStrategy[list[Move]]:
    """What happens next: changes that are published, or what is heard of the proxy."""
    words = st.sampled_from(["ack", "nack", "late", "stale"])
    happens: list[st.SearchStrategy[Move]] = [
        next_published(),
        st.sampled_from(SUBSCRIPTIONS),
        st.tuples(words, st.sampled_from([*NAMES])),
    ]
    settled = next_published().map(lambda listed: [listed, *SETTLED])
    return st.one_of(*(one.map(alone) for one in happens), settled, st.sampled_from([SWEPT, SETTLED]))


def alone(move: Move) -> list[Move]:
    return [move]


class Thorough(Session):
    """A stream that never knows that nothing is left to say, and so looks everything through."""

    def is_in_sync(self) -> bool:
        is_in_sync = super().is_in_sync()
        self._calm = None
        return is_in_sync


@dataclass
class Played:
    """A stream, the nonces that it sent last, and what happened without them."""

    session: Session
    nonces: dict[ResourceType, str] = field(default_factory=dict)

    def hear(self, event: Event) -> list[tuple[object, ...]]:
        told: list[tuple[object, ...]] = []
        for command in self.session.handle(event):
            match command:
                case Send(type_, nonce, resources, removed):
                    self.nonces[type_] = nonce
                    told.append((type_, resources, removed))
                case Report(type_, _, why):
                    told.append((type_, why))
        return told

    def stands(self) -> tuple[object, ...]:
        session = self.session
        return session.is_in_sync(), session.has_leftovers(), session.names(), tuple(session.holdings())


@settings(max_examples=400)
@given(st.lists(next_moves(), max_size=20), st.booleans())
def test_the_short_way_says_what_the_long_way_does(
    played: list[list[Move]],
    sends_whole_sets: bool,  # noqa: FBT001 - hypothesis's
) -> None:
    short, long = (Played(kind(sends_whole_sets=sends_whole_sets)) for kind in (Session, Thorough))
    current = Published({type_: {} for type_ in ResourceType})
    for move in [*SUBSCRIPTIONS[:4], FIRST, *SETTLED, *(one for several in played for one in several)]:
        match move:
            case list():
                current = changed(current, move)
                told = short.hear(current), long.hear(current)
            case (word, type_):
                told = short.hear(said(short, word, type_)), long.hear(said(long, word, type_))
            case _:
                told = short.hear(move), long.hear(move)
        assert told[0] == told[1], move
        assert short.stands() == long.stands(), move


def said(stream: Played, word: str, type_: ResourceType) -> Event:
    """What a proxy, or the clock, says of the answer that was given last; `stale` is of none."""
    nonce = stream.nonces.get(type_, "none") if word != "stale" else "none"
    if word == "nack":
        return Rejected(type_, nonce, "r and a are bad")
    return Overdue(type_, nonce) if word == "late" else Accepted(type_, nonce)


def changed(before: Published, listed: list[Change]) -> Published:
    """What is published next; a type that is as it was stays the same object."""
    resources: dict[ResourceType, Mapping[str, Resource]] = dict(before.resources)
    for type_, name, version, needs in listed:
        new = {key: one for key, one in resources[type_].items() if key != name}
        if version:
            new[name] = Resource(name, version, needs if type_ in (LISTENER, ROUTE) else frozenset())
        resources[type_] = new if new != resources[type_] else resources[type_]
    return Published(resources)


def test_what_one_change_comes_to_is_the_same_object_for_every_stream() -> None:
    first = published(cluster={"a": "1"}, route={"r": "1 needs a"})
    streams = [Session(), Session()]
    for stream in streams:
        stream.handle(first)
        stream.handle(SUBSCRIPTIONS[0])
        stream.handle(Accepted(CLUSTER, "1"))
        stream.handle(SUBSCRIPTIONS[3])
        stream.handle(Accepted(ROUTE, "2"))
        assert stream.is_in_sync()
    second = changed(first, [(ROUTE, "r", "2", frozenset("a"))])
    (one,), (other,) = (stream.handle(second) for stream in streams)
    assert isinstance(one, Send)
    assert one is other
    assert [len(stream.handle(Accepted(ROUTE, one.nonce))) for stream in streams] == [1, 1]
    assert all(stream.is_in_sync() for stream in streams)


def test_a_route_that_waits_for_itself_takes_the_long_way() -> None:
    before = changed(Published({type_: {} for type_ in ResourceType}), FIRST)
    after = changed(before, [(ROUTE, "s", "2", frozenset("s"))])
    assert after.leap(before) is None
    assert changed(before, [(ROUTE, "s", "2", frozenset("a"))]).leap(before) is not None
