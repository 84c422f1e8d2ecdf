"""Paths are tidied as the real Envoy tidies them; each pair was seen in Envoy 1.40."""

import pytest

from gossamer.explain.path import normalized

SEEN = {
    "/a//b": "/a/b",
    "///": "//",
    "/a/..": "/",
    "/a/.": "/a/",
    "/a/../../b": "/b",
    "//..//b": "/b",
    "/a/%2E%2e/b": "/b",
    "/a/b/%2e%2E/": "/a/",
    "/%41%7E%2d": "/A~-",
    "/a%2Fb": "/a%2Fb",
    "/..%2f": "/..%2f",
    "/a%zz%4%": "/a%zz%4%",
    "/%7b{|}^`": "/%7b%7B%7C%7D%5E%60",
    '/a"b<c>': "/a%22b%3Cc%3E",
    "/a\\b": "/a/b",
    "/a;b:c'd$e!(f)*,+@=[g]": "/a;b:c'd$e!(f)*,+@=[g]",
    "/a/../b?q=/x/../%41": "/b?q=/x/../%41",
}


@pytest.mark.parametrize(("sent", "seen"), SEEN.items())
def test_a_path_is_tidied_and_its_query_left_alone(sent: str, seen: str) -> None:
    assert normalized(sent) == seen
