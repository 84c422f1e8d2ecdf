"""What a session's cookie is worth, and for how long."""

import datetime
from dataclasses import replace

import pytest

from gossamer.api.call import Call
from gossamer.api.gate import KeyGate, Watch
from gossamer.api.refusal import Refusal, Refused
from gossamer.api.request import Caller
from gossamer.api.session import LIFE, EndedSessions, Session, is_foreign, issued, read_session
from gossamer.clock import FixedClock
from gossamer.store.directory import Directory, KnownKey

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)
SESSION = Session("GKIA", NOW + LIFE, "1")
KEY = KnownKey("000000000000", "arn:aws:iam::000000000000:user/a", (), "secret")
CALLER = Caller(KEY.account, KEY.principal, "GKIA", until=NOW + LIFE)


def refusal(text: str, signing_key: bytes, now: datetime.datetime) -> Refusal:
    with pytest.raises(Refused) as error:
        read_session(text, signing_key, now)
    return error.value.refusal


def gate(directory: Directory, now: datetime.datetime, *, is_open: bool = False) -> KeyGate:
    watch = Watch(lambda: directory, lambda: is_open, "us-west-2", FixedClock(now))
    return KeyGate(watch, None, KEY.account, b"k" * 32)  # type: ignore[arg-type]  # no store is asked


def test_a_session_is_read_back_until_it_expires() -> None:
    text = issued(SESSION, b"k" * 32)
    assert read_session(text, b"k" * 32, NOW + LIFE - SECOND) == SESSION
    assert refusal(text, b"k" * 32, NOW + LIFE) is Refusal.SESSION_OVER


def test_a_session_of_another_database_is_none() -> None:
    assert refusal(issued(SESSION, b"k" * 32), b"o" * 32, NOW) is Refusal.SESSION_OVER


def test_whoever_was_let_in_stays_while_the_key_allows_the_same() -> None:
    directory = Directory(keys={"GKIA": KEY}, has_keys=True)
    assert gate(directory, NOW).is_still(CALLER)
    assert not gate(directory, NOW + LIFE).is_still(CALLER)
    assert not gate(Directory(has_keys=True), NOW).is_still(CALLER)
    expired = replace(directory, keys={"GKIA": replace(KEY, expires_at=NOW)})
    assert not gate(expired, NOW).is_still(CALLER)
    fewer = replace(CALLER, policies=(object(),))  # type: ignore[arg-type]  # only compared
    assert not gate(directory, NOW).is_still(fewer)


def test_whoever_signed_out_leaves() -> None:
    found = gate(Directory(keys={"GKIA": KEY}, has_keys=True), NOW)
    here, elsewhere = replace(CALLER, session="1"), replace(CALLER, session="2")
    found.sign_out(here)
    assert not found.is_still(here)
    assert found.is_still(elsewhere)


def test_ended_sessions_are_forgotten_when_they_would_be_over_or_are_too_many() -> None:
    ended = EndedSessions(most=2)
    ended.add("short", NOW + SECOND, NOW)
    ended.add("long", NOW + LIFE, NOW)
    ended.add("third", NOW + LIFE, NOW + SECOND)
    assert ("short" in ended, "long" in ended, "third" in ended) == (False, True, True)
    ended.add("fourth", NOW + LIFE, NOW + SECOND)
    assert ("long" in ended, "third" in ended, "fourth" in ended) == (False, True, True)


def test_whoever_came_without_a_key_leaves_with_the_first_key() -> None:
    nobody = Caller(KEY.account, KEY.principal)
    assert gate(Directory(), NOW, is_open=True).is_still(nobody)
    assert not gate(Directory(), NOW).is_still(nobody)


@pytest.mark.parametrize(
    ("origin", "host", "is_secure", "expected"),
    [
        ("", "mesh.internal:8080", False, False),
        ("http://mesh.internal:8080", "mesh.internal:8080", False, False),
        ("https://mesh.internal", "mesh.internal", False, False),
        ("https://MESH.internal", "mesh.internal:443", True, False),
        ("http://mesh.internal", "mesh.internal", True, True),
        ("http://mesh.internal:8081", "mesh.internal:8080", False, True),
        ("https://other.internal", "mesh.internal", True, True),
        ("null", "mesh.internal", False, True),
        ("file://", "mesh.internal", False, True),
    ],
)
def test_a_page_is_of_another_site_by_host_and_port(
    origin: str, host: str, *, is_secure: bool, expected: bool
) -> None:
    headers = ((b"host", host.encode()), *(((b"origin", origin.encode()),) if origin else ()))
    call = Call("id", "PUT", b"/", b"", headers, "", is_secure=is_secure)
    assert is_foreign(call) is expected
