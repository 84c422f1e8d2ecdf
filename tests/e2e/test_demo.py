"""`gossamer demo --once`: the whole Getting Started, with nothing left behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.envoy import OWN_MACHINE

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("mode", ["auto", "user", "explicit"])
def test_the_demo_plays_to_its_end_and_leaves_nothing(tmp_path: Path, mode: str) -> None:
    environ = {"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    # Its ports are those of the machine that it is started on, which other tests may use, other demos too.
    within = (*OWN_MACHINE, 'ip link set lo up; exec "$@"', "sh")
    command = (*within, sys.executable, "-m", "gossamer.cli.main", "demo", "--once", "--mode", mode)
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for shown in ("Shift to 50/50", "Shift to 0/100", "no request failed"):
        assert shown in done.stdout
    assert list(tmp_path.iterdir()) == []
    running = subprocess.run(("ps", "-eo", "args"), capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in running
