"""Tokens between pages."""

import pytest

from gossamer.api.pagination import after, next_token
from gossamer.errors import InvalidSpec

NODES = ("123456789012", "virtualNode", "m", None)
SECRET = b"secret"


@pytest.mark.parametrize("name", ["n", "a/b", "ünï", "x" * 255])
def test_a_token_leads_back_to_its_place(name: str) -> None:
    assert after(NODES, next_token(NODES, name, SECRET), SECRET) == name


@pytest.mark.parametrize(
    "token",
    ["", "x", "made-up", "ü", "AAAA" * 100, next_token(NODES, "n", b"another secret")],
)
def test_a_token_that_was_made_up_is_refused(token: str) -> None:
    with pytest.raises(InvalidSpec, match="nextToken"):
        after(NODES, token, SECRET)


def test_a_token_of_another_list_is_refused() -> None:
    token = next_token(NODES, "n", SECRET)
    for other in (
        ("123456789012", "virtualNode", "m2", None),
        ("123456789012", "virtualRouter", "m", None),
        ("000000000000", "virtualNode", "m", None),
        ("123456789012", "virtualNode", "m", "r"),
        ("123456789012", "virtualNode", 'm", null', None),
    ):
        with pytest.raises(InvalidSpec):
            after(other, token, SECRET)
