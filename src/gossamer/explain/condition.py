"""Whether the matchers of an Envoy route hold for a request, and the sentence for each that does not.

envoy.config.route.v3.RouteMatch -> sentences
Source: Envoy, `RouteMatch`, `HeaderMatcher`, `QueryParameterMatcher`, `StringMatcher`.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import re2
from envoy.config.route.v3.route_components_pb2 import HeaderMatcher, QueryParameterMatcher, RouteMatch
from envoy.type.matcher.v3.string_pb2 import StringMatcher

from gossamer.explain.heard import Heard

_WHOLE_NUMBER: Final = re.compile(r"\s*[+-]?[0-9]+\s*", re.ASCII)
_BITS: Final = 63
_GRPC: Final = re.compile(r"application/grpc(\+.*)?", re.ASCII | re.DOTALL)

#: How a pseudo-header is called in a sentence.
_SPOKEN: Final = {
    ":method": "the method",
    ":scheme": "the scheme",
    ":authority": "the host",
    ":path": "the target",
}


def path_unmet(match: RouteMatch, heard: Heard) -> str:
    """Why the path does not match; empty if it does."""
    path = heard.path
    match match.WhichOneof("path_specifier"):
        case "prefix" if not path.startswith(match.prefix):
            return f"path {path} does not start with {match.prefix}"
        case "path" if path != match.path:
            return f"path {path} is not {match.path}"
        case "safe_regex" if not matches_whole(match.safe_regex.regex, path):
            return f"path {path} does not match {match.safe_regex.regex}"
        case _:
            return ""


def grpc_unmet(match: RouteMatch, heard: Heard) -> str:
    """Why a route of gRPC does not take a request for what it is; empty if it does."""
    if not match.HasField("grpc") or _GRPC.fullmatch(heard.value("content-type") or ""):
        return ""
    return f"is no gRPC call: its content-type is {heard.value('content-type') or 'missing'}"


def headers_unmet(matchers: Sequence[HeaderMatcher], heard: Heard) -> Iterator[str]:
    """For each condition on a header why it does not hold; empty if it does."""
    return (_header_unmet(matcher, heard) for matcher in matchers)


def query_unmet(matchers: Sequence[QueryParameterMatcher], heard: Heard) -> Iterator[str]:
    """For each condition on a query parameter why it does not hold; of several alike the first counts."""
    first = dict(reversed(heard.query))
    for matcher in matchers:
        if matcher.name not in first:
            yield f"query parameter {matcher.name} is missing"
        elif matcher.HasField("string_match") and first[matcher.name] != matcher.string_match.exact:
            found, wanted = first[matcher.name], matcher.string_match.exact
            yield f"query parameter {matcher.name} is {found!r}, not {wanted!r}"
        else:
            yield ""


def _header_unmet(matcher: HeaderMatcher, heard: Heard) -> str:
    """Why a header is not as is asked for; of several values one is enough, or, inverted, too much."""
    values = heard.values(matcher.name)
    called = _SPOKEN.get(matcher.name, f"header {matcher.name}")
    if matcher.HasField("present_match"):
        if bool(values) != matcher.invert_match:
            return ""
        return f"{called} is there, and must not be" if matcher.invert_match else f"{called} is missing"
    if not values:
        extra = ", which satisfies no condition on its value, inverted or not" if matcher.invert_match else ""
        return f"{called} is missing{extra}"
    judged = [value_holds(matcher, value) for value in values]
    if any(holds for holds, _ in judged) != matcher.invert_match:
        return ""
    shown = " and ".join(value if matcher.name.startswith(":") else repr(value) for value in values)
    return f"{called} is {shown}, and must {'not ' if matcher.invert_match else ''}{judged[0][1]}"


def value_holds(matcher: HeaderMatcher, value: str) -> tuple[bool, str]:
    """Whether a value is as is asked for, and what is asked for."""
    if matcher.HasField("range_match"):
        low, high = matcher.range_match.start, matcher.range_match.end
        number = _number(value)
        wanted = f"be a number from {low} up to, and without, {high}"
        return number is not None and low <= number < high, wanted
    return _text_holds(matcher.string_match, value)


def _text_holds(wanted: StringMatcher, value: str) -> tuple[bool, str]:
    match wanted.WhichOneof("match_pattern"):
        case "prefix":
            return value.startswith(wanted.prefix), f"start with {wanted.prefix!r}"
        case "suffix":
            return value.endswith(wanted.suffix), f"end with {wanted.suffix!r}"
        case "safe_regex":
            regex = wanted.safe_regex.regex
            return matches_whole(regex, value), f"match {regex}"
        case _:
            return value == wanted.exact, f"be {wanted.exact!r}"


def _number(value: str) -> int | None:
    if not _WHOLE_NUMBER.fullmatch(value):
        return None
    number = int(value)
    return number if -(1 << _BITS) <= number < 1 << _BITS else None


def matches_whole(regex: str, text: str) -> bool:
    """Whether an expression matches a whole text, by the engine that Envoy uses."""
    return re2.fullmatch(regex, text) is not None
