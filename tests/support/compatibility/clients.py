"""The unmodified clients: boto3, and the AWS CLI's own driver, which spares a process for each call."""

import contextlib
import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import boto3
from awscli.clidriver import create_clidriver
from botocore import xform_name
from botocore.exceptions import ClientError

from tests.support.compatibility.call import Call, Client, Outcome

#: Any will do where none is checked. One attempt each: what a server refuses is not tried again.
ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "us-west-2",
    "AWS_MAX_ATTEMPTS": "1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Boto3:
    """The AWS SDK for Python."""

    name = "boto3"

    def __init__(self, url: str, version: str) -> None:
        # A session keeps the errors of the first version that it was asked for.
        session = boto3.session.Session()
        self._client: Any = session.client("appmesh", endpoint_url=url, api_version=version)
        self._client.meta.events.register("before-parse.app-mesh.*", self._keep)
        self._bodies: list[bytes] = []

    def _keep(self, response_dict: Mapping[str, Any], **_: object) -> None:
        """Remember what was on the wire before it is made into what users see."""
        self._bodies.append(response_dict["body"])

    def carry_out(self, call: Call) -> Outcome:
        """Make a call, whatever becomes of it."""
        method = xform_name(call.operation)
        try:
            if call.pages is None:
                self._bodies.clear()
                getattr(self._client, method)(**call.arguments)
                return Outcome(answer=json.loads(self._bodies[0]), is_raw=True)
            paginator = self._client.get_paginator(method)
            pages = paginator.paginate(**call.arguments, PaginationConfig={"PageSize": 1})
            return Outcome(found=sum(_things(page) for page in pages))
        except ClientError as error:
            # As an SDK's user catches it, by its class.
            return Outcome(error=type(error).__name__)


class AwsCli:
    """The AWS CLI, with a flag for each member."""

    name = "AWS CLI"

    def __init__(self, url: str) -> None:
        self._driver: Any = create_clidriver()
        self._words = ("--endpoint-url", url, "--output", "json", "appmesh")

    def carry_out(self, call: Call) -> Outcome:
        """Make a call, whatever becomes of it."""
        paging = () if call.pages is None else ("--page-size", "1")
        words = (*self._words, xform_name(call.operation, "-"), *_flags(call.arguments), *paging)
        said, complained = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
            code = self._driver.main(list(words))
        if code:
            told = re.search(r"An error occurred \((\w+)\) when calling the (\w+)", complained.getvalue())
            assert told is not None, f"{' '.join(words)}: {complained.getvalue()}"
            assert told[2] == call.operation
            return Outcome(error=told[1])
        answer = json.loads(said.getvalue() or "{}")
        return Outcome(found=_things(answer)) if call.pages is not None else Outcome(answer=answer)


def _flags(arguments: Mapping[str, Any]) -> Iterator[str]:
    for member, value in arguments.items():
        yield f"--{xform_name(member, '-')}"
        yield value if isinstance(value, str) else json.dumps(value)


def _things(page: Mapping[str, Any]) -> int:
    """How many things a page holds, in the one list that it has."""
    (found,) = (value for value in page.values() if isinstance(value, list))
    return len(found)


@contextlib.contextmanager
def clients(url: str, version: str, directory: Path) -> Iterator[tuple[Client, ...]]:
    """Every client, pointed at a server, with nothing but what is said here."""
    config = directory / "config"
    config.write_text(f"[default]\napi_versions =\n    appmesh = {version}\n")
    files = {
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(directory / "no-credentials"),
    }
    before = dict(os.environ)
    os.environ.update(ENVIRONMENT | files)
    try:
        yield (AwsCli(url), Boto3(url, version))
    finally:
        os.environ.clear()
        os.environ.update(before)
