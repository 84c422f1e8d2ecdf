"""Our commands as callers of the control plane: signed with the AWS credentials that are there, if any."""

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
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from gossamer.api import sigv4
from gossamer.api.sigv4 import Claim, Sent
from gossamer.cli import aws_settings
from gossamer.cli.aws_settings import Credentials

SERVICE: Final = "appmesh"
TIMEOUT_S: Final = 30

TRUST: Final = "AWS_CA_BUNDLE names a file of the authorities to trust"
UNSIGNED: Final = "no key is in AWS_ACCESS_KEY_ID, nor in the profile of AWS_PROFILE, gossamer or default"
ELSEWHERE: Final = "--endpoint-url or AWS_ENDPOINT_URL_APP_MESH says where gossamer serve runs"


class NotAnswered(Exception):
    """The control plane did not answer, or refused; the text says why.

    `status` and `document` are what it answered, if it did.
    """

    def __init__(self, why: str, status: int = 0, document: Mapping[str, object] | None = None) -> None:
        self.status = status
        self.document = document or {}
        super().__init__(why)


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
        raise _refusal(ask, error, environ) from error
    except urllib.error.URLError as error:
        raise NotAnswered(_silence(ask, error.reason)) from error
    except TimeoutError as error:
        raise NotAnswered(_silence(ask, error)) from error
    except configparser.Error as error:
        raise NotAnswered(_unreadable(error)) from error
    except (http.client.HTTPException, ValueError, OSError, RecursionError) as error:
        raise NotAnswered(f"nothing useful at {ask.url}: {error}") from error


def _refusal(ask: Ask, error: urllib.error.HTTPError, environ: Mapping[str, str]) -> NotAnswered:
    """What a refusal says, and, if nobody signed, where a key is looked for."""
    body = error.read()
    document, why = _document(body), _message(body)
    if error.code == HTTPStatus.FORBIDDEN and aws_settings.credentials(environ) is None:
        why = f"{why} ({UNSIGNED})"
        document = {**document, "message": why}
    return NotAnswered(f"{ask.url} refuses: {why}", error.code, document)


def endpoint(environ: Mapping[str, str]) -> str:
    """Where the control plane answers, if a command was not told.

    Raises: NotAnswered.
    """
    try:
        return aws_settings.endpoint(environ)
    except (configparser.Error, UnicodeDecodeError, OSError) as error:
        raise NotAnswered(_unreadable(error)) from error


def _unreadable(why: Exception) -> str:
    """What is wrong with a file of the shared configuration, in a line."""
    return f"the shared AWS configuration cannot be read: {' '.join(str(why).split())}"


def _silence(ask: Ask, why: object) -> str:
    """Why nobody answered, and what can be done about it."""
    parts = urlsplit(ask.url)
    there = f"{parts.scheme}://{parts.netloc}"
    match why:
        case ssl.SSLCertVerificationError():
            return f"{there} shows a certificate that is not trusted: {why.verify_message} ({TRUST})"
        case ssl.SSLError():
            return f"{there} does not speak TLS as we do: {why.reason or why}"
        case TimeoutError():
            return f"{there} did not answer within {ask.patience_s:g} s"
        case _:
            told = why.strerror if isinstance(why, OSError) and why.strerror else why
            return f"nobody answers at {there}: {told} ({ELSEWHERE})"


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
    proof = aws_settings.credentials(environ)
    headers = {"content-type": "application/json"} if ask.body else {}
    headers |= signed(ask, proof, aws_settings.region(environ), now) if proof is not None else {}
    # To read the roots takes longer than most calls.
    context = _trusting(aws_settings.ca_bundle(environ)) if ask.url.startswith("https:") else None
    # S310 fears other schemes than HTTP's; the operator names the address.
    request = urllib.request.Request(ask.url, ask.body or None, headers, method=ask.method)  # noqa: S310 - see above
    with urllib.request.urlopen(request, timeout=ask.patience_s, context=context) as answer:  # noqa: S310 - see above
        found: object = json.load(answer)
        return found


def _trusting(bundle: str | None) -> ssl.SSLContext:
    """What trusts the authorities in a file, or the system's.

    Raises: NotAnswered.
    """
    try:
        return ssl.create_default_context(cafile=bundle)
    except OSError as error:
        why = error.strerror or "there is no certificate in it"
        raise NotAnswered(f"AWS_CA_BUNDLE {bundle}: {why}") from error


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
