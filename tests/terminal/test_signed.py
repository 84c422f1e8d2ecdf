"""Commands that sign their calls, on a control plane that asks for it; and a mesh that two accounts share."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.access_keys import Key, allowing, gossamer, new_key
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.documents import mesh, node, route, shop
from tests.support.terminal import Done, Terminal

OWNER, OTHER = "000000000000", "222222222222"
READS = ("appmesh:Describe*", "appmesh:List*", "gossamer:Read")


@dataclass
class Guarded:
    """A control plane with three keys: one may do everything, one only shifts traffic, one is a guest's."""

    plane: ControlPlane
    admin: Key
    shifter: Key
    guest: Key


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    data = tmp_path_factory.mktemp("signed") / "data"
    admin = new_key(data, "AWSAppMeshFullAccess")
    shifter = new_key(data, allowing(*READS, "appmesh:UpdateRoute"), name="shifter")
    guest = new_key(data, allowing("appmesh:*", "gossamer:Read"), OTHER)
    with running_control_plane(data.parent) as plane:
        yield Guarded(plane, admin, shifter, guest)


@pytest.fixture
def terminal(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Terminal:
    return Terminal(guarded.plane.url, monkeypatch, capsys, tmp_path)


def by(key: Key, terminal: Terminal, *words: str) -> Done:
    """Run a command as the holder of a key."""
    terminal.variables = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}
    return terminal.run(*words)


def test_what_a_key_may_not_do_keeps_all_of_a_change_from_happening(
    guarded: Guarded, terminal: Terminal
) -> None:
    file = terminal.file("shop.yaml", *shop())
    told = terminal.run("apply", file).err
    assert told.startswith("gossamer apply: Missing Authentication Token (no key is in AWS_ACCESS_KEY_ID")
    assert by(guarded.admin, terminal, "apply", file).code == 0
    before = by(guarded.admin, terminal, "history", "--mesh", "shop", "-n", "1", "-o", "json").json[0][
        "sequence"
    ]

    shift = terminal.file("shift.yaml", route("orders", "all", v1=1, v2=1))
    both = terminal.file("both.yaml", route("orders", "all", v1=1), node("v3"))
    done = by(guarded.shifter, terminal, "apply", both)
    assert done.code == 1
    assert f"{both}:" in done.err
    assert "user/shifter is not authorized to perform: appmesh:CreateVirtualNode" in done.err
    assert by(guarded.shifter, terminal, "diff", shift).code == 1
    assert by(guarded.shifter, terminal, "apply", shift).code == 0
    newest = by(guarded.shifter, terminal, "history", "--mesh", "shop", "-n", "1", "-o", "json").json[0]
    assert newest["principal"] == f"arn:aws:iam::{OWNER}:user/shifter"
    assert by(guarded.shifter, terminal, "rollback", "--mesh", "shop", "--to", str(before), "--yes").code == 0


def test_a_guest_changes_what_is_theirs_in_a_shared_mesh(guarded: Guarded, terminal: Terminal) -> None:
    assert by(guarded.admin, terminal, "apply", terminal.file("m.yaml", mesh("common"))).code == 0
    theirs = {**node("theirs"), "meshName": "common", "meshOwner": OWNER}
    file = terminal.file("theirs.yaml", theirs)
    assert "Mesh with name common is not present" in by(guarded.guest, terminal, "apply", file).err
    data = guarded.plane.socket.parent / "data"
    assert gossamer("share", "add", "common", OTHER, data=data).returncode == 0
    while by(guarded.guest, terminal, "apply", file).code:
        pass  # until the server has taken notice of the share
    place = ("--mesh", "common", "--mesh-owner", OWNER)
    assert by(guarded.guest, terminal, "get", "vn", *place, "-o", "name").out == "common/virtualNode/theirs\n"
    shown = by(guarded.guest, terminal, "describe", "vn", "theirs", *place).out
    assert "resource: common/virtualNode/theirs\n" in shown
    assert "last changes" not in shown, "they are told to the mesh's owner"
    done = by(guarded.guest, terminal, "delete", "vn", "theirs", *place)
    assert (done.code, done.out.splitlines()[0]) == (0, "common/virtualNode/theirs deleted")
