"""The units under deploy/systemd, as systemd itself reads them, and the settings that they load."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gossamer.cli.main import COMMANDS
from gossamer.sidecar.intercept.env import interception
from gossamer.sidecar.variable import Reader

HERE = Path(__file__).resolve().parents[3] / "deploy" / "systemd"
UNITS = sorted(HERE.glob("*.service"))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        # Here nothing is installed; every program that we start is ours, or the system's shell.
        text = unit.read_text().replace("/opt/gossamer/bin/gossamer", shutil.which("true") or "/bin/true")
        (tmp_path / unit.name).write_text(text)
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *tmp_path.iterdir()],
        capture_output=True,
        text=True,
        check=False,
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
    )
    ours = [line for line in found.stderr.splitlines() if str(tmp_path) in line or "gossamer" in line]
    assert ours == []
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_there_is(unit: Path) -> None:
    for command in re.findall(r"^Exec\w+=/opt/gossamer/bin/gossamer (.*)$", unit.read_text(), re.MULTILINE):
        assert command.split()[0] in COMMANDS


def test_the_interceptions_settings_are_an_interception() -> None:
    lines = (line for line in (HERE / "sidecar.env").read_text().splitlines() if not line.startswith("#"))
    environ = dict(line.split("=", 1) for line in lines)
    found = interception(environ)
    assert (found.ignored_uid, found.egress_port, found.ingress_port) == (1337, 15001, 15000)
    assert Reader(environ).ignored == []


def test_installing_is_shell_that_the_shell_understands() -> None:
    subprocess.run(["sh", "-n", HERE / "install.sh"], check=True)
