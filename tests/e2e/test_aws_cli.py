"""The unmodified AWS CLI with the Getting Started's own files."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gossamer.demo.run import FILES
from tests.support.control_plane import running_control_plane

pytestmark = pytest.mark.e2e

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "getting-started"


def test_the_getting_started_goes_in_byte_for_byte(tmp_path: Path) -> None:
    with running_control_plane(tmp_path) as plane:

        def aws(*words: str) -> Any:
            program = Path(sys.executable).with_name("aws")
            command = (str(program), "--endpoint-url", plane.url, "--output", "json", "appmesh", *words)
            environ = {
                "PATH": os.environ["PATH"],
                "AWS_ACCESS_KEY_ID": "id",
                "AWS_SECRET_ACCESS_KEY": "secret",
                "AWS_DEFAULT_REGION": "us-west-2",
                "AWS_CONFIG_FILE": str(tmp_path / "none"),
                "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
            }
            done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout)

        assert aws("create-mesh", "--mesh-name", "simpleapp")["mesh"]["spec"] == {}
        for command, file in FILES:
            (found,) = aws(command, "--cli-input-json", f"file://{EXAMPLES / file}").values()
            written = json.loads((EXAMPLES / file).read_text())
            assert found["spec"] == {**found["spec"], **written["spec"]}
            assert found["status"] == {"status": "ACTIVE"}
        listed = aws("list-virtual-nodes", "--mesh-name", "simpleapp")["virtualNodes"]
        assert [one["virtualNodeName"] for one in listed] == ["serviceA", "serviceBv1", "serviceBv2"]
        problems = plane.get("/gossamer/v1/meshes/simpleapp/problems")["problems"]
        assert problems == []
