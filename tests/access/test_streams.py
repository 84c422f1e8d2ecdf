"""Which streams are let in, through a real gRPC client and a real server that has keys."""

import asyncio
import datetime
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gossamer.clock import SystemClock
from gossamer.model.kind import MeshKey
from gossamer.store import keys, shares
from gossamer.store.keys import KeyStatus
from gossamer.store.vault import token_key, vault_from_file
from gossamer.store.visit import database_secret
from gossamer.xds.token import Token, issued
from tests.support.access_keys import Key, allowing, changing, new_key
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.streams import Ended, Metadata, held, opened, signature

OWNER, OTHER = "000000000000", "111111111111"
ENVOY = "AWSAppMeshEnvoyAccess"
STREAM = "appmesh:StreamAggregatedResources"
NODE = "mesh/m/virtualNode/n"
ARN = f"arn:aws:appmesh:us-west-2:{OWNER}:{NODE}"
SPEC = {
    "listeners": [{"portMapping": {"port": 8080, "protocol": "http"}}],
    "serviceDiscovery": {"dns": {"hostname": "n"}},
}
HOUR = datetime.timedelta(hours=1)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("streams") / "data"


@pytest.fixture(scope="module")
def plane(data: Path) -> Iterator[ControlPlane]:
    admin = new_key(data, "AWSAppMeshFullAccess")
    with running_control_plane(data.parent) as found:
        client = admin.client(found.url)
        client.create_mesh(meshName="m")
        for name in ("n", "o"):
            client.create_virtual_node(meshName="m", virtualNodeName=name, spec=SPEC)
        client.tag_resource(resourceArn=ARN, tags=[{"key": "team", "value": "a"}])
        yield found


def token(data: Path, endpoint: str, *, account: str = OWNER, life: datetime.timedelta = HOUR) -> Metadata:
    now = SystemClock().now()
    with changing(data) as connection:
        key = token_key(vault_from_file(data / "gossamer.key"), database_secret(connection))
    return (("authorization", f"Bearer {issued(Token(account, endpoint, now + life), key, now)}"),)


@pytest.fixture(scope="module")
def signers(data: Path, plane: ControlPlane) -> dict[str, Key]:
    """Keys by what they may do; the last one made is awaited."""
    assert plane.xds
    conditions = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    return {
        "all": new_key(data, ENVOY),
        "one": new_key(data, allowing(STREAM, resource=ARN)),
        "tagged": new_key(data, allowing(STREAM, Condition=conditions)),
        "reader": new_key(data, "AWSAppMeshReadOnly"),
        "stranger": new_key(data, ENVOY, OTHER),
    }


async def asked(plane: ControlPlane, key: Key, node: str, host: str | None = None) -> Ended | None:
    """A stream of a key that the server may not have seen yet."""
    unknown = "The security token included in the request is invalid."
    for _ in range(100):
        found = await opened(plane.xds, node, signature(key, host or plane.xds))
        if found is None or found.why != unknown:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("the key is still unknown")


async def test_a_stream_without_credentials_is_unauthenticated(plane: ControlPlane) -> None:
    assert await opened(plane.xds, NODE) == Ended("UNAUTHENTICATED", "Missing Authentication Token")
    found = await opened(plane.xds, NODE, (("authorization", "Bearer no.token.ours"),))
    assert found is not None
    assert found.code == "UNAUTHENTICATED"


async def test_a_unix_socket_needs_no_credentials(plane: ControlPlane) -> None:
    assert await opened(f"unix:{plane.socket}", NODE) is None


@pytest.mark.parametrize(
    ("who", "node", "code"),
    [
        ("all", NODE, None),
        ("all", ARN, None),
        ("all", "mesh/m/virtualNode/none", "INVALID_ARGUMENT"),
        ("all", "nonsense", "INVALID_ARGUMENT"),
        ("one", NODE, None),
        ("one", "mesh/m/virtualNode/o", "PERMISSION_DENIED"),
        ("tagged", NODE, None),
        ("tagged", "mesh/m/virtualNode/o", "PERMISSION_DENIED"),
        ("reader", NODE, "PERMISSION_DENIED"),
        ("stranger", f"mesh/m@{OWNER}/virtualNode/n", "PERMISSION_DENIED"),
        ("stranger", NODE, "INVALID_ARGUMENT"),
    ],
)
async def test_a_signed_stream_may_what_its_key_may(
    plane: ControlPlane, signers: dict[str, Key], who: str, node: str, code: str | None
) -> None:
    found = await asked(plane, signers[who], node)
    assert (found.code if found else None) == code, found


async def test_a_refusal_names_the_principal_the_action_and_the_endpoint(
    plane: ControlPlane, signers: dict[str, Key]
) -> None:
    found = await asked(plane, signers["reader"], NODE)
    assert found is not None
    assert found.why == (
        f"User: arn:aws:iam::{OWNER}:user/admin is not authorized to perform: {STREAM} on resource: {ARN}"
    )


async def test_a_signature_is_over_the_name_that_the_proxy_uses(
    plane: ControlPlane, signers: dict[str, Key]
) -> None:
    host, _, port = plane.xds.partition(":")
    for fine in (f"localhost:{port}", "localhost", host):
        assert await asked(plane, signers["all"], NODE, fine) is None
    elsewhere = await asked(plane, signers["all"], NODE, "xds.example.com")
    assert elsewhere is not None
    assert elsewhere.code == "UNAUTHENTICATED"
    forged = await opened(plane.xds, NODE, signature(Key(signers["all"].id, "guessed"), plane.xds))
    assert forged is not None
    assert forged.why.startswith("The request signature we calculated does not match")


async def test_a_token_is_good_for_its_endpoints_until_it_expires(plane: ControlPlane, data: Path) -> None:
    assert await opened(plane.xds, NODE, token(data, NODE)) is None
    assert await opened(plane.xds, NODE, token(data, "mesh/m/virtualNode/*")) is None
    other = await opened(plane.xds, "mesh/m/virtualNode/o", token(data, NODE))
    assert other == Ended(
        "PERMISSION_DENIED", f"the token for {NODE} is good for {NODE}, not for mesh/m/virtualNode/o"
    )
    abroad = await opened(plane.xds, ARN, token(data, NODE, account=OTHER))
    assert abroad is not None
    assert abroad.code == "PERMISSION_DENIED"
    late = await opened(plane.xds, NODE, token(data, NODE, life=-HOUR))
    assert late == Ended("UNAUTHENTICATED", "the token has expired")


async def test_a_shared_mesh_streams_to_the_account_that_it_is_shared_with(
    plane: ControlPlane, data: Path, signers: dict[str, Key]
) -> None:
    mesh = MeshKey(OWNER, "m")
    node = f"mesh/m@{OWNER}/virtualNode/n"
    with changing(data) as connection:
        shares.add(connection, mesh, OTHER, SystemClock().now())
    await becomes(plane, signers["stranger"], node, None)
    with changing(data) as connection:
        shares.remove(connection, mesh, OTHER)
    await becomes(plane, signers["stranger"], node, "PERMISSION_DENIED")


async def test_an_open_stream_ends_when_its_key_is_taken_away(plane: ControlPlane, data: Path) -> None:
    key = new_key(data, ENVOY)
    assert await asked(plane, key, NODE) is None

    def disable() -> None:
        with changing(data) as connection:
            keys.set_status(connection, key.id, KeyStatus.INACTIVE)

    found = await held(plane.xds, NODE, signature(key, plane.xds), disable)
    assert found is not None
    assert found.code == "UNAUTHENTICATED"


async def test_an_open_stream_ends_when_its_token_expires(plane: ControlPlane, data: Path) -> None:
    assert await ended_by_time(plane, data, 1) == Ended(
        "UNAUTHENTICATED", f"the token for {NODE} has expired"
    )


async def ended_by_time(plane: ControlPlane, data: Path, life_s: int) -> Ended | None:
    """How a stream ends that was opened with a token that is soon good no more."""
    is_open = False

    def change() -> None:
        """Whatever changes, everybody is judged anew; half a minute passing would do the same."""
        nonlocal is_open
        is_open = True
        time.sleep(life_s)
        new_key(data, ENVOY)

    soon = token(data, NODE, life=datetime.timedelta(seconds=life_s))
    found = await held(plane.xds, NODE, soon, change)
    # A busy machine may need longer to open it than the token is good for.
    return found if is_open or life_s > 10 else await ended_by_time(plane, data, 2 * life_s)


async def becomes(plane: ControlPlane, key: Key, node: str, code: str | None) -> None:
    """Wait until a stream is answered in some way."""
    found: Ended | None = None
    for _ in range(200):
        found = await asked(plane, key, node)
        if (found.code if found else None) == code:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"still {found}")


async def test_streams_are_in_the_audit_log(plane: ControlPlane, data: Path, signers: dict[str, Key]) -> None:
    assert await asked(plane, signers["all"], ARN) is None
    await asked(plane, signers["reader"], ARN)
    found: list[dict[str, object]] = []
    for _ in range(100):
        with changing(data) as connection:
            rows = connection.exec_driver_sql(
                "SELECT record FROM audit WHERE name = 'StreamAggregatedResources'"
            )
            found = [json.loads(row.record) for row in rows]
        states = {(str(one["serviceEventDetails"]), one.get("errorCode")) for one in found}
        if any("ConnectionEstablished" in details for details, _ in states) and any(
            code == "PERMISSION_DENIED" for _, code in states
        ):
            break
        await asyncio.sleep(0.1)
    established = next(one for one in found if "ConnectionEstablished" in str(one["serviceEventDetails"]))
    assert established["eventType"] == "AwsServiceEvent"
    assert "Signature" not in json.dumps(found)
