"""Requests that some route of a mesh takes, but for a slip here and there."""

import dataclasses
import itertools
import re
from collections.abc import Iterator
from random import Random
from typing import Any, Final

from gossamer.explain.request import Protocol, Request, read_request
from gossamer.model.kind import Kind, Ref
from tests.support.random_meshes import Drawn
from tests.support.routed_meshes import GRPC, HEADERS, METHODS, PATHS, QUERY, RULES, VALUES, chance

#: What one may add to a path.
ENDS: Final = (
    "/",
    "/x",
    "b",
    "/../a",
    "/./b",
    "//",
    "/%2e%2e/b",
    "%2Fb",
    "%7Eb",
    "/..",
    "\\b",
    "%41",
    "%zz",
    "{b}",
)

#: What each expression of `routed_meshes` takes, and others that look like it.
TAKEN: Final = {
    "/a.*": "/abc", "/[ab]": "/b", "/a/[^/]+": "/a/x", ".*": "/any", "^/a$": "/a", "(?i)/A": "/a",
    "/a|/b": "/b", "b": "b", "[0-9]+": "17", "a|b": "a", "(?i)B": "b",
}  # fmt: skip

#: What gRPC calls look like where nothing is asked of them.
CALLS: Final = ("Get", "get", "")


@dataclasses.dataclass
class Draft:
    """A request as it is put together."""

    host: str
    port: int
    protocol: str
    path: str = "/"
    method: str = "GET"
    query: list[str] = dataclasses.field(default_factory=list)
    headers: list[tuple[str, str]] = dataclasses.field(default_factory=list)


def near_request(random: Random, drawn: Drawn, sender: Ref) -> Request:
    """A request that fits one of the routes that a sender may use, and then, mostly, does not quite."""
    fitting = list(_routes(drawn, sender))
    host, port, member, rule = random.choice(fitting) if fitting else ("elsewhere.local", 80, "httpRoute", {})
    draft = Draft(host, port, _protocol(random, member))
    _fit(random, draft, rule.get("match") or {}, is_grpc=member == "grpcRoute")
    for slip in random.sample(SLIPS, random.choice((0, 0, 1, 1, 2))):
        slip(random, draft)
    return _sendable(random, draft)


def is_http2(request: Request) -> bool:
    """Whether it is sent over HTTP/2."""
    return request.protocol in (Protocol.HTTP2, Protocol.GRPC)


def _protocol(random: Random, member: str) -> str:
    if member == "grpcRoute":
        return "grpc" if chance(random, 90) else "http2"
    return random.choice(("http", "http", "http2"))


def _routes(drawn: Drawn, sender: Ref) -> Iterator[tuple[str, int, str, Any]]:
    """Every host, port and rule that a sender's requests may meet."""
    if sender.kind is Kind.VIRTUAL_GATEWAY:
        ports = _ports(drawn[sender])
        for ref, spec in drawn.items():
            if ref.kind is Kind.GATEWAY_ROUTE and ref.parent == sender.name:
                yield from (
                    ("outside.local", port, *_rule(spec)) for port, one in ports if RULES[one] in spec
                )
        return
    backends = [one["virtualService"]["virtualServiceName"] for one in drawn[sender].get("backends") or ()]
    for ref, spec in drawn.items():
        provider = (
            (spec.get("provider") or {}) if ref.kind is Kind.VIRTUAL_SERVICE and ref.name in backends else {}
        )
        if "virtualRouter" in provider:
            yield from _routes_of(drawn, ref.name, provider["virtualRouter"]["virtualRouterName"])
        elif "virtualNode" in provider:
            named = (each for each in drawn if each.name == provider["virtualNode"]["virtualNodeName"])
            yield from (
                (ref.name, port, "httpRoute", {}) for each in named for port, _ in _ports(drawn[each])
            )


def _routes_of(drawn: Drawn, service: str, router: str) -> Iterator[tuple[str, int, str, Any]]:
    listening = [spec for ref, spec in drawn.items() if (ref.kind, ref.name) == (Kind.VIRTUAL_ROUTER, router)]
    ports = list(itertools.chain.from_iterable(map(_ports, listening)))
    for ref, spec in drawn.items():
        if ref.kind is Kind.ROUTE and ref.parent == router:
            yield from ((service, port, *_rule(spec)) for port, one in ports if RULES[one] in spec)


def _ports(spec: Any) -> list[tuple[int, str]]:
    return [
        (one["portMapping"]["port"], one["portMapping"]["protocol"]) for one in spec.get("listeners") or ()
    ]


def _rule(spec: Any) -> tuple[str, Any]:
    return next((name, spec[name]) for name in RULES.values() if name in spec)


def _fit(random: Random, draft: Draft, match: Any, *, is_grpc: bool) -> None:
    """Do what a match asks for, where that is easy."""
    path = match.get("path") or {}
    draft.path = (
        path.get("exact") or TAKEN.get(path.get("regex", "")) or match.get("prefix") or random.choice(PATHS)
    )
    if is_grpc:
        service, method = match.get("serviceName"), match.get("methodName")
        draft.path = f"/{service or random.choice(GRPC)}/{method or random.choice(CALLS)}"
    draft.method = "POST" if draft.protocol == "grpc" else match.get("method") or random.choice(METHODS)
    host = match.get("hostname") or {}
    draft.host = host.get("exact") or (f"a{host['suffix']}" if host else draft.host)
    for one in match.get("headers") or match.get("metadata") or ():
        value = _value(random, one.get("match") or {})
        if not one.get("invert"):
            draft.headers.append((one["name"], value))
        elif "match" in one:
            draft.headers.append((one["name"], f"{value}~"))
    for one in match.get("queryParameters") or ():
        draft.query.append(f"{one['name']}={(one.get('match') or {}).get('exact', '1')}")


def _value(random: Random, match: Any) -> str:
    if "range" in match:
        return str(random.choice((match["range"]["start"], match["range"]["end"], match["range"]["end"] - 1)))
    if "regex" in match:
        return TAKEN.get(match["regex"], "1")
    return str(next(iter(match.values()), random.choice(VALUES)))


def _other_host(random: Random, draft: Draft) -> None:
    host, port = draft.host, draft.port
    draft.host = random.choice((host.upper(), f"{host}:{port}", f"{host}:80", f"{host}.", "elsewhere.local"))


def _other_path(random: Random, draft: Draft) -> None:
    draft.path = random.choice(
        (draft.path + random.choice(ENDS), draft.path.swapcase(), random.choice(PATHS))
    )


def _other_query(random: Random, draft: Draft) -> None:
    draft.query.insert(0, random.choice(QUERY) + random.choice(("", "=", "=1", "=b", "=%62", "=b=c")))


def _other_header(random: Random, draft: Draft) -> None:
    name = random.choice([one for one in HEADERS if one != "x-envoy-retry-on"])
    draft.headers.insert(random.randint(0, len(draft.headers)), (name, random.choice(VALUES)))


def _one_header_less(random: Random, draft: Draft) -> None:
    if draft.headers:
        draft.headers.pop(random.randrange(len(draft.headers)))


def _other_method(random: Random, draft: Draft) -> None:
    draft.method = random.choice(METHODS)


def _other_port(random: Random, draft: Draft) -> None:
    draft.port = random.choice((80, 443, 8080, 9000, 12345))


def _other_protocol(random: Random, draft: Draft) -> None:
    draft.protocol = random.choice(("http", "http2", "grpc"))


def _own_patience(random: Random, draft: Draft) -> None:
    name = random.choice(("x-envoy-upstream-rq-timeout-ms", "x-envoy-upstream-rq-per-try-timeout-ms"))
    draft.headers.append((name, random.choice(("4000", "0", "no", "70"))))


SLIPS: Final = (
    _other_host,
    _other_path,
    _other_query,
    _other_header,
    _one_header_less,
    _other_method,
    _other_port,
    _other_protocol,
    _own_patience,
)


def _sendable(random: Random, draft: Draft) -> Request:
    """The draft as a request, without what no client could send."""
    path = (
        "".join(one for one in draft.path if one.isascii() and one.isprintable() and one not in " ?#") or "/"
    )
    path = path if path.startswith("/") else f"/{path}"
    query = "&".join(
        one for one in draft.query if one.isascii() and one.isprintable() and not set(one) & set(" #")
    )
    host = draft.host if draft.host.isascii() and draft.host.isprintable() else "elsewhere.local"
    is_over_http2 = draft.protocol != "http"
    headers = [one for one in draft.headers if _is_sendable(*one, is_over_http2=is_over_http2)]
    named = [value for name, value in headers if name.lower() == "host"]
    headers = [one for one in headers if one[0].lower() != "host"]
    asked = random.choice((*named, host))
    asked = asked if re.fullmatch(r"[A-Za-z0-9._:-]+", asked) else "elsewhere.local"
    url = f"http://any:{draft.port}{path}" + (f"?{query}" if query else "")
    method = "GET" if draft.method == "CONNECT" else draft.method
    return read_request(method, url, [("host", asked), *headers], draft.protocol)


def _is_sendable(name: str, value: str, *, is_over_http2: bool) -> bool:
    """Whether a client can say it, and says nothing that changes what the request is."""
    token = name.isascii() and all(one.isalnum() or one in "!#$%&'*+-.^_`|~" for one in name)
    printable = (
        value.isascii() and value.isprintable() and (name.lower() != "host" or not set(value) & set(" ,/"))
    )
    is_framing = name.lower() in (
        "content-length",
        "transfer-encoding",
        "connection",
        "upgrade",
        "expect",
        "content-type",
    )
    return token and printable and not is_framing and not (is_over_http2 and name.lower() == "te")
