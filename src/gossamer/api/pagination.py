"""The token between two pages: opaque to the caller, of no use if made up or taken from another list.

It holds the name to go on after, signed with the database's secret, so that every replica takes every
other's.
Source: App Mesh API 2019-01-25, `nextToken`: the other parameters have to be repeated with it.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Final

from gossamer.errors import InvalidSpec, Violation

#: How much of a list a page holds, at most and by default. Lists of tags have it too: for them the service's
#: description says 50 in one place and 100 in another.
PAGE: Final = 100

_SIGNATURE_BYTES: Final = 16

#: Which list a token belongs to, in words that no other list has.
Place = tuple[str | None, ...]


def size(query: Mapping[str, str]) -> int:
    """How much of a list is asked for at once.

    Raises: InvalidSpec.
    """
    text = query.get("limit")
    if text is None:
        return PAGE
    limit = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(PAGE)) else 0
    if not 1 <= limit <= PAGE:
        raise InvalidSpec([Violation("limit", f"must be between 1 and {PAGE}")])
    return limit


def start(query: Mapping[str, str], place: Place, secret: bytes) -> str:
    """The name behind which the page that is asked for starts; empty, which no name is, for the first.

    Raises: InvalidSpec for a token that this list did not give out.
    """
    token = query.get("nextToken")
    return after(place, token, secret) if token else ""


def next_token(place: Place, after: str, secret: bytes) -> str:
    """The token for what comes behind a name."""
    name = after.encode()
    return base64.urlsafe_b64encode(_signature(place, name, secret) + name).decode()


def after(place: Place, token: str, secret: bytes) -> str:
    """The name behind which the page starts.

    Raises: InvalidSpec for a token that this list did not give out.
    """
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raw = b""
    signature, name = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(place, name, secret)):
        raise InvalidSpec([Violation("nextToken", "is not a token that this list gave out")])
    return name.decode()


def _signature(place: Place, name: bytes, secret: bytes) -> bytes:
    # As JSON, in which no two places look the same.
    return hmac.digest(secret, json.dumps(place).encode() + name, hashlib.sha256)[:_SIGNATURE_BYTES]
