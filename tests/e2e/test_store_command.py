"""`gossamer store` beside a running control plane, as an operator uses it."""

import base64
import os
from pathlib import Path

import pytest

from gossamer.store.engine import sqlite_url
from tests.e2e.test_control_plane import MESH, fill, route_spec
from tests.support.control_plane import running_control_plane
from tests.support.old_databases import KEY, old_database
from tests.support.postgresql_server import PostgresqlServer, programs
from tests.support.starting import run

pytestmark = pytest.mark.e2e


def store(*words: str, code: int = 0) -> str:
    """What the command says, on both its outputs."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GOSSAMER_")}
    done = run(("store", *words), environ)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def test_a_served_database_is_checked_and_backed_up_and_comes_back_as_it_was(tmp_path: Path) -> None:
    data, file = str(tmp_path / "data"), str(tmp_path / "backup")
    with running_control_plane(tmp_path) as plane:
        client = plane.client()
        fill(client)
        assert "no problems found" in store("check", "--data-dir", data)
        assert "resources 7" in store("backup", file, "--data-dir", data)
        client.update_route(**MESH, virtualRouterName="b", routeName="r", spec=route_spec(1, 1))
        assert "another control plane uses" in store("restore", file, "--data-dir", data, code=1)
    assert "up to 7 in the log" in store("verify", file)
    assert "--replace" in store("restore", file, "--data-dir", data, code=1)
    assert "restored version" in store("restore", file, "--data-dir", data, "--replace")
    with running_control_plane(tmp_path) as plane:
        found = plane.client().describe_route(**MESH, virtualRouterName="b", routeName="r")
        assert found["route"]["spec"] == route_spec(100, 0)


@pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")
def test_a_mesh_moves_to_postgresql_and_is_served_from_there(
    tmp_path: Path, postgresql: PostgresqlServer
) -> None:
    data = str(tmp_path / "data")
    url = postgresql.create_database("moved").set(drivername="postgresql").render_as_string()
    with running_control_plane(tmp_path) as plane:
        fill(plane.client())
        said = store("move", "--data-dir", data, "--to-database-url", url, code=1)
        assert "another control plane uses" in said
    assert "resources 7" in store("move", "--data-dir", data, "--to-database-url", url)
    with running_control_plane(tmp_path, "--database-url", url) as plane:
        found = plane.client().describe_route(**MESH, virtualRouterName="b", routeName="r")
        assert found["route"]["spec"] == route_spec(100, 0)
        again = str(tmp_path / "again")
        assert "is being served" in store("move", "--database-url", url, "--to-data-dir", again, code=1)
    assert "resources 7" in store("move", "--database-url", url, "--to-data-dir", again)
    assert "end of the log: 7" in store("info", "--data-dir", again)


def test_an_older_database_waits_for_its_operator_where_that_was_said(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "gossamer.key").write_text(base64.b64encode(KEY).decode())
    old_database(sqlite_url(data / "gossamer.db"), 3)
    with (
        pytest.raises(AssertionError, match="gossamer store migrate"),
        running_control_plane(tmp_path, "--migrations", "by-hand"),
    ):
        pass
    assert "brought from version 3" in store("migrate", "--data-dir", str(data))
    with running_control_plane(tmp_path, "--migrations", "by-hand") as plane:
        assert plane.process.poll() is None
    assert "brought from version" in store("downgrade", "3", "--data-dir", str(data))
    said = store("downgrade", "2", "--data-dir", str(data), code=1)
    assert "this would forget access keys, shares and the audit log (--accept-loss" in said


@pytest.mark.parametrize(
    ("words", "why", "code"),
    [
        (("check",), "there is no database", 1),
        (("backup", "FOLDER/b"), "there is no database", 1),
        (("restore", "FOLDER/none"), "No such file", 1),
        (("restore", "FOLDER/gossamer.key"), "is not a backup of Gossamer", 1),
        (("move",), "say either --to-database-url or --to-data-dir", 2),
        (("move", "--to-database-url", "mysql://x/y"), "only postgresql is served by URL", 2),
        (("check", "--nonsense"), "--nonsense", 2),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence(
    tmp_path: Path, words: tuple[str, ...], why: str, code: int
) -> None:
    (tmp_path / "gossamer.key").write_text("no key")
    said = store(
        *(word.replace("FOLDER", str(tmp_path)) for word in words), "--data-dir", str(tmp_path), code=code
    )
    assert why in said
    assert "Traceback" not in said


def test_problems_have_an_exit_code_of_their_own_and_a_missing_key_is_one(tmp_path: Path) -> None:
    old_database(sqlite_url(tmp_path / "gossamer.db"), 3)
    store("migrate", "--data-dir", str(tmp_path))
    assert "2 secrets can't be opened: there is no key in" in store(
        "check", "--data-dir", str(tmp_path), code=3
    )
    assert not (tmp_path / "gossamer.key").exists()
    (tmp_path / "gossamer.key").write_text(base64.b64encode(bytes(31) + b"1").decode())
    assert "was sealed with another key" in store("check", "--data-dir", str(tmp_path), code=3)
