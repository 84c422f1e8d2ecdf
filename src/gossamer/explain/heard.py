"""A request as routes see it: after a proxy has tidied its path and headers.

Source: Envoy, `ConnectionManagerUtility::mutateRequestHeaders`, HTTP header sanitizing; compile.hcm for what
is set there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from gossamer.explain.path import normalized, without_query
from gossamer.explain.request import HOP_BY_HOP, Headers, Protocol, Request

#: What only somebody trusted may say: an application beside its own proxy is, a gateway's client is not.
_TRUSTED_ONLY: Final = frozenset(
    f"x-envoy-{name}"
    for name in (
        "retriable-status-codes",
        "retriable-header-names",
        "retry-on",
        "retry-grpc-on",
        "max-retries",
        "upstream-alt-stat-name",
        "upstream-rq-timeout-ms",
        "upstream-rq-per-try-timeout-ms",
        "upstream-rq-timeout-alt-response",
        "expected-rq-timeout-ms",
        "force-trace",
        "ip-tags",
        "original-url",
        "hedge-on-per-try-timeout",
        "internal",
    )
)

#: What Envoy keeps once: what comes a second time is added behind a comma.
#: Source: Envoy, `INLINE_REQ_HEADERS`.
_ONCE: Final = frozenset(
    {
        *_TRUSTED_ONLY,
        "content-type",
        "expect",
        "grpc-timeout",
        "te",
        "user-agent",
        "via",
        "x-client-trace-id",
        "x-forwarded-client-cert",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-proto",
        "x-request-id",
    }
)

#: What Envoy writes itself, different for every request.
SET_BY_ENVOY: Final = "(set by Envoy)"


@dataclass(frozen=True, slots=True)
class Heard:
    """A request at one proxy; `headers` with the pseudo-headers, in order."""

    headers: Headers
    protocol: Protocol
    is_trusted: bool

    @property
    def target(self) -> str:
        """Path and query."""
        return self.value(":path") or ""

    @property
    def path(self) -> str:
        """The path alone."""
        return without_query(self.target)

    @property
    def authority(self) -> str:
        """The host that is asked for."""
        return self.value(":authority") or ""

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The query parameters, as they are written: nothing is decoded."""
        _, _, query = self.target.partition("?")
        pairs = (one.partition("=") for one in query.split("&") if one)
        return tuple((name, value) for name, _, value in pairs)

    def values(self, name: str) -> tuple[str, ...]:
        """A header's values; those that come together count as one."""
        wanted = ":authority" if name.lower() == "host" else name.lower()
        found = [value for one, value in self.headers if one == wanted]
        if len(found) < 2:  # noqa: PLR2004 - one needs no putting together
            return tuple(found)
        return (",".join(found),) if wanted in _ONCE else tuple(found)

    def value(self, name: str) -> str | None:
        """A header's value; of several the first; None if it is not there."""
        return next(iter(self.values(name)), None)

    def changed(self, headers: Iterable[tuple[str, str]]) -> "Heard":
        """The same with some headers written over."""
        new = dict(headers)
        kept = tuple(one for one in self.headers if one[0] not in new)
        return Heard(kept + tuple(new.items()), self.protocol, self.is_trusted)


def heard_from(request: Request, *, is_trusted: bool) -> Heard:
    """A request as it comes to a proxy: from the application beside it, which is trusted, or from anybody."""
    scheme = "https" if request.is_encrypted else "http"
    if request.protocol is Protocol.HTTP:
        said = ",".join(value for name, value in request.headers if name == "x-forwarded-proto")
        scheme = said if said in ("http", "https") else scheme
    # What an application encrypts itself no proxy reads; so it is a gateway that ended the encryption.
    pseudo = (
        (":method", request.method),
        (":scheme", scheme),
        (":authority", request.authority),
        (":path", request.target),
    )
    return _tidied(
        pseudo + request.headers, request.protocol, is_encrypted=request.is_encrypted, is_trusted=is_trusted
    )


def heard_again(sent: Heard, protocol: Protocol) -> Heard:
    """A gateway's request at the gateway's own way out."""
    said = sent.value("x-forwarded-proto")
    scheme = said if protocol is Protocol.HTTP and said in ("http", "https") else sent.value(":scheme")
    again = sent.changed([(":scheme", scheme or "http")])
    return _tidied(again.headers, protocol, is_encrypted=False, is_trusted=False)


def _tidied(headers: Headers, protocol: Protocol, *, is_encrypted: bool, is_trusted: bool) -> Heard:
    whole = headers if protocol is Protocol.HTTP else _with_whole_cookie(headers)
    kept = [one for one in _kept(whole) if is_trusted or one[0] not in _TRUSTED_ONLY]
    names = {name for name, _ in kept}
    own = [("x-forwarded-proto", "https" if is_encrypted else "http"), ("x-request-id", SET_BY_ENVOY)]
    added = tuple(one for one in own if one[0] not in names)
    if is_trusted:
        kept = [one for one in kept if one[0] != "x-envoy-internal"]
        added += (("x-envoy-internal", "true"),)
    return Heard(tuple(kept) + added, protocol, is_trusted)


def _with_whole_cookie(headers: Headers) -> Headers:
    """The crumbs of a cookie as one; lines of HTTP/1.1 stay apart.

    Source: RFC 9113, section 8.2.3; Envoy, HTTP/2 codec.
    """
    crumbs = [value for name, value in headers if name == "cookie"]
    others = tuple(one for one in headers if one[0] != "cookie")
    return (*others, ("cookie", "; ".join(crumbs))) if crumbs else headers


def _kept(headers: Headers) -> Iterator[tuple[str, str]]:
    for name, value in headers:
        if name == ":path":
            yield name, normalized(value)
        elif name not in HOP_BY_HOP and (name != "te" or value == "trailers"):
            yield name, value
