"""model.match -> envoy.config.route.v3.RouteMatch.

Every condition of a match must hold.
Source: App Mesh API `HttpRouteMatch`, `GrpcRouteMatch`; user guide, routes.
"""

from envoy.config.route.v3.route_components_pb2 import HeaderMatcher, QueryParameterMatcher, RouteMatch
from envoy.type.matcher.v3.regex_pb2 import RegexMatcher
from envoy.type.matcher.v3.string_pb2 import StringMatcher
from envoy.type.v3.range_pb2 import Int64Range

from gossamer.model.gateway_match import HttpGatewayRouteMatch
from gossamer.model.match import (
    GrpcRouteMatch,
    GrpcRouteMetadata,
    GrpcRouteMetadataMatchMethod,
    HeaderMatchMethod,
    HttpPathMatch,
    HttpQueryParameter,
    HttpRouteHeader,
    HttpRouteMatch,
)


def http_match(match: HttpRouteMatch) -> RouteMatch:
    """Translate which HTTP requests a route is for.

    Absent: no path condition at all means every path.
    """
    headers = http_headers(match)
    if match.scheme is not None:
        headers.append(exactly(":scheme", match.scheme.value))
    parameters = [query_matcher(parameter) for parameter in match.query_parameters or ()]
    return path_match(
        match.path, match.prefix or "/", RouteMatch(headers=headers, query_parameters=parameters)
    )


def grpc_match(match: GrpcRouteMatch) -> RouteMatch:
    """Translate which gRPC calls a route is for: a service is a path, metadata are headers."""
    message = RouteMatch(
        headers=[header_matcher(one) for one in match.metadata or ()],
        grpc=RouteMatch.GrpcRouteMatchOptions(),
    )
    if match.service_name is not None and match.method_name is not None:
        message.path = f"/{match.service_name}/{match.method_name}"
    else:
        message.prefix = service_prefix(match.service_name)
    return message


def http_headers(match: HttpRouteMatch | HttpGatewayRouteMatch) -> list[HeaderMatcher]:
    """Translate the conditions on headers, of which the method is one."""
    headers = [header_matcher(header) for header in match.headers or ()]
    return headers if match.method is None else [*headers, exactly(":method", match.method.value)]


def path_match(path: HttpPathMatch | None, prefix: str, others: RouteMatch) -> RouteMatch:
    """Translate the condition on the path, beside the others; a prefix counts where there is no path."""
    if path is not None and path.exact is not None:
        others.path = path.exact
    elif path is not None and path.regex is not None:
        others.safe_regex.CopyFrom(RegexMatcher(regex=path.regex))
    else:
        others.prefix = prefix
    return others


def service_prefix(name: str | None) -> str:
    """How the path of every call of a gRPC service starts; of any service, without a name."""
    return "/" if name is None else f"/{name}/"


def specificity(match: RouteMatch) -> tuple[int, int]:
    """Where a match stands, lower first: exact paths, expressions, longer prefixes."""
    return {"path": 0, "safe_regex": 1}.get(match.WhichOneof("path_specifier") or "", 2), -len(match.prefix)


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


def exactly(header: str, value: str) -> HeaderMatcher:
    """A header of one value."""
    return HeaderMatcher(name=header, string_match=StringMatcher(exact=value))


def _text(method: HeaderMatchMethod | GrpcRouteMetadataMatchMethod) -> StringMatcher:
    if method.exact is not None:
        return StringMatcher(exact=method.exact)
    if method.prefix is not None:
        return StringMatcher(prefix=method.prefix)
    if method.suffix is not None:
        return StringMatcher(suffix=method.suffix)
    return StringMatcher(safe_regex=RegexMatcher(regex=method.regex or ""))
