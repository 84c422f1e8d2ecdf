"""What callers of several accounts see below `/gossamer/`: our own account all, others their own."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from gossamer.cli.control_plane import NotAnswered
from tests.support.access_keys import Key, new_key
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.own_routes import fetched

OWNER, STRANGER = "000000000000", "222222222222"


@dataclass
class Accounts:
    """A server that two accounts called; both have a mesh `shop`."""

    plane: ControlPlane
    owner: Key
    stranger: Key

    def told(self, key: Key, path: str, **query: str) -> Any:
        """What a route answers."""
        return fetched(f"{self.plane.url}/gossamer/v1/{path}", query, key)

    def callers(self, key: Key, **query: str) -> set[str]:
        """The accounts in what the audit log tells."""
        events = self.told(key, "audit", **query)["events"]
        return {str(one["recipientAccountId"]) for one in events}


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    data = tmp_path_factory.mktemp("own") / "data"
    owner, stranger = (new_key(data, "AWSAppMeshFullAccess", one) for one in (OWNER, STRANGER))
    with running_control_plane(data.parent) as plane:
        for key in (owner, stranger):
            key.client(plane.url).create_mesh(meshName="shop")
        gateway = {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]}
        owner.client(plane.url).create_virtual_gateway(
            meshName="shop", virtualGatewayName="unrouted", spec=gateway
        )
        owner.client(plane.url).create_mesh(meshName="only-here")
        found = Accounts(plane, owner, stranger)
        deadline = time.monotonic() + 90
        while found.callers(owner) < {OWNER, STRANGER}:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield found


def test_another_account_finds_its_own_calls_only_in_the_audit_log(accounts: Accounts) -> None:
    assert accounts.callers(accounts.stranger) == {STRANGER}
    assert accounts.callers(accounts.stranger, accountId=STRANGER) == {STRANGER}
    with pytest.raises(NotAnswered, match=f"accountId: must be your own, {STRANGER}"):
        accounts.callers(accounts.stranger, accountId=OWNER)
    assert accounts.callers(accounts.owner, accountId=STRANGER) == {STRANGER}


def test_problems_are_those_of_the_callers_own_mesh(accounts: Accounts) -> None:
    assert len(accounts.told(accounts.owner, "meshes/shop/problems")["problems"]) == 1
    assert accounts.told(accounts.stranger, "meshes/shop/problems") == {"problems": []}
    with pytest.raises(NotAnswered, match="Mesh with name only-here is not present"):
        accounts.told(accounts.stranger, "meshes/only-here/problems")
