"""The token between two pages: opaque to the caller, of no use if made up or taken from another list.

It holds the name to go on after, signed with the database's secret, so that every replica takes every
other's.
Source: App Mesh API 2019-01-25, `nextToken`: the other parameters have to be repeated with it.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final

from gossamer.errors import InvalidSpec, Violation
from gossamer.store.store import Collection

_SIGNATURE_BYTES: Final = 16


def next_token(collection: Collection, after: str, secret: bytes) -> str:
    """The token for what comes behind a name."""
    name = after.encode()
    return base64.urlsafe_b64encode(_signature(collection, name, secret) + name).decode()


def after(collection: Collection, token: str, secret: bytes) -> str:
    """The name behind which the page starts.

    Raises: InvalidSpec for a token that this list did not give out.
    """
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raw = b""
    signature, name = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(collection, name, secret)):
        raise InvalidSpec([Violation("nextToken", "is not a token that this list gave out")])
    return name.decode()


def _signature(collection: Collection, name: bytes, secret: bytes) -> bytes:
    place = (collection.account, collection.kind.value, collection.mesh or "", collection.parent or "")
    return hmac.digest(secret, "\0".join(place).encode() + b"\0" + name, hashlib.sha256)[:_SIGNATURE_BYTES]
