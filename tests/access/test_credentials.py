"""Who is let in and who is not, through a real boto3 client and a real server that has keys."""

import contextlib
import datetime
import hashlib
import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError

from gossamer.clock import SystemClock
from gossamer.store import keys
from gossamer.store.keys import KeyStatus
from tests.support.access_keys import Key, changing, new_key
from tests.support.control_plane import ControlPlane, running_control_plane

FULL = "AWSAppMeshFullAccess"
NODE = {"listeners": [{"portMapping": {"port": 8080, "protocol": "http"}}]}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("credentials")


@pytest.fixture(scope="module")
def admin(directory: Path) -> Key:
    return new_key(directory / "data", FULL)


@pytest.fixture(scope="module")
def plane(directory: Path, admin: Key) -> Iterator[ControlPlane]:
    assert admin.id
    with running_control_plane(directory) as found:
        yield found


def refused(call: Any, **parameters: Any) -> tuple[int, str, str]:
    """The status, name and sentence of a refusal."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def send(
    plane: ControlPlane, method: str, path: str, headers: dict[str, str], body: bytes = b""
) -> tuple[int, str, dict[str, Any]]:
    """A request exactly as it is given."""
    where = urlsplit(plane.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
    with contextlib.closing(connection):
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("x-amzn-errortype", ""), json.loads(answer.read())


def headers_for(key: Key, plane: ControlPlane, method: str, path: str, body: bytes = b"") -> dict[str, str]:
    """The headers that botocore's signer gives a request."""
    request = botocore.awsrequest.AWSRequest(
        method, plane.url + path, {"Host": urlsplit(plane.url).netloc}, body
    )
    credentials = botocore.credentials.Credentials(key.id, key.secret, key.token)
    botocore.auth.SigV4Auth(credentials, "appmesh", "us-west-2").add_auth(request)
    return dict(request.headers.items())


def test_a_known_key_is_let_in_whatever_names_look_like(plane: ControlPlane, admin: Key) -> None:
    client = admin.client(plane.url)
    client.create_mesh(meshName="names")
    for name in ("a:b", "ünï", "a%2Fb", "a+b", "~", "a=b&c", "..."):
        client.create_virtual_service(meshName="names", virtualServiceName=name, spec={})
        found = client.describe_virtual_service(meshName="names", virtualServiceName=name)
        assert found["virtualService"]["virtualServiceName"] == name
    for name in ("a/b", "a b", ".."):
        assert refused(client.describe_virtual_service, meshName="names", virtualServiceName=name)[0] == 404
    pages = client.get_paginator("list_virtual_services").paginate(
        meshName="names", PaginationConfig={"PageSize": 2}
    )
    assert sum(len(page["virtualServices"]) for page in pages) == 7


def test_an_unsigned_call_is_missing_its_token(plane: ControlPlane, admin: Key) -> None:
    client = admin.client(plane.url, config={"signature_version": UNSIGNED})
    assert refused(client.list_meshes) == (
        403,
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
    )


def test_an_unknown_key_and_a_wrong_secret_are_told_apart_by_name(plane: ControlPlane, admin: Key) -> None:
    stranger = Key("GKIAAAAAAAAAAAAAAAAA", admin.secret).client(plane.url)
    assert refused(stranger.list_meshes)[:2] == (403, "UnrecognizedClientException")
    forger = Key(admin.id, "guessed").client(plane.url)
    status, name, sentence = refused(forger.list_meshes)
    assert (status, name) == (403, "InvalidSignatureException")
    assert sentence.startswith("The request signature we calculated does not match")


def test_a_signature_for_another_region_or_service_is_refused(plane: ControlPlane, admin: Key) -> None:
    abroad = admin.client(plane.url, region="eu-west-1")
    assert "valid Region, not 'eu-west-1'" in refused(abroad.list_meshes)[2]
    headers = headers_for(admin, plane, "GET", "/v20190125/meshes")
    headers["Authorization"] = headers["Authorization"].replace("/appmesh/", "/s3/")
    status, name, answer = send(plane, "GET", "/v20190125/meshes", headers)
    assert (status, name) == (403, "InvalidSignatureException")
    assert answer["message"] == "Credential should be scoped to correct service: 'appmesh'."


def test_an_old_signature_is_refused(
    plane: ControlPlane, admin: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=6)  # noqa: TID251 - the server's clock
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: late)
    headers = headers_for(admin, plane, "GET", "/v20190125/meshes")
    status, name, answer = send(plane, "GET", "/v20190125/meshes", headers)
    assert (status, name) == (403, "InvalidSignatureException")
    assert answer["message"].startswith("Signature expired: ")


def test_a_change_that_was_recorded_and_sent_again_is_refused(plane: ControlPlane, admin: Key) -> None:
    client = admin.client(plane.url)
    client.create_mesh(meshName="recorded")
    path = "/v20190125/meshes/recorded"
    headers = headers_for(admin, plane, "DELETE", path)
    assert send(plane, "DELETE", path, headers)[0] == 200
    client.create_mesh(meshName="recorded")
    status, name, answer = send(plane, "DELETE", path, headers)
    assert (status, name) == (403, "InvalidSignatureException")
    assert answer["message"].startswith("This signature was used before")
    assert client.describe_mesh(meshName="recorded")["mesh"]["status"]["status"] == "ACTIVE"


def test_a_body_that_was_changed_on_the_way_is_refused(plane: ControlPlane, admin: Key) -> None:
    body = b'{"meshName": "tampered"}'
    headers = headers_for(admin, plane, "PUT", "/v20190125/meshes", body)
    other = body.replace(b"tampered", b"hijacked")
    assert send(plane, "PUT", "/v20190125/meshes", headers, other)[:2] == (403, "InvalidSignatureException")
    headers["X-Amz-Content-SHA256"] = hashlib.sha256(body).hexdigest()
    assert send(plane, "PUT", "/v20190125/meshes", headers, other)[1] == "InvalidSignatureException"
    headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD"
    assert "over TLS only" in send(plane, "PUT", "/v20190125/meshes", headers, other)[2]["message"]


def test_half_a_signature_is_incomplete(plane: ControlPlane, admin: Key) -> None:
    headers = headers_for(admin, plane, "GET", "/v20190125/meshes")
    headers["Authorization"] = headers["Authorization"].partition(", Signature=")[0]
    status, name, answer = send(plane, "GET", "/v20190125/meshes", headers)
    assert (status, name) == (400, "IncompleteSignatureException")
    assert answer["message"] == "Authorization header requires 'Signature' parameter."


def test_a_presigned_url_works_for_as_long_as_it_says(
    plane: ControlPlane, admin: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = admin.client(plane.url)
    url = urlsplit(client.generate_presigned_url("list_meshes", {"limit": 1}, ExpiresIn=60))
    assert send(plane, "GET", f"{url.path}?{url.query}", {})[0] == 200
    assert send(plane, "GET", f"{url.path}?{url.query}".replace("limit=1", "limit=2"), {})[0] == 403
    ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=2)  # noqa: TID251 - the server's clock
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: ago)
    old = urlsplit(client.generate_presigned_url("list_meshes", {}, ExpiresIn=60))
    assert send(plane, "GET", f"{old.path}?{old.query}", {})[1] == "InvalidSignatureException"


def test_temporary_credentials_need_their_token_and_expire(plane: ControlPlane, directory: Path) -> None:
    data = directory / "data"
    key = new_key(data, FULL, life=datetime.timedelta(hours=1))
    assert key.token
    appears(plane, key)
    for spoiled in (Key(key.id, key.secret), Key(key.id, key.secret, "another token")):
        assert refused(spoiled.client(plane.url).list_meshes)[:2] == (403, "UnrecognizedClientException")
    short = new_key(data, FULL, life=datetime.timedelta(seconds=1))
    appears(plane, short, until="ExpiredTokenException")


def test_a_running_server_sees_keys_come_and_go(plane: ControlPlane, directory: Path) -> None:
    data = directory / "data"
    key = new_key(data, FULL)
    appears(plane, key)
    with changing(data) as connection:
        keys.set_status(connection, key.id, KeyStatus.INACTIVE)
    appears(plane, key, until="UnrecognizedClientException")
    with changing(data) as connection:
        keys.set_status(connection, key.id, KeyStatus.ACTIVE)
    appears(plane, key)
    with changing(data) as connection:
        keys.set_expiry(connection, key.id, SystemClock().now())
    appears(plane, key, until="ExpiredTokenException")
    with changing(data) as connection:
        keys.remove(connection, key.id)
    appears(plane, key, until="UnrecognizedClientException")


def appears(plane: ControlPlane, key: Key, until: str = "") -> None:
    """Wait until a key is let in, or refused with a name."""
    deadline = time.monotonic() + 90
    found = "not asked"
    client = key.client(plane.url)
    while time.monotonic() < deadline:
        try:
            client.list_meshes()
            found = ""
        except ClientError as error:
            found = error.response["Error"]["Code"]
        if found == until:
            return
        time.sleep(0.1)
    raise AssertionError(f"the key is still {found or 'let in'}")


def test_our_own_routes_ask_for_credentials_too(plane: ControlPlane, admin: Key) -> None:
    for path in ("/gossamer/v1/proxies", "/gossamer/v1/audit", "/gossamer/v1/none"):
        assert send(plane, "GET", path, {})[:2] == (403, "MissingAuthenticationTokenException")
        # Encoded otherwise, it is the same path.
        assert send(plane, "GET", path.replace("g", "%67", 1), {})[0] == 403
    headers = headers_for(admin, plane, "GET", "/gossamer/v1/proxies")
    assert send(plane, "GET", "/gossamer/v1/proxies", headers)[2] == {"proxies": []}
