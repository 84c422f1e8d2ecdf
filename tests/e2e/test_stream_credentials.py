"""The real Envoy, tended by our agent, opens its stream with each credential, on a machine of its own."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gossamer.clock import SystemClock
from gossamer.model.kind import MeshKey
from gossamer.store.vault import token_key, vault_from_file
from gossamer.store.visit import database_secret
from gossamer.xds.token import Token, issued
from tests.support.access_keys import changing, new_key
from tests.support.envoy import OWN_MACHINE
from tests.support.pki import Authority
from tests.support.stored import new_mesh, new_node

pytestmark = pytest.mark.e2e

ACCOUNT = "000000000000"
NODE = "mesh/m/virtualNode/n"
EVENTS = "SELECT record FROM audit WHERE name = 'StreamAggregatedResources' ORDER BY sequence"
PATIENCE_S = 90
OURS = (sys.executable, "-m", "gossamer.cli.main")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    found = tmp_path / "data"
    found.mkdir()
    new_mesh(found, MeshKey(ACCOUNT, "m"))
    new_node(found, MeshKey(ACCOUNT, "m"), "n")
    return found


@contextlib.contextmanager
def machine(data: Path, flags: Sequence[str], variables: Mapping[str, str]) -> Iterator[None]:
    """A machine with a control plane and one proxy, which has some variables more."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GOSSAMER_", "AWS_"))}
    environ = {
        **clean,
        "APPMESH_RESOURCE_ARN": NODE,
        "APPMESH_XDS_ENDPOINT": "127.0.0.1:18000",
        "ENVOY_CONCURRENCY": "1",
        **variables,
    }
    serve = " ".join((*OURS, "serve", "--data-dir", str(data), *flags))
    script = f'ip link set lo up; {serve} 2> {data}/serve.log & exec "$@"'
    with (data / "agent.log").open("wb") as log:
        process = subprocess.Popen(
            (*OWN_MACHINE, script, "sh", *OURS, "agent"), stdout=log, stderr=log, env=environ
        )
        try:
            yield
        finally:
            process.kill()
            process.wait()


async def established(data: Path) -> dict[str, Any]:
    """The entry of the audit log that tells of a stream's beginning."""
    found: list[dict[str, Any]] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with changing(data) as connection:
                    found = [json.loads(row.record) for row in connection.exec_driver_sql(EVENTS)]
                for one in found:
                    if one["serviceEventDetails"]["eventStatus"] == "ConnectionEstablished":
                        return one
                await asyncio.sleep(0.2)
    raise AssertionError(f"{found[-1:]} {(data / 'agent.log').read_text()[-2000:]}")


async def test_envoy_signs_with_an_access_key(data: Path) -> None:
    key = new_key(data, "AWSAppMeshEnvoyAccess", name="proxy")
    variables = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}
    with machine(data, (), variables):
        found = await established(data)
    assert found["userIdentity"]["arn"] == f"arn:aws:iam::{ACCOUNT}:user/proxy"
    assert found["userIdentity"]["accessKeyId"] == key.id


async def test_envoy_shows_a_token_over_tls(data: Path) -> None:
    new_key(data, "AWSAppMeshFullAccess")
    authority = Authority("server authority")
    certificate, key = authority.issue("127.0.0.1").written(data, "server")
    (data / "root.pem").write_text(authority.root)
    now = SystemClock().now()
    with changing(data) as connection:
        signing = token_key(vault_from_file(data / "gossamer.key"), database_secret(connection))
    token = issued(Token(ACCOUNT, "mesh/m/virtualNode/*", now.replace(year=now.year + 1)), signing, now)
    variables = {"GOSSAMER_XDS_TOKEN": token, "GOSSAMER_XDS_CA_FILE": str(data / "root.pem")}
    with machine(data, ("--tls-cert-file", certificate, "--tls-key-file", key), variables):
        found = await established(data)
    assert found["userIdentity"]["arn"] == "the token for mesh/m/virtualNode/*"


async def test_envoy_shows_a_certificate(data: Path) -> None:
    new_key(data, "AWSAppMeshFullAccess")
    server, proxies = Authority("server authority"), Authority("proxy authority")
    certificate, key = server.issue("127.0.0.1").written(data, "server")
    own, own_key = proxies.issue(f"spiffe://gossamer/{NODE}").written(data, "proxy")
    for name, authority in (("root", server), ("proxies", proxies)):
        (data / f"{name}.pem").write_text(authority.root)
    flags = (
        "--tls-cert-file",
        certificate,
        "--tls-key-file",
        key,
        "--xds-client-ca-file",
        f"{data}/proxies.pem",
    )
    variables = {
        "GOSSAMER_XDS_CERT_FILE": own,
        "GOSSAMER_XDS_KEY_FILE": own_key,
        "GOSSAMER_XDS_CA_FILE": f"{data}/root.pem",
    }
    with machine(data, flags, variables):
        found = await established(data)
    assert found["userIdentity"]["arn"] == f"the certificate of {NODE}"
