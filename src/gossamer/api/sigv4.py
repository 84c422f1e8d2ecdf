"""AWS Signature Version 4: reading a signature, computing what it should be, comparing the two.

Pure: requests are values, the time is a parameter. It also signs, for our own commands.
Source: AWS Identity and Access Management user guide, AWS Signature Version 4 for API requests; botocore's
signer, with which the tests compare it.
"""

import datetime
import email.utils
import functools
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from gossamer.api.recall import recalled
from gossamer.api.refusal import Refusal, Refused
from gossamer.errors import Bug

ALGORITHM: Final = "AWS4-HMAC-SHA256"
UNSIGNED: Final = "UNSIGNED-PAYLOAD"
TERMINATOR: Final = "aws4_request"

#: How far the clocks may be apart.
SKEW: Final = datetime.timedelta(minutes=5)

#: A presigned URL lives for seven days at most.
LONGEST_LIFE_S: Final = 604_800

_STAMP: Final = "%Y%m%dT%H%M%SZ"
_PART: Final = re.compile(r"\s*(\w+)=([^,\s]*)\s*")
_CREDENTIAL: Final = re.compile(
    r"(?P<key>[\w-]+)/(?P<day>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request"
)
#: No more digits than the longest life has, which nobody has to read before they are refused.
_EXPIRES: Final = re.compile(rf"[0-9]{{1,{len(str(LONGEST_LIFE_S))}}}")
_SIGNATURE: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent, as far as signatures cover it.

    `path` and `query` are as they were on the wire. Names of `headers` are in lower case, repeats joined
    by commas. `payload` is what stands for the body: its SHA-256 in hexadecimal, or `UNSIGNED-PAYLOAD`. Bytes
    that are no UTF-8 are escaped as surrogates everywhere.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    payload: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A signature as its sender presents it. `life` is that of a presigned URL, `token` that of a session."""

    key: str
    day: str
    region: str
    service: str
    stamp: str
    signed: tuple[str, ...]
    signature: str
    token: str | None = None
    life: datetime.timedelta | None = None

    @property
    def scope(self) -> str:
        """What the signature is good for."""
        return f"{self.day}/{self.region}/{self.service}/{TERMINATOR}"

    @property
    def at(self) -> datetime.datetime:
        """When it was made."""
        at = _parsed(self.stamp)
        if at is None:
            raise Bug(f"a claim with the stamp {self.stamp}")
        return at


def claimed(sent: Sent) -> Claim:
    """The signature of a request, from its header or, in a presigned URL, from its query.

    Raises: Refused if there is none, or only half of one.
    """
    if "authorization" in sent.headers:
        return _in_header(sent, sent.headers["authorization"])
    query = {name: value for name, value in _pairs(sent.query) if name.startswith("X-Amz-")}
    if "X-Amz-Signature" in query or "X-Amz-Credential" in query:
        return _in_query(query)
    raise Refused(Refusal.MISSING)


def check(claim: Claim, *, now: datetime.datetime, region: str, services: Iterable[str]) -> None:
    """Refuse a signature that is for another place or time.

    Raises: Refused.
    """
    if claim.region != region:
        raise Refused(Refusal.WRONG_REGION, claim.region, region)
    if claim.service not in services:
        raise Refused(Refusal.WRONG_SERVICE, next(iter(services)))
    if not claim.stamp.startswith(claim.day):
        raise Refused(Refusal.WRONG_DAY, claim.day, claim.stamp[:8], claim.stamp)
    if "host" not in claim.signed:
        raise Refused(Refusal.HOST_NOT_SIGNED)
    oldest = now - (SKEW if claim.life is None else claim.life)
    if claim.at < oldest:
        raise Refused(Refusal.TOO_LATE, claim.stamp, oldest.strftime(_STAMP), now.strftime(_STAMP))
    if claim.at > now + SKEW:
        raise Refused(Refusal.TOO_EARLY, claim.stamp, (now + SKEW).strftime(_STAMP), now.strftime(_STAMP))


def is_genuine(sent: Sent, claim: Claim, secret: str) -> bool:
    """Whether whoever made the signature knew the secret. Takes the same time however wrong it is."""
    return hmac.compare_digest(signature(sent, claim, secret), claim.signature)


def signature(sent: Sent, claim: Claim, secret: str) -> str:
    """What the signature of a request should be."""
    text_of_request = canonical(sent, claim.signed).encode("utf-8", "surrogateescape")
    digest = hashlib.sha256(text_of_request).hexdigest()
    text = f"{ALGORITHM}\n{claim.stamp}\n{claim.scope}\n{digest}"
    return _keyed(secret, claim.day, claim.region, claim.service).over(text.encode())


def canonical(sent: Sent, signed: Iterable[str]) -> str:
    """The one form that a request has, however it was spelled on the wire."""
    names = tuple(signed)
    lines = [f"{name}:{' '.join(sent.headers.get(name, '').split())}\n" for name in names]
    query = _canonical_query(sent.query) if sent.query else ""
    parts = (
        sent.method,
        _canonical_path(sent.path),
        query,
        "".join(lines),
        ";".join(names),
        sent.payload,
    )
    return "\n".join(parts)


def authorization(sent: Sent, claim: Claim, secret: str) -> str:
    """The header that carries a signature; the claim's own is not looked at."""
    return (
        f"{ALGORITHM} Credential={claim.key}/{claim.scope}, SignedHeaders={';'.join(claim.signed)}, "
        f"Signature={signature(sent, claim, secret)}"
    )


def stamp(at: datetime.datetime) -> str:
    """A time as signatures write it."""
    return at.strftime(_STAMP)


def _in_header(sent: Sent, header: str) -> Claim:
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise Refused(Refusal.MISSING)
    # The signature comes last, and only it is another with each call.
    before, _, last = rest.rpartition(",")
    parts = dict((*_known_members(before), *_members(last)))
    needed = ("Credential", "Signature", "SignedHeaders")
    missing = [f"Authorization header requires '{name}' parameter." for name in needed if not parts.get(name)]
    at = _stamp_of(sent.headers)
    if at is None:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if missing or at is None:
        raise Refused(Refusal.INCOMPLETE, " ".join(missing))
    return _claim(parts, at, sent.headers.get("x-amz-security-token"), None)


def _in_query(query: Mapping[str, str]) -> Claim:
    needed = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
    parts = {name: query.get(f"X-Amz-{name}", "") for name in needed}
    missing = [
        f"AWS query-string parameters must include 'X-Amz-{name}'." for name in needed if not parts[name]
    ]
    if parts["Algorithm"] not in (ALGORITHM, ""):
        missing.append(f"X-Amz-Algorithm must be {ALGORITHM}.")
    life = int(parts["Expires"]) if _EXPIRES.fullmatch(parts["Expires"]) else 0
    if not 1 <= life <= LONGEST_LIFE_S:
        missing.append(f"X-Amz-Expires must be between 1 and {LONGEST_LIFE_S} seconds.")
    if _parsed(parts["Date"]) is None:
        missing.append("X-Amz-Date must be in the form YYYYMMDD'T'HHMMSS'Z'.")
    if missing:
        raise Refused(Refusal.INCOMPLETE, " ".join(missing))
    return _claim(parts, parts["Date"], query.get("X-Amz-Security-Token"), datetime.timedelta(seconds=life))


def _claim(parts: Mapping[str, str], at: str, token: str | None, life: datetime.timedelta | None) -> Claim:
    scope = _scope(parts["Credential"])
    if scope is None:
        form = f"keyid/date/region/service/{TERMINATOR}"
        raise Refused(Refusal.INCOMPLETE, f"Credential must have 5 slash-delimited parts, {form}.")
    if _SIGNATURE.fullmatch(parts["Signature"]) is None:
        raise Refused(Refusal.WRONG_SIGNATURE)
    signed = tuple(parts["SignedHeaders"].split(";"))
    key, day, region, service = scope
    return Claim(key, day, region, service, at, signed, parts["Signature"], token, life)


def _members(text: str) -> tuple[tuple[str, str], ...]:
    """The names and values in a part of an `Authorization` header."""
    return tuple([(found[1], found[2]) for found in map(_PART.fullmatch, text.split(",")) if found])


_known_members: Final = recalled(_members)


@recalled
def _scope(credential: str) -> tuple[str, str, str, str] | None:
    """The key, the day, the region and the service that a credential names."""
    found = _CREDENTIAL.fullmatch(credential)
    return None if found is None else (found["key"], found["day"], found["region"], found["service"])


def _stamp_of(headers: Mapping[str, str]) -> str | None:
    """When the request was signed: `X-Amz-Date`, or else `Date` in either form."""
    text = headers.get("x-amz-date") or headers.get("date", "")
    if _parsed(text) is not None:
        return text
    try:
        return email.utils.parsedate_to_datetime(text).astimezone(datetime.UTC).strftime(_STAMP)
    except (ValueError, TypeError, OverflowError):
        return None


@recalled
def _parsed(text: str) -> datetime.datetime | None:
    """The moment of a stamp. Remembered: a call looks four times, and many calls come in one second."""
    try:
        return datetime.datetime.strptime(text, _STAMP).replace(tzinfo=datetime.UTC)
    except ValueError:
        return None


def _canonical_query(query: str) -> str:
    encoded = [
        (_encoded(name), _encoded(value)) for name, value in _pairs(query) if name != "X-Amz-Signature"
    ]
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))


def _pairs(query: str) -> Iterator[tuple[str, str]]:
    """The names and values of a query, decoded; a plus is a blank, as everywhere in our API."""
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            yield _decoded(name), _decoded(value)


def _decoded(text: str) -> str:
    # Bytes that are no UTF-8 keep their identity, so that they encode to what they were.
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "surrogateescape")


def _encoded(text: str) -> str:
    return quote(text.encode("utf-8", "surrogateescape"), safe="-_.~")


@recalled
def _canonical_path(path: str) -> str:
    return quote(_without_dots(path).encode("utf-8", "surrogateescape"), safe="/~")


def _without_dots(path: str) -> str:
    """A path without empty and relative segments.

    Source: RFC 3986 §5.2.4; every AWS service but S3 signs paths in this form.
    """
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    end = "/" if kept and path.endswith("/") else ""
    return f"/{'/'.join(kept)}{end}"


class _Keyed:
    """HMAC with SHA-256 under one key: both of its hashes have taken the key in, and are copied.

    `hmac.digest` would let every other thread go first at each signature, and `hmac.HMAC` takes four times as
    long for a copy.
    Source: RFC 2104 §2, and §4 on keeping what was made of the key.
    """

    def __init__(self, key: bytes) -> None:
        # A key is shorter than a block: it is a digest.
        block = key.ljust(hashlib.sha256().block_size, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def over(self, text: bytes) -> str:
        """What stands for a text, in hexadecimal."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text)
        outer.update(inner.digest())
        return outer.hexdigest()


@functools.lru_cache(maxsize=1024)
def _keyed(secret: str, day: str, region: str, service: str) -> _Keyed:
    """The HMAC with the key of one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, TERMINATOR):
        key = hmac.digest(key, part.encode(), "sha256")
    return _Keyed(key)
