"""`gossamer top` on a terminal of its own, against a real control plane."""

import contextlib
import json
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.control_plane import ControlPlane, running_control_plane

pytestmark = pytest.mark.e2e


@dataclass
class Terminal:
    """A terminal on which it runs."""

    process: subprocess.Popen[bytes]
    end: int
    before: list[object]
    seen: bytes = b""

    def until(self, text: bytes) -> None:
        """Read what it draws until a text is there."""
        deadline = time.monotonic() + 60
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            if select.select([self.end], [], [], 0.1)[0]:
                self.seen += os.read(self.end, 65536)

    def press(self, key: bytes) -> None:
        os.write(self.end, key)

    def ends(self) -> int:
        """Its exit code; the terminal is then as it was, on its usual screen and with its cursor."""
        deadline = time.monotonic() + 60
        while self.process.poll() is None:
            assert time.monotonic() < deadline
            if select.select([self.end], [], [], 0.1)[0]:
                self.seen += os.read(self.end, 65536)
        while select.select([self.end], [], [], 0.2)[0]:
            self.seen += os.read(self.end, 65536)
        assert termios.tcgetattr(self.end) == self.before
        assert self.seen.rstrip().endswith((b"\x1b[?1049l", b"\x1b[?25h")), self.seen[-100:]
        return self.process.returncode


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("top")) as found:
        found.client().create_mesh(meshName="shop")
        yield found


def command(plane: ControlPlane, *more: str) -> list[str]:
    return [sys.executable, "-m", "gossamer.cli.main", "top", "--endpoint-url", plane.url, *more]


@contextlib.contextmanager
def terminal(plane: ControlPlane) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(ours)
    environ = os.environ | {"TERM": "xterm", "COLUMNS": "110", "LINES": "30"}
    process = subprocess.Popen(
        command(plane), stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True
    )
    try:
        yield Terminal(process, ours, list(before))
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)


def test_keys_sort_and_quit_and_the_terminal_is_as_it_was(plane: ControlPlane) -> None:
    with terminal(plane) as found:
        found.until(b"sort (requests)")
        found.press(b"s")
        found.until(b"sort (errors)")
        found.press(b"q")
        assert found.ends() == 0


def test_an_interrupt_leaves_the_terminal_as_it_was(plane: ControlPlane) -> None:
    with terminal(plane) as found:
        found.until(b"sort (requests)")
        found.process.send_signal(2)
        assert found.ends() == 0


def test_scripts_are_told_once(plane: ControlPlane) -> None:
    done = subprocess.run(command(plane, "-o", "json"), capture_output=True, timeout=60, check=True)
    told = json.loads(done.stdout)
    assert told["traffic"]["mesh"] == "shop"
    assert told["proxies"] == []


def test_a_mesh_that_is_not_there_is_named(plane: ControlPlane, tmp_path: Path) -> None:
    done = subprocess.run(
        command(plane, "--once", "--mesh", "none"),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert (done.returncode, "Mesh with name none is not present" in done.stderr) == (1, True)
