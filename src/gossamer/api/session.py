"""Sessions of people in a browser: a signed cookie that stands for an access key, until it expires.

Whoever signs in proves the key once, with a signature; the secret then need not stay in the page. A cookie
comes along with whatever any page sends, so what changes something must also show that our own page sent it.
Source: RFC 6265bis (HttpOnly, SameSite, Secure); RFC 7519 (JWT) with HS256, by PyJWT; OWASP, cross-site
request forgery prevention: a header of our own, and the Origin.
"""

import datetime
from collections import OrderedDict
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import urlsplit

import jwt

from gossamer.api.call import Call
from gossamer.api.refusal import Refusal, Refused

SESSION_PATH: Final = "/gossamer/v1/session"
COOKIE: Final = "gossamer-session"

#: What our own page says with each call that changes something; no form and no other site can.
CONSOLE: Final = "x-gossamer-console"

#: How long a session lasts.
LIFE: Final = datetime.timedelta(hours=12)

#: How many sessions that were signed out of are remembered at most, of about 200 bytes each.
MOST_ENDED: Final = 50_000

ALGORITHM: Final = "HS256"
ISSUER: Final = "gossamer"
AUDIENCE: Final = "gossamer-console"

_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Session:
    """What a cookie says: whose key was proven, until when that is good, and which session it is."""

    key: str
    expires_at: datetime.datetime
    id: str


class EndedSessions:
    """Sessions that were signed out of, for as long as a copy of their cookie would be good."""

    def __init__(self, most: int = MOST_ENDED) -> None:
        self._most = most
        self._until: OrderedDict[str, datetime.datetime] = OrderedDict()

    def __contains__(self, session: object) -> bool:
        """Whether somebody signed out of it."""
        return session in self._until

    def add(self, session: str, until: datetime.datetime, now: datetime.datetime) -> None:
        """Take note of one; the oldest are let go of."""
        while self._until and (len(self._until) >= self._most or next(iter(self._until.values())) <= now):
            self._until.popitem(last=False)
        self._until[session] = until


def issued(session: Session, signing_key: bytes) -> str:
    """A session as its cookie carries it."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": session.key,
        "exp": int(session.expires_at.timestamp()),
        "jti": session.id,
    }
    return jwt.encode(claims, signing_key, algorithm=ALGORITHM)


def read_session(text: str, signing_key: bytes, now: datetime.datetime) -> Session:
    """What a cookie says.

    Raises: Refused for what is none of ours, or expired.
    """
    try:
        claims = jwt.decode(
            text,
            signing_key,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            # The time is ours to tell.
            options={"require": ["sub", "exp", "jti"], "verify_exp": False, "verify_iat": False},
        )
    except jwt.InvalidTokenError:
        raise Refused(Refusal.SESSION_OVER) from None
    expires_at = datetime.datetime.fromtimestamp(int(claims["exp"]), datetime.UTC)
    if expires_at <= now:
        raise Refused(Refusal.SESSION_OVER)
    return Session(str(claims["sub"]), expires_at, str(claims["jti"]))


def cookie_of(call: Call) -> str | None:
    """The session that a call came with; None if it came with none."""
    for text in call.values(b"cookie"):
        try:
            found = SimpleCookie(text).get(COOKIE)
        except CookieError:
            continue
        if found is not None:
            return found.value
    return None


def check_page(call: Call) -> None:
    """Refuse a call that another site's page may have sent with our cookie.

    Raises: Refused.
    """
    origin = call.header(b"origin")
    if call.header(CONSOLE.encode()) != "1" or not origin or is_foreign(call):
        raise Refused(Refusal.FOREIGN_PAGE, CONSOLE)


def is_foreign(call: Call) -> bool:
    """Whether a page of another site sent a call; a program tells no Origin, and is none.

    Behind a proxy that ends TLS, the page's scheme is not ours: host and port decide.
    """
    origin = call.header(b"origin")
    if not origin:
        return False
    try:
        found = urlsplit(origin)
        own = urlsplit(f"{found.scheme}://{call.header(b'host')}")
        default = _PORTS[found.scheme]
        is_same = (found.hostname, found.port or default) == (own.hostname, own.port or default)
    except (KeyError, ValueError):
        return True
    return not is_same or (call.is_secure and found.scheme != "https")


def set_cookie(text: str, life: datetime.timedelta, *, is_secure: bool) -> str:
    """The header that puts a session into a browser, or with no life takes it away."""
    secure = "; Secure" if is_secure else ""
    age = int(life.total_seconds())
    return f"{COOKIE}={text}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}"
