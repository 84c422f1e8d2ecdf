"""The AWS CLI in this process, and AWS tools whose own description of App Mesh is gone."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awscli.clidriver
import botocore
import pytest
from botocore.loaders import Loader


@dataclass
class AwsCli:
    """The unmodified AWS CLI; it forgets everything between two calls but its files."""

    endpoint: str
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> tuple[int, str, str]:
        """One call: its exit code, and what it said."""
        self.capsys.readouterr()
        code = awscli.clidriver.create_clidriver().main(
            ["--endpoint-url", self.endpoint, "--output", "json", *words]
        )
        said = self.capsys.readouterr()
        return int(code), said.out, said.err

    def appmesh(self, *words: str) -> Any:
        """One call that must succeed; returns what it printed."""
        code, out, err = self.run("appmesh", *words)
        assert code == 0, err
        return json.loads(out)


def alone(monkeypatch: pytest.MonkeyPatch, home: Path, **variables: str) -> None:
    """Leave the AWS tools with nothing of this machine but the given variables."""
    # The CLI finds its own data by AWS_DATA_PATH, which it sets when it is imported.
    for name in [name for name in os.environ if name.startswith("AWS_") and name != "AWS_DATA_PATH"]:
        monkeypatch.delenv(name)
    known = {
        "HOME": str(home),
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_CONFIG_FILE": str(home / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }
    for name, value in {**known, **variables}.items():
        monkeypatch.setenv(name, value)


def without_app_mesh(monkeypatch: pytest.MonkeyPatch, directory: Path) -> Path:
    """Hide botocore's own description, as a later release will; returns where users put theirs."""
    builtin, users = directory / "botocore-data", directory / "models"
    builtin.mkdir()
    for found in (Path(botocore.__file__).parent / "data").iterdir():
        if found.name != "appmesh":
            (builtin / found.name).symlink_to(found)
    monkeypatch.setattr(Loader, "BUILTIN_DATA_PATH", str(builtin))
    monkeypatch.setattr(Loader, "CUSTOMER_DATA_PATH", str(users))
    return users
