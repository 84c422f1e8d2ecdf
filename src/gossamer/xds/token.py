"""Signed tokens for streams: who shows one may speak for the endpoints that it names, until it expires.

Source: RFC 7519 (JWT) with HS256, by PyJWT; the key is derived from the secrets' key and the database's
secret.
"""

import datetime
from dataclasses import dataclass
from typing import Final

import jwt

ALGORITHM: Final = "HS256"
ISSUER: Final = "gossamer"
AUDIENCE: Final = "gossamer-xds"

#: The claim that holds the account which owns the meshes.
ACCOUNT: Final = "account"


class BadToken(Exception):
    """Not a token of ours, or one that expired; the text says which."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says. `endpoint` is a short node id, in which `*` and `?` are wildcards."""

    account: str
    endpoint: str
    expires_at: datetime.datetime


def issued(token: Token, key: bytes, now: datetime.datetime) -> str:
    """A token as proxies carry it."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": token.endpoint,
        ACCOUNT: token.account,
        "iat": int(now.timestamp()),
        "exp": int(token.expires_at.timestamp()),
    }
    return jwt.encode(claims, key, algorithm=ALGORITHM)


def read_token(text: str, key: bytes, now: datetime.datetime) -> Token:
    """What a token says.

    Raises: BadToken.
    """
    try:
        claims = jwt.decode(
            text,
            key,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            # The time is ours to tell.
            options={"require": ["sub", "exp", ACCOUNT], "verify_exp": False, "verify_iat": False},
        )
    except jwt.InvalidTokenError as error:
        raise BadToken(f"the token is not one of this control plane: {error}") from error
    expires_at = datetime.datetime.fromtimestamp(int(claims["exp"]), datetime.UTC)
    if expires_at <= now:
        raise BadToken("the token has expired")
    return Token(str(claims[ACCOUNT]), str(claims["sub"]), expires_at)
