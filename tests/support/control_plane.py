"""The real control plane as its own process, as `gossamer serve` starts it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.support.starting import Program, start

ACCOUNT = "000000000000"


@dataclass
class ControlPlane:
    """A running `gossamer serve`."""

    process: Program
    url: str
    socket: Path
    xds: str = ""

    def client(self, api_version: str | None = None, config: Config | None = None) -> Any:
        """An unmodified AWS SDK, pointed at it.

        A session keeps the errors of the first version that it was asked for, so an earlier one gets its own.
        """
        maker = boto3 if api_version is None else boto3.session.Session()
        return maker.client(
            "appmesh",
            api_version=api_version,
            endpoint_url=self.url,
            region_name="us-west-2",
            aws_access_key_id="id",
            aws_secret_access_key="secret",
            config=config,
        )

    def get(self, path: str) -> Any:
        """What one of its own routes answers."""
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:  # noqa: S310 - its own address
            return json.load(answer)

    def proxies(self) -> list[dict[str, Any]]:
        """Every connected proxy."""
        return list(self.get("/gossamer/v1/proxies")["proxies"])

    async def is_in_sync(self) -> bool:
        """Whether there are proxies, and all run what they should."""
        return bool(self.proxies()) and all(proxy["state"] == "in sync" for proxy in self.proxies())

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextlib.contextmanager
def running_control_plane(
    directory: Path,
    *flags: str,
    within: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
    is_fresh: bool = False,
) -> Iterator[ControlPlane]:
    """A control plane on its own data directory and free ports, ended when the test is.

    `within` is a command that runs another, `variables` are further ones of its environment. In a test, it
    has its imports behind it when it starts, unless it `is_fresh`.
    """
    socket = directory / "xds.sock"
    words = [
        "serve",
        *("--data-dir", str(directory / "data"), "--xds-port", "0"),
        # A port of its own, but for one that starts again where it was.
        *(() if "--api-port" in flags else ("--api-port", "0")),
        *("--xds-socket", str(socket), "--log-format", "json", *flags),
        # Nobody waits for a load balancer here, unless the test is about that.
        *(() if "--drain-seconds" in flags else ("--drain-seconds", "0")),
    ]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GOSSAMER_")}
    environ |= variables or {}
    said = directory / f"serve-{len(list(directory.glob('serve-*.log')))}.log"
    with said.open("w") as log:
        process: Program
        if is_fresh or within or variables or "PYTEST_CURRENT_TEST" not in environ:
            command = (*within, sys.executable, "-m", "gossamer.cli.main", *words)
            process = subprocess.Popen(command, stderr=log, env=environ)
        else:
            process = start(words, environ, err=log)
        try:
            found = _addresses(process, said)
            yield ControlPlane(process, str(found["api"]), socket, str(found["xds"]))
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()


def _addresses(process: Program, said: Path) -> dict[str, Any]:
    """Where it answers, once it does."""
    while process.poll() is None:
        for line in said.read_text().splitlines():
            if '"serving"' in line and line.endswith("}"):
                return dict(json.loads(line))
        time.sleep(0.02)
    raise AssertionError(f"the control plane did not start: {said.read_text()}")
