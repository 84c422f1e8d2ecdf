"""Access keys of a control plane, as `gossamer keys` makes them, and clients that sign with them."""

import contextlib
import datetime
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore.config
from sqlalchemy import Connection

from gossamer.clock import SystemClock
from gossamer.store import keys
from gossamer.store.engine import sqlite_url
from gossamer.store.keys import Holder, NamedPolicy
from gossamer.store.vault import vault_from_file
from gossamer.store.visit import visited
from tests.support.starting import run

REGION = "us-west-2"

#: One for all, so that the description of the service is read once.
SESSION = boto3.session.Session()


def gossamer(*arguments: str, data: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run one of our commands on a data directory."""
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("GOSSAMER_", "AWS_"))
    }
    if data is not None:
        environ["GOSSAMER_DATA_DIR"] = str(data)
    return run(arguments, environ)


@dataclass(frozen=True)
class Key:
    """What somebody holds who may call."""

    id: str
    secret: str
    token: str | None = None

    def client(self, url: str, service: str = "appmesh", **more: Any) -> Any:
        """An unmodified AWS SDK that signs with it. It never tries again by itself."""
        config = botocore.config.Config(retries={"total_max_attempts": 1}, **more.pop("config", {}))
        return SESSION.client(
            service,
            endpoint_url=url,
            region_name=more.pop("region", REGION),
            aws_access_key_id=self.id,
            aws_secret_access_key=self.secret,
            aws_session_token=self.token,
            config=config,
            **more,
        )


def new_key(
    data: Path,
    policy: str | dict[str, Any],
    account: str = "000000000000",
    *,
    name: str = "admin",
    life: datetime.timedelta | None = None,
) -> Key:
    """A key with one policy: a managed one by its name, or a document."""
    attached = (
        NamedPolicy("own", json.dumps(policy)) if isinstance(policy, dict) else NamedPolicy.managed(policy)
    )
    attached.read()
    holder = Holder(account, f"arn:aws:iam::{account}:user/{name}", (attached,))
    vault = vault_from_file(data / "gossamer.key")
    with changing(data) as connection:
        made = keys.add(connection, vault, holder, now=SystemClock().now(), life=life)
    return Key(made.key.id, made.secret, made.token)


@contextlib.contextmanager
def changing(data: Path) -> Iterator[Connection]:
    """A transaction on the database of a data directory, as our commands open it."""
    data.mkdir(exist_ok=True, parents=True)
    with visited(sqlite_url(data / "gossamer.db"), SystemClock().now()) as connection:
        yield connection


def allowing(*actions: str, resource: str | Sequence[str] = "*", **more: Any) -> dict[str, Any]:
    """A document with one statement that allows."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}
