"""The plugin called as a container runtime calls it: networks by path, a real interception."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gossamer.contract import PROXY_UID
from tests.support.machines import APP, APP_V6, GOSSAMER, IGNORED, OTHER, OTHER_V6, Machines, ask, joined
from tests.unit.sidecar.test_cni import CONFIG, PREVIOUS

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(os.geteuid() != 0, reason="a runtime that calls the plugin is root"),
]
WANTED = CONFIG | {"egressIgnoredIPs": [IGNORED], "enableIPv6": True, "prevResult": PREVIOUS}


@pytest.fixture(scope="module")
def machines() -> Iterator[Machines]:
    with joined() as machines:
        yield machines


@contextlib.contextmanager
def mounted(machines: Machines, path: Path) -> Iterator[None]:
    """The application's network under a path, as a runtime keeps it."""
    path.touch()
    subprocess.run(["mount", "--bind", f"/proc/{machines.app.pid}/ns/net", path], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", path], check=True)


def called(command: str, netns: Path, config: Any = WANTED) -> tuple[int, Any]:
    """Call the plugin; its exit code and its answer."""
    done = subprocess.run(
        [sys.executable, "-c", GOSSAMER, "cni"],
        input=json.dumps(config),
        env={
            "PATH": os.environ["PATH"],
            "CNI_COMMAND": command,
            "CNI_CONTAINERID": "c1",
            "CNI_NETNS": str(netns),
            "CNI_IFNAME": "eth0",
            "CNI_PATH": "/opt/cni/bin",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def test_a_network_is_intercepted_from_add_to_del_and_left_as_it_was(
    machines: Machines, tmp_path: Path
) -> None:
    netns = tmp_path / "netns"
    before = machines.ruleset()
    with mounted(machines, netns):
        assert called("CHECK", netns)[0] == 1
        assert called("ADD", netns) == (0, PREVIOUS)
        assert called("CHECK", netns) == (0, "")
        assert ask(machines.app, OTHER, 80) == "egress"
        assert ask(machines.app, OTHER, 80, uid=PROXY_UID) == "http"
        assert ask(machines.app, OTHER, 443) == "https"
        assert ask(machines.app, OTHER, 22) == "egress"
        assert ask(machines.app, IGNORED, 80) == "http"
        assert ask(machines.app, OTHER_V6, 80) == "egress"
        assert ask(machines.other, APP, 8080) == "ingress"
        assert ask(machines.other, APP_V6, 8080) == "ingress"
        once = machines.ruleset()
        assert called("ADD", netns)[0] == 0
        assert machines.ruleset() == once
        assert called("DEL", netns) == (0, "")
        assert machines.ruleset() == before
        assert called("DEL", netns) == (0, "")


def test_a_network_that_is_gone_is_deleted_without_complaint_and_not_added(tmp_path: Path) -> None:
    assert called("DEL", tmp_path / "gone") == (0, "")
    code, said = called("ADD", tmp_path / "gone")
    assert code == 1
    assert said["code"] == 100
