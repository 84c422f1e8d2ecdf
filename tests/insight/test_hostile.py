"""Bodies, members and methods that our own routes must refuse in words, on either engine."""

from typing import Any

import pytest

from tests.support.documents import shop
from tests.support.own_api import OwnApi

ASKED = b'"method": "GET", "url": "http://orders.local:8080/"'


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"from": "virtualNode/\\ud800", ' + ASKED + b"}", "a lone surrogate"),
        (b'{"from": "virtualNode/front", "headers": {"a": "\\uDfff"}, ' + ASKED + b"}", "a lone surrogate"),
        (b'{"\\ud800": 1, "from": "virtualNode/front", ' + ASKED + b"}", "a lone surrogate"),
        (b'{"from": "a", "from": "b", ' + ASKED + b"}", "from: stands more than once in one object"),
        (b'{"from": "a", "headers": {"x": "1", "x": "2"}, ' + ASKED + b"}", "headers.x: stands more than"),
        (b'{"from": ' + b"1" * 5000 + b"}", "a number of too many digits"),
        (b'{"from": ' + b"[" * 5000 + b"]" * 5000 + b"}", "nested too deeply"),
        (b'{"from": "\xff"}', "must be a JSON object in UTF-8"),
    ],
)
async def test_a_question_that_means_nothing_is_refused_in_words(api: OwnApi, body: bytes, says: str) -> None:
    await api.apply(*shop())
    answer = await api.call("POST", "meshes/shop/explain", body)
    assert (api.caller.status, says in answer["message"]) == (400, True), answer


async def test_a_surrogate_pair_is_a_character_as_any_other(api: OwnApi) -> None:
    await api.apply(*shop())
    body = b'{"from": "virtualNode/front", "headers": {"a": "\\ud83d\\ude00"}, ' + ASKED + b"}"
    await api.call("POST", "meshes/shop/explain", body)
    assert api.caller.status == 200


@pytest.mark.parametrize("to", [None, True, 1.5, [], {}, -1, "", "\u0663", "0001-01-01T00:00:00+23:59"])
async def test_a_rollback_to_no_moment_says_what_a_moment_is(api: OwnApi, to: Any) -> None:
    await api.apply(*shop())
    answer = await api.call("POST", "meshes/shop/rollback", {"to": to})
    assert api.caller.status == 400
    assert answer["message"] == "to: must be a sequence, a time such as 2026-01-31T09:30:00Z, or now"


async def test_a_time_that_is_none_is_not_told_to_be_a_sequence(api: OwnApi) -> None:
    await api.apply(*shop())
    answer = await api.call("GET", "meshes/shop/history?since=5")
    assert api.caller.status == 400
    assert answer["message"] == "since: must be a time such as 2026-01-31T09:30:00Z"


async def test_a_heap_of_broken_documents_is_answered_with_the_first_thousand(api: OwnApi) -> None:
    answer = await api.attempt(*[{}] * 5000)
    assert api.caller.status == 400
    assert len(answer["violations"]) == 1000
    assert answer["message"].startswith("at least 1000 violations: document 0: kind: is required")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
async def test_a_method_that_a_route_does_not_take_is_told_those_that_it_does(
    api: OwnApi, method: str
) -> None:
    answer = await api.call(method, "meshes/shop/history")
    assert api.caller.status == 405
    assert answer["message"] == f"/gossamer/v1/meshes/shop/history takes GET, HEAD, not {method}"


async def test_asking_for_the_head_of_events_does_not_listen(api: OwnApi) -> None:
    await api.call("HEAD", "events")
    assert api.caller.status == 200


async def test_a_slash_too_many_is_another_path_and_not_sent_elsewhere(api: OwnApi) -> None:
    await api.apply(*shop())
    await api.call("GET", "meshes/shop/history/")
    assert (api.caller.status, api.caller.error) == (404, "UnknownOperationException")
