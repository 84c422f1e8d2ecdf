"""model.match -> envoy.config.route.v3.RouteMatch.

Every condition of a match must hold.
Source: App Mesh API `HttpRouteMatch`, `GrpcRouteMatch`; user guide, routes.
"""

from collections.abc import Iterable

from envoy.config.route.v3.route_components_pb2 import HeaderMatcher, QueryParameterMatcher, RouteMatch
from envoy.type.matcher.v3.regex_pb2 import RegexMatcher
from envoy.type.matcher.v3.string_pb2 import StringMatcher
from envoy.type.v3.range_pb2 import Int64Range

from gossamer.model.match import (
    GrpcRouteMatch,
    GrpcRouteMetadata,
    GrpcRouteMetadataMatchMethod,
    HeaderMatchMethod,
    HttpQueryParameter,
    HttpRouteHeader,
    HttpRouteMatch,
)


def http_match(match: HttpRouteMatch) -> RouteMatch:
    """Translate which HTTP requests a route is for.

    Absent: no path condition at all means every path.
    """
    headers = [header_matcher(header) for header in match.headers or ()]
    if match.method is not None:
        headers.append(_exactly(":method", match.method.value))
    if match.scheme is not None:
        headers.append(_exactly(":scheme", match.scheme.value))
    message = RouteMatch(
        headers=headers,
        query_parameters=[query_matcher(parameter) for parameter in match.query_parameters or ()],
    )
    if match.path is not None and match.path.exact is not None:
        message.path = match.path.exact
    elif match.path is not None and match.path.regex is not None:
        message.safe_regex.CopyFrom(RegexMatcher(regex=match.path.regex))
    else:
        message.prefix = match.prefix or "/"
    return message


def grpc_match(match: GrpcRouteMatch) -> RouteMatch:
    """Translate which gRPC calls a route is for: a service is a path, metadata are headers."""
    message = RouteMatch(
        headers=[header_matcher(one) for one in match.metadata or ()],
        grpc=RouteMatch.GrpcRouteMatchOptions(),
    )
    if match.service_name is not None and match.method_name is not None:
        message.path = f"/{match.service_name}/{match.method_name}"
    elif match.service_name is not None:
        message.prefix = f"/{match.service_name}/"
    else:
        message.prefix = "/"
    return message


def header_matcher(header: HttpRouteHeader | GrpcRouteMetadata) -> HeaderMatcher:
    """Translate one condition on a header.

    Absent: without a method, the header has to be there. Inverted: the condition must not hold; a header
    that is not there satisfies no condition on its value, inverted or not.
    """
    message = HeaderMatcher(name=header.name, invert_match=bool(header.invert))
    if header.match is None:
        message.present_match = True
    elif header.match.range is not None:
        message.range_match.CopyFrom(Int64Range(start=header.match.range.start, end=header.match.range.end))
    else:
        message.string_match.CopyFrom(_text(header.match))
    return message


def query_matcher(parameter: HttpQueryParameter) -> QueryParameterMatcher:
    """Translate one condition on a query parameter; without a match, it has to be there."""
    if parameter.match is None or parameter.match.exact is None:
        return QueryParameterMatcher(name=parameter.name, present_match=True)
    return QueryParameterMatcher(name=parameter.name, string_match=StringMatcher(exact=parameter.match.exact))


def conditions(match: HttpRouteMatch | GrpcRouteMatch) -> int:
    """How many conditions a match has besides its path; more is more specific."""
    if isinstance(match, GrpcRouteMatch):
        return _count(match.metadata)
    said = [match.method, match.scheme]
    return _count(match.headers) + _count(match.query_parameters) + sum(one is not None for one in said)


def _count(listed: Iterable[object] | None) -> int:
    return len(tuple(listed or ()))


def _exactly(header: str, value: str) -> HeaderMatcher:
    return HeaderMatcher(name=header, string_match=StringMatcher(exact=value))


def _text(method: HeaderMatchMethod | GrpcRouteMetadataMatchMethod) -> StringMatcher:
    if method.exact is not None:
        return StringMatcher(exact=method.exact)
    if method.prefix is not None:
        return StringMatcher(prefix=method.prefix)
    if method.suffix is not None:
        return StringMatcher(suffix=method.suffix)
    return StringMatcher(safe_regex=RegexMatcher(regex=method.regex or ""))
