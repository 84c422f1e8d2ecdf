"""The audit log through a real server: every call, who made it, and no secret."""

import datetime
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gossamer.cli.audit import entries
from gossamer.cli.control_plane import NotAnswered
from gossamer.cli.server import Server
from tests.support.access_keys import Key, gossamer, new_key
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.own_routes import fetched

ACCOUNT = "000000000000"
ARN = f"arn:aws:appmesh:us-west-2:{ACCOUNT}:mesh/audited"


@dataclass
class Audited:
    """A server that was called, and who may read what it noted."""

    plane: ControlPlane
    admin: Key
    reader: Key

    def events(self, **query: str) -> list[dict[str, Any]]:
        """What the log tells, newest first."""
        return list(fetched(f"{self.plane.url}/gossamer/v1/audit", query, self.admin)["events"])

    def await_event(self, **query: str) -> dict[str, Any]:
        """The newest entry, once there is one."""
        deadline = time.monotonic() + 90
        while not (found := self.events(**query)):
            assert time.monotonic() < deadline, query
            time.sleep(0.05)
        return found[0]

    @staticmethod
    def environ(key: Key) -> dict[str, str]:
        """The environment of somebody who has a key."""
        return {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    data = tmp_path_factory.mktemp("audit") / "data"
    admin, reader = new_key(data, "AWSAppMeshFullAccess"), new_key(data, "AWSAppMeshReadOnly", name="reader")
    with running_control_plane(data.parent) as plane:
        client = admin.client(plane.url)
        client.create_mesh(meshName="audited", tags=[{"key": "a", "value": "b"}])
        client.describe_mesh(meshName="audited")
        for caller, mesh in ((reader, "refused"), (Key(admin.id, "guessed"), "forged"), (admin, "bad name!")):
            with pytest.raises(ClientError):
                caller.client(plane.url).create_mesh(meshName=mesh)
        yield Audited(plane, admin, reader)


def test_a_call_is_told_in_the_words_of_cloudtrail(audited: Audited) -> None:
    found = audited.await_event(eventName="CreateMesh", resource=ARN)
    identity = {
        "type": "IAMUser",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/admin",
        "accountId": ACCOUNT,
        "accessKeyId": audited.admin.id,
        "userName": "admin",
    }
    assert found["userIdentity"] == identity
    expected = {
        "eventSource": "appmesh.amazonaws.com",
        "eventName": "CreateMesh",
        "awsRegion": "us-west-2",
        "sourceIPAddress": "127.0.0.1",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "resources": [{"accountId": ACCOUNT, "type": "AWS::AppMesh::Mesh", "ARN": ARN}],
        "recipientAccountId": ACCOUNT,
    }
    assert {name: found[name] for name in expected} == expected
    assert found["requestParameters"]["meshName"] == "audited"
    assert found["requestParameters"]["tags"] == [{"key": "a", "value": "b"}]
    assert found["responseElements"]["metadata"]["arn"] == ARN
    assert "Boto3" in found["userAgent"]
    assert datetime.datetime.fromisoformat(found["eventTime"]).tzinfo is datetime.UTC
    assert found["requestID"] != found["eventID"]


def test_reading_is_told_without_an_answer(audited: Audited) -> None:
    found = audited.await_event(eventName="DescribeMesh")
    assert (found["readOnly"], found["responseElements"]) == (True, None)
    assert found["requestParameters"] == {"meshName": "audited"}


def test_calls_that_were_refused_are_told_too(audited: Audited) -> None:
    denied = audited.await_event(eventName="CreateMesh", errorCode="AccessDeniedException")
    assert denied["userIdentity"]["userName"] == "reader"
    assert "is not authorized to perform: appmesh:CreateMesh" in denied["errorMessage"]
    assert denied["responseElements"] is None
    forged = audited.await_event(eventName="CreateMesh", errorCode="InvalidSignatureException")
    assert forged["userIdentity"] == {"type": "Unknown", "accessKeyId": audited.admin.id}
    broken = audited.await_event(eventName="CreateMesh", errorCode="BadRequestException")
    assert broken["errorMessage"].startswith("meshName: may hold")


def test_no_entry_holds_a_secret(audited: Audited) -> None:
    audited.await_event(errorCode="BadRequestException")
    text = json.dumps(audited.events(limit="1000"))
    for secret in (audited.admin.secret, audited.reader.secret, "Signature=", "AWS4-HMAC"):
        assert secret not in text


def test_filters_and_pages_narrow_the_log(audited: Audited) -> None:
    audited.await_event(errorCode="BadRequestException")
    assert {one["eventName"] for one in audited.events(readOnly="true", accessKeyId=audited.admin.id)} <= {
        "DescribeMesh",
        "GET /gossamer/v1/audit",
    }
    assert audited.events(startTime="2099-01-01T00:00:00Z") == []
    assert audited.events(endTime="2020-01-01") == []
    assert audited.events(endTime="2020-01-01T00:00:00 00:00") == []
    walked = entries_of(audited, {"eventName": "CreateMesh"}, page=1)
    assert len(walked) == len({one["eventID"] for one in walked}) == 4


def entries_of(audited: Audited, query: dict[str, str], page: int) -> list[dict[str, Any]]:
    """Everything that a query finds, by pages of so many."""
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        asked = {**query, **token, "limit": str(page)}
        url = f"{audited.plane.url}/gossamer/v1/audit"
        answer = fetched(url, asked, audited.admin)
        found += answer["events"]
        if "nextToken" not in answer:
            return found
        token = {"nextToken": answer["nextToken"]}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"limit": "0"}, "limit: must be between 1 and 1000"),
        ({"startTime": "soon"}, "startTime: must be a time such as"),
        ({"readOnly": "yes"}, "readOnly: must be true or false"),
        ({"nextToken": "x"}, "nextToken: must be a number"),
        ({"colour": "red"}, "colour: is not known here; there are eventName"),
    ],
)
def test_a_wrong_filter_is_told_its_rule(audited: Audited, query: dict[str, str], sentence: str) -> None:
    with pytest.raises(NotAnswered, match=sentence.partition(";")[0]):
        audited.events(**query)


def test_only_who_may_reads_the_log(audited: Audited) -> None:
    url = f"{audited.plane.url}/gossamer/v1/audit"
    with pytest.raises(NotAnswered, match="not authorized to perform: gossamer:ReadAudit"):
        fetched(url, {}, audited.reader)
    with pytest.raises(NotAnswered, match="Missing Authentication Token"):
        fetched(url, {}, None)
    assert audited.await_event(errorCode="MissingAuthenticationTokenException")["eventSource"] == "gossamer"


def test_the_command_exports_the_log(
    audited: Audited, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from gossamer.cli.main import app  # noqa: PLC0415 - it reads the environment

    audited.await_event(eventName="CreateMesh", errorCode="AccessDeniedException")
    for name, value in audited.environ(audited.admin).items():
        monkeypatch.setenv(name, value)
    words = ["audit", "--endpoint-url", audited.plane.url, "--event-name", "CreateMesh"]
    assert app([*words, "-o", "jsonl"], result_action="return_value") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["eventName"] for line in lines} == {"CreateMesh"}
    assert app(words, result_action="return_value") == 0
    assert "AccessDeniedException" in capsys.readouterr().out
    assert len(list(entries(Server(endpoint_url=audited.plane.url), {}, 2))) == 2
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    assert app(words, result_action="return_value") == 1
    assert "does not match" in capsys.readouterr().err


def test_proxies_are_asked_for_with_credentials(audited: Audited) -> None:
    done = gossamer("proxies", "--endpoint-url", audited.plane.url)
    assert (done.returncode, "Missing Authentication Token" in done.stderr) == (1, True)


def test_a_name_with_a_quotation_mark_is_answered_and_noted(audited: Audited) -> None:
    client = audited.admin.client(audited.plane.url)
    client.create_virtual_service(meshName="audited", virtualServiceName='"\\', spec={})
    found = audited.await_event(eventName="CreateVirtualService", resource=f'{ARN}/virtualService/"\\')
    assert found["responseElements"]["virtualServiceName"] == '"\\'
