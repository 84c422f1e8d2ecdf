"""The AWS CLI, unmodified, run as a user would run it."""

import asyncio
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gossamer.demo.processes import DemoFailed, environment


@dataclass(frozen=True, slots=True)
class Aws:
    """The CLI pointed at one endpoint. `directory` stands in for the user's home."""

    program: str
    endpoint: str
    directory: Path

    @classmethod
    def found(cls, endpoint: str, directory: Path) -> "Aws":
        """The CLI beside this Python, else the one on the PATH.

        Raises: DemoFailed if there is none.
        """
        beside = Path(sys.executable).with_name("aws")
        program = str(beside) if beside.exists() else shutil.which("aws")
        if program is None:
            raise DemoFailed("the AWS CLI is missing: pip install 'gossamer[demo]', or put `aws` on the PATH")
        return cls(program, endpoint, directory)

    async def appmesh(self, *words: str) -> dict[str, Any]:
        """One call; returns what it printed.

        Raises: DemoFailed with the CLI's own words.
        """
        command = (self.program, "--endpoint-url", self.endpoint, "--output", "json", "appmesh", *words)
        nowhere = str(self.directory / "no-config")
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment(
                AWS_ACCESS_KEY_ID="demo",
                AWS_SECRET_ACCESS_KEY="demo",  # noqa: S106 - nothing checks it
                AWS_DEFAULT_REGION="us-west-2",
                AWS_CONFIG_FILE=nowhere,
                AWS_SHARED_CREDENTIALS_FILE=nowhere,
                AWS_EC2_METADATA_DISABLED="true",
                AWS_PAGER="",
            ),
        )
        out, err = await process.communicate()
        if process.returncode != 0:
            raise DemoFailed(f"aws appmesh {' '.join(words)}: {err.decode(errors='replace').strip()}")
        found: dict[str, Any] = json.loads(out)
        return found
