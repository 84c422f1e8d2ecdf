"""`gossamer keys` and `gossamer share` as people and scripts use them."""

import json
import stat
from pathlib import Path
from typing import Any

import jwt
import pytest
import yaml

from gossamer.cli.main import app
from gossamer.model.kind import MeshKey
from gossamer.store import shares
from tests.support.access_keys import changing
from tests.support.stored import new_mesh

FULL = "AWSAppMeshFullAccess"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command on a data directory; returns its exit code, output and errors."""

    def command(*words: str) -> tuple[int, str, str]:
        code = app([*words, "--data-dir", str(tmp_path)], result_action="return_value")
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def test_a_secret_is_shown_once_and_kept_sealed(run: Any, tmp_path: Path) -> None:
    code, out, _ = run("keys", "create", "--policy", FULL, "--account-id", "123456789012", "-o", "json")
    made = json.loads(out)["AccessKey"]
    assert (code, made["Principal"]) == (0, "arn:aws:iam::123456789012:user/admin")
    secret = made["SecretAccessKey"]
    for words in (("list",), ("list", "-o", "json"), ("show", made["AccessKeyId"])):
        code, out, error = run("keys", *words)
        assert (code, made["AccessKeyId"] in out, secret in out + error) == (0, True, False)
    files = b"".join(path.read_bytes() for path in tmp_path.glob("gossamer.db*"))
    assert secret.encode() not in files
    assert stat.S_IMODE((tmp_path / "gossamer.key").stat().st_mode) == 0o600


def test_a_key_is_told_in_every_form_that_its_owner_may_want(run: Any) -> None:
    for form, start in (
        ("text", "aws_access_key_id = "),
        ("env", "export AWS_ACCESS_KEY_ID="),
        ("credentials", "[gossamer]\naws_access_key_id = "),
    ):
        code, out, _ = run("keys", "create", "--policy", FULL, "--ttl", "1h", "-o", form)
        assert code == 0
        assert out.startswith(start)
        assert "session_token" in out.lower()


def test_a_key_is_disabled_enabled_rotated_and_deleted(run: Any) -> None:
    def status() -> dict[str, str]:
        listed = json.loads(run("keys", "list", "-o", "json")[1])["AccessKeys"]
        return {one["AccessKeyId"]: one["Status"] for one in listed}

    run("keys", "create", "--policy", FULL)
    (key,) = status()
    run("keys", "disable", key)
    assert status() == {key: "Inactive"}
    run("keys", "enable", key)
    assert status() == {key: "Active"}
    assert run("keys", "rotate", key, "--overlap", "24h")[0] == 0
    assert len(status()) == 2
    assert run("keys", "delete", key)[::2] == (0, "")
    assert key not in status()
    assert run("keys", "delete", key)[::2] == (
        1,
        f"gossamer keys: there is no access key {key}; `gossamer keys list` shows those that there are\n",
    )


def test_whoever_deletes_the_last_key_is_told_what_that_opens(run: Any) -> None:
    run("keys", "create", "--policy", FULL)
    (key,) = (one["AccessKeyId"] for one in json.loads(run("keys", "list", "-o", "json")[1])["AccessKeys"])
    code, _, said = run("keys", "delete", key)
    assert code == 0
    assert said.startswith("gossamer: that was the last key. A server that runs lets nobody in until")


def test_policies_are_attached_and_detached(run: Any, tmp_path: Path) -> None:
    run("keys", "create", "--policy", FULL)
    key = json.loads(run("keys", "list", "-o", "json")[1])["AccessKeys"][0]["AccessKeyId"]
    document = tmp_path / "nodes.json"
    document.write_text('{"Statement": {"Effect": "Allow", "Action": "appmesh:*", "Resource": "*"}}')
    assert run("keys", "policy", key, "--attach", str(document), "--detach", FULL)[0] == 0
    assert json.loads(run("keys", "show", key, "-o", "json")[1])["PolicyNames"] == ["nodes"]
    code, _, error = run("keys", "policy", key, "--detach", FULL)
    assert (code, "the key has no policy AWSAppMeshFullAccess; it has nodes" in error) == (2, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--policy", "Nothing"), "Nothing is no policy that we know, nor a file"),
        (("--policy", FULL, "--account-id", "12"), "'12' is not an AWS account, 12 digits"),
        (("--policy", FULL, "--principal", "arn:aws:iam::999999999999:user/x"), "of account 000000000000"),
        (("--policy", FULL, "--principal", "a b"), "neither a user's name nor the ARN"),
    ],
)
def test_a_mistake_is_one_sentence_and_makes_no_key(run: Any, words: tuple[str, ...], sentence: str) -> None:
    code, out, error = run("keys", "create", *words)
    assert (code, out) == (2, "")
    assert sentence in error
    assert json.loads(run("keys", "list", "-o", "json")[1]) == {"AccessKeys": []}


def test_a_mesh_is_shared_listed_and_shared_no_more(run: Any, tmp_path: Path) -> None:
    other = "111111111111"
    code, _, error = run("share", "add", "m", other)
    assert (code, error) == (1, "gossamer share: Mesh with name m is not present for account 000000000000\n")
    new_mesh(tmp_path, MeshKey("000000000000", "m"))
    assert run("share", "add", "m", other)[0] == run("share", "add", "m", other)[0] == 0
    listed = json.loads(run("share", "list", "-o", "json")[1])["shares"]
    assert listed == [{"meshOwner": "000000000000", "meshName": "m", "account": other}]
    assert other in run("share", "list")[1]
    assert yaml.safe_load(run("share", "list", "-o", "yaml")[1])["shares"] == listed
    assert run("share", "remove", "m", other)[0] == 0
    assert run("share", "remove", "m", other)[0] == 1
    assert run("share", "add", "m", "000000000000")[0] == run("share", "add", "m", "1")[0] == 2
    with changing(tmp_path) as connection:
        assert shares.every(connection) == ()


@pytest.mark.parametrize("words", [("shop@111111111111",), ("shop", "--account-id", "111111111111")])
def test_a_token_for_a_mesh_of_another_account_names_its_owner(run: Any, words: tuple[str, ...]) -> None:
    code, out, _ = run("keys", "token", "--virtual-node", "cart", "--ttl", "1h", "--mesh", *words)
    claims = jwt.decode(out.strip(), options={"verify_signature": False})
    assert (code, claims["account"], claims["sub"]) == (0, "111111111111", "mesh/shop/virtualNode/cart")


def test_a_token_for_a_mesh_of_nobody_is_refused(run: Any) -> None:
    code, out, error = run("keys", "token", "--virtual-node", "cart", "--ttl", "1h", "--mesh", "shop@me")
    assert (code, out, error) == (2, "", "gossamer keys: 'me' is not an AWS account, 12 digits\n")
