"""What our own routes take in a query."""

import pytest
from starlette.requests import Request
from starlette.routing import Route

from gossamer.api.audit_routes import audit_routes
from gossamer.api.query import known_members
from gossamer.api.session_routes import session_routes
from gossamer.errors import InvalidSpec
from gossamer.insight.routes import insight_routes

NOTHING: object = None
ROUTES = (
    *insight_routes(NOTHING),  # type: ignore[arg-type]  # no handler is reached
    *session_routes(NOTHING, NOTHING),  # type: ignore[arg-type]  # nor here
    *audit_routes(NOTHING, ""),  # type: ignore[arg-type]  # nor here
)


@pytest.mark.parametrize("one", ROUTES, ids=lambda one: f"{min(one.methods)} {one.path}")
async def test_every_route_refuses_a_member_that_it_does_not_know(one: Route) -> None:
    answer = await one.endpoint(Request({"type": "http", "query_string": b"colour=red"}))
    assert answer.status_code == 400
    assert answer.body.startswith(b'{"message":"colour: is not known here; there ')


@pytest.mark.parametrize(
    ("query", "why"),
    [
        (b"a=1&a=2", "a: stands more than once in the query"),
        (b"a=%ff", "the query is not in UTF-8"),
        (b"a=x%00y", "the query holds the character NUL"),
        (b"b=1", "b: is not known here; there are a"),
    ],
)
def test_a_query_that_means_nothing_is_refused(query: bytes, why: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        known_members(query, ("a",))
    assert str(refused.value).startswith(why)


def test_what_a_signature_adds_to_a_query_is_no_member_of_it() -> None:
    assert known_members(b"X-Amz-Date=1&a=2", ("a",)) == {"a": "2"}
