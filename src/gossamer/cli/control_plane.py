"""Our commands as callers of the control plane: signed with the AWS credentials that are there, if any are.

Source: AWS SDKs and tools reference, shared configuration: environment variables before the profile in the
shared credentials file; `AWS_CA_BUNDLE`.
"""

import configparser
import datetime
import hashlib
import http.client
import json
import ssl
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from gossamer.api import sigv4
from gossamer.api.sigv4 import Claim, Sent
from gossamer.contract import DEFAULT_REGION

#: The profile that `gossamer keys create -o credentials` writes; the usual one is tried after it.
PROFILES: Final = ("gossamer", "default")

SERVICE: Final = "appmesh"
TIMEOUT_S: Final = 30


class NotAnswered(Exception):
    """The control plane did not answer, or refused; the text says why.

    `status` and `document` are what it answered, if it did.
    """

    def __init__(self, why: str, status: int = 0, document: Mapping[str, object] | None = None) -> None:
        self.status = status
        self.document = document or {}
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a call is signed with."""

    key: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)


def credentials(environ: Mapping[str, str]) -> Credentials | None:
    """Those of the environment, or of a profile; None if there are none."""
    if environ.get("AWS_ACCESS_KEY_ID"):
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        return Credentials(*(environ.get(name, "") for name in names))
    home = Path(environ.get("HOME", "/"))
    found = configparser.RawConfigParser()
    found.read(environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / ".aws" / "credentials")
    named = environ.get("AWS_PROFILE")
    for profile in (named,) if named else PROFILES:
        if found.has_option(profile, "aws_access_key_id"):
            section = found[profile]
            names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
            return Credentials(*(section.get(name, "") for name in names))
    return None


@dataclass(frozen=True, slots=True)
class Ask:
    """One call of a route of ours."""

    url: str
    method: str = "GET"
    body: bytes = b""
    patience_s: float = TIMEOUT_S


def answered(ask: Ask, environ: Mapping[str, str], now: datetime.datetime) -> object:
    """What is answered to a call, read from its JSON.

    Raises: NotAnswered.
    """
    if not _is_address(ask.url):
        raise NotAnswered(f"{ask.url} is no address such as http://127.0.0.1:8080")
    try:
        return _called(ask, environ, now)
    except urllib.error.HTTPError as error:
        body = error.read()
        raise NotAnswered(f"{ask.url} refuses: {_message(body)}", error.code, _document(body)) from error
    except configparser.Error as error:
        raise NotAnswered(f"the shared credentials file cannot be read: {error}") from error
    except (http.client.HTTPException, ValueError, OSError, RecursionError) as error:
        raise NotAnswered(f"nothing useful at {ask.url}: {error}") from error


def _is_address(url: str) -> bool:
    """Whether something may be asked there: an address of HTTP, and not a file."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in url and port != 0


def _called(ask: Ask, environ: Mapping[str, str], now: datetime.datetime) -> object:
    """What is answered to a call.

    Raises: whatever urllib, SSL, JSON and configparser raise.
    """
    proof = credentials(environ)
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
    headers = {"content-type": "application/json"} if ask.body else {}
    headers |= signed(ask, proof, region, now) if proof is not None else {}
    # To read the roots takes longer than most calls.
    is_secure = ask.url.startswith("https:")
    context = ssl.create_default_context(cafile=environ.get("AWS_CA_BUNDLE")) if is_secure else None
    # S310 fears other schemes than HTTP's; the operator names the address.
    request = urllib.request.Request(ask.url, ask.body or None, headers, method=ask.method)  # noqa: S310 - see above
    with urllib.request.urlopen(request, timeout=ask.patience_s, context=context) as answer:  # noqa: S310 - see above
        found: object = json.load(answer)
        return found


def signed(ask: Ask, proof: Credentials, region: str, now: datetime.datetime) -> dict[str, str]:
    """The headers of a signed call."""
    parts, at = urlsplit(ask.url), sigv4.stamp(now)
    # As SDKs do it: two calls that are alike are two, also within a second.
    headers = {"host": parts.netloc, "x-amz-date": at, "amz-sdk-invocation-id": str(uuid.uuid4())}
    if proof.token:
        headers["x-amz-security-token"] = proof.token
    digest = hashlib.sha256(ask.body).hexdigest()
    sent = Sent(ask.method, parts.path, parts.query, headers, digest)
    claim = Claim(proof.key, at[:8], region, SERVICE, at, tuple(sorted(headers)), "")
    header = sigv4.authorization(sent, claim, proof.secret)
    return {name: value for name, value in headers.items() if name != "host"} | {"authorization": header}


def _document(body: bytes) -> Mapping[str, object]:
    """What a refusal tells; nothing if it is no JSON."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _message(body: bytes) -> str:
    """The sentence of a refusal."""
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return body.decode("utf-8", "replace")[:200]
