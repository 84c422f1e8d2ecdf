"""Our commands find a control plane and credentials where the AWS CLI finds them: botocore is the witness."""

from pathlib import Path

import botocore.session
import pytest

from gossamer.cli.aws_settings import Credentials, ca_bundle, credentials, endpoint, region

CONFIG = """
[default]
region = eu-central-1
endpoint_url = http://default:1

[profile work]
region = eu-west-1
services = local
ca_bundle = /roots.pem
aws_access_key_id = k
aws_secret_access_key = s

[services local]
app_mesh =
  endpoint_url = http://work:2
s3 =
  endpoint_url = http://s3:3
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "config").write_text(CONFIG)
    files = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}
    return {name: str(tmp_path / file) for name, file in files.items()}


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ({}, "http://default:1"),
        ({"AWS_PROFILE": "work"}, "http://work:2"),
        ({"AWS_DEFAULT_PROFILE": "work"}, "http://work:2"),
        ({"AWS_ENDPOINT_URL": "http://any:4", "AWS_PROFILE": "work"}, "http://any:4"),
        ({"AWS_ENDPOINT_URL_APP_MESH": "http://ours:5", "AWS_ENDPOINT_URL": "http://any:4"}, "http://ours:5"),
    ],
)
def test_the_endpoint_is_the_one_that_the_aws_cli_finds(
    environ: dict[str, str], said: dict[str, str], there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (environ | said).items():
        monkeypatch.setenv(name, text)
    session = botocore.session.get_session()
    session.set_credentials("a", "b")
    client = session.create_client("appmesh", region_name="us-west-2", verify=False)
    assert endpoint(environ | said) == there == client.meta.endpoint_url


def test_endpoints_that_are_configured_can_be_ignored(environ: dict[str, str]) -> None:
    environ |= {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL": "http://any:4"}
    assert endpoint(environ) == "http://127.0.0.1:8080" == endpoint({"HOME": "/nowhere"})


def test_a_profile_of_the_configuration_says_credentials_region_and_authorities(
    environ: dict[str, str],
) -> None:
    assert credentials(environ) is None
    assert region(environ) == "eu-central-1"
    work = environ | {"AWS_PROFILE": "work"}
    assert (credentials(work), region(work), ca_bundle(work)) == (
        Credentials("k", "s"),
        "eu-west-1",
        "/roots.pem",
    )
    assert region(work | {"AWS_REGION": "eu-north-1"}) == "eu-north-1"
    assert ca_bundle(work | {"AWS_CA_BUNDLE": "/other.pem"}) == "/other.pem"


def test_credentials_come_from_the_environment_or_a_profile(tmp_path: Path) -> None:
    path = tmp_path / "credentials"
    path.write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    environ = {"AWS_SHARED_CREDENTIALS_FILE": str(path), "HOME": str(tmp_path)}
    assert credentials(environ) == Credentials("a", "b")
    path.write_text(path.read_text() + "[gossamer]\naws_access_key_id = c\naws_secret_access_key = d\n")
    assert credentials(environ) == Credentials("c", "d")
    assert credentials(environ | {"AWS_PROFILE": "default"}) == Credentials("a", "b")
    assert credentials(environ | {"AWS_PROFILE": "none"}) is None
    assert credentials({"HOME": str(tmp_path)}) is None
