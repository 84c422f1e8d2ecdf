"""Signatures against botocore's own signer: every way to spell one request, and every refusal."""

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from gossamer.api import sigv4
from gossamer.api.refusal import Refused
from gossamer.api.sigv4 import Claim, Sent

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
HOST = "http://127.0.0.1:8080"
NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)  # noqa: TID251 - botocore reads the clock itself
MINUTE = datetime.timedelta(minutes=1)


def signed(
    method: str,
    url: str,
    body: bytes = b"",
    *,
    headers: Mapping[str, str] | None = None,
    token: str | None = None,
    life_s: int | None = None,
    payload: str | None = None,
) -> Sent:
    """A request as botocore signs it."""
    credentials = botocore.credentials.Credentials(KEY, SECRET, token)
    request = botocore.awsrequest.AWSRequest(method, HOST + url, dict(headers or {}), body)
    request.headers["Host"] = "127.0.0.1:8080"
    if payload is not None:
        request.headers["X-Amz-Content-SHA256"] = payload
    if life_s is None:
        botocore.auth.SigV4Auth(credentials, "appmesh", "us-west-2").add_auth(request)
    else:
        botocore.auth.SigV4QueryAuth(credentials, "appmesh", "us-west-2", expires=life_s).add_auth(request)
    parts = urlsplit(request.url)
    lower = {name.lower(): value for name, value in request.headers.items()}
    return Sent(method, parts.path, parts.query, lower, payload or hashlib.sha256(body).hexdigest())


def is_genuine(sent: Sent, secret: str = SECRET) -> bool:
    return sigv4.is_genuine(sent, sigv4.claimed(sent), secret)


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/v20190125/meshes",
        "/v20190125/meshes?limit=5&nextToken=a%2Bb%3D%3D&meshOwner=123456789012",
        "/v20190125/meshes?b=2&a=1&b=1&a=%20",
        "/v20190125/meshes?empty&also=",
        "/v20190125/meshes/m/virtualServices/a%2Fb",
        "/v20190125/meshes/m/virtualServices/a%20b%3Ac",
        "/v20190125/meshes/m/virtualServices/%C3%BCn%C3%AF",
        "/v20190125/meshes/m/virtualServices/%252F~-_.",
        "/a/./b//c/../d/",
        "/..",
    ],
)
def test_a_signature_of_botocore_is_genuine_however_the_path_and_query_are_spelled(url: str) -> None:
    assert is_genuine(signed("GET", url))


def test_a_body_headers_and_a_session_token_are_covered() -> None:
    headers = {"Content-Type": "application/json", "X-Amz-Target": "  two   blanks  ", "My-Header": "value"}
    sent = signed("PUT", "/v20190125/meshes", b'{"meshName": "m"}', headers=headers, token="a token")
    assert is_genuine(sent)
    assert sigv4.claimed(sent).token == "a token"
    for spoiled in (
        replace(sent, method="DELETE"),
        replace(sent, path="/v20190125/meshes/m"),
        replace(sent, query="meshOwner=1"),
        replace(sent, payload=hashlib.sha256(b"{}").hexdigest()),
        replace(sent, headers={**sent.headers, "my-header": "other"}),
        replace(sent, headers={**sent.headers, "x-amz-security-token": "other"}),
        replace(sent, headers={**sent.headers, "host": "elsewhere"}),
    ):
        assert not is_genuine(spoiled)
    assert not is_genuine(sent, secret="another")


def test_a_presigned_url_and_an_unsigned_payload_are_genuine() -> None:
    sent = signed("GET", "/v20190125/meshes?limit=3", life_s=3600, token="t/+=")
    assert is_genuine(sent)
    assert sigv4.claimed(sent).life == datetime.timedelta(hours=1)
    assert sigv4.claimed(sent).token == "t/+="
    assert not is_genuine(replace(sent, query=sent.query.replace("limit=3", "limit=4")))
    assert is_genuine(signed("PUT", "/x", b"body", payload="UNSIGNED-PAYLOAD"))


def test_a_blank_may_be_written_as_a_plus() -> None:
    sent = signed("GET", "/?a=b%20c")
    assert is_genuine(replace(sent, query="a=b+c"))


def test_our_own_signer_makes_the_header_of_botocore() -> None:
    sent = signed("PUT", "/v20190125/meshes/a%20b", b"{}")
    claim = sigv4.claimed(sent)
    assert sigv4.authorization(sent, claim, SECRET) == sent.headers["authorization"]


def test_the_date_header_will_do() -> None:
    sent = signed("GET", "/", headers={"Date": "any"})
    assert "x-amz-date" not in sent.headers
    assert is_genuine(sent)


CLAIM = Claim(
    KEY, f"{NOW:%Y%m%d}", "us-west-2", "appmesh", sigv4.stamp(NOW), ("host", "x-amz-date"), "0" * 64
)


def checked(claim: Claim, now: datetime.datetime = NOW) -> str:
    try:
        sigv4.check(claim, now=now, region="us-west-2", services=("appmesh", "appmesh-preview"))
    except Refused as refused:
        return f"{refused.refusal.name}: {refused}"
    return "fine"


def at(moment: datetime.datetime, life: datetime.timedelta | None = None) -> Claim:
    return replace(CLAIM, day=f"{moment:%Y%m%d}", stamp=sigv4.stamp(moment), life=life)


def test_a_signature_is_good_for_five_minutes_either_way() -> None:
    assert checked(at(NOW - 5 * MINUTE)) == "fine"
    assert checked(at(NOW + 5 * MINUTE)) == "fine"
    late = NOW - 6 * MINUTE
    assert checked(at(late)) == (
        f"TOO_LATE: Signature expired: {sigv4.stamp(late)} is now earlier than "
        f"{sigv4.stamp(NOW - 5 * MINUTE)} ({sigv4.stamp(NOW)} - 5 min.)"
    )
    assert checked(at(NOW + 6 * MINUTE)).startswith("TOO_EARLY: Signature not yet current")


def test_a_presigned_url_is_good_for_as_long_as_it_says() -> None:
    hour = datetime.timedelta(hours=1)
    assert checked(at(NOW - hour, life=hour)) == "fine"
    assert checked(at(NOW - hour - MINUTE, life=hour)).startswith("TOO_LATE")
    assert checked(at(NOW + 6 * MINUTE, life=hour)).startswith("TOO_EARLY")


@pytest.mark.parametrize(
    ("claim", "name"),
    [
        (replace(CLAIM, region="eu-west-1"), "WRONG_REGION"),
        (replace(CLAIM, service="s3"), "WRONG_SERVICE"),
        (replace(CLAIM, day="20150830"), "WRONG_DAY"),
        (replace(CLAIM, signed=("x-amz-date",)), "HOST_NOT_SIGNED"),
    ],
)
def test_a_signature_for_another_place_is_refused(claim: Claim, name: str) -> None:
    assert checked(claim).startswith(name)
    assert checked(replace(CLAIM, service="appmesh-preview")) == "fine"


SCOPE = f"{KEY}/20150830/us-west-2/appmesh/aws4_request"
WHOLE = f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature={'0' * 64}"
DATED = {"x-amz-date": "20150830T123600Z"}


@pytest.mark.parametrize(
    ("headers", "query", "name"),
    [
        ({}, "", "MISSING"),
        ({"authorization": "Basic YTpi"}, "", "MISSING"),
        ({"authorization": "AWS4-HMAC-SHA256"} | DATED, "", "INCOMPLETE"),
        ({"authorization": "AWS4-HMAC-SHA256 nonsense, =, ,"} | DATED, "", "INCOMPLETE"),
        ({"authorization": WHOLE}, "", "INCOMPLETE"),
        ({"authorization": WHOLE, "x-amz-date": "yesterday"}, "", "INCOMPLETE"),
        ({"authorization": WHOLE, "date": "Thu, 99 Foo 2015"}, "", "INCOMPLETE"),
        ({"authorization": WHOLE.replace(SCOPE, "key/20150830")} | DATED, "", "INCOMPLETE"),
        ({"authorization": WHOLE.replace("0" * 64, "beef")} | DATED, "", "WRONG_SIGNATURE"),
        ({}, "X-Amz-Signature=0", "INCOMPLETE"),
        ({}, f"X-Amz-Credential={SCOPE}&X-Amz-Signature=0&X-Amz-Expires=9999999", "INCOMPLETE"),
        ({}, f"X-Amz-Credential={SCOPE}&X-Amz-Signature=0&X-Amz-Expires={'9' * 5000}", "INCOMPLETE"),
    ],
)
def test_half_a_signature_is_told_what_is_missing(headers: dict[str, str], query: str, name: str) -> None:
    with pytest.raises(Refused) as found:
        sigv4.claimed(Sent("GET", "/", query, headers, ""))
    assert found.value.refusal.name == name
    assert str(found.value)


def test_a_long_authorization_header_is_read_as_a_short_one_is() -> None:
    sent = signed("GET", "/v20190125/meshes")
    padding = ", ".join(f"Padding{number}=x" for number in range(100))
    header = sent.headers["Authorization".lower()]
    algorithm, _, rest = header.partition(" ")
    long = replace(sent, headers={**sent.headers, "authorization": f"{algorithm} {padding}, {rest}"})
    assert sigv4.claimed(long) == sigv4.claimed(sent)
