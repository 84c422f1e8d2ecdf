"""The list of commands."""

import subprocess
import sys

from gossamer.cli.main import COMMANDS


def test_the_list_of_commands_says_what_each_is_for() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "gossamer.cli.main", "--help"], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.strip("│ ").split() for line in shown.splitlines()]
    assert set(COMMANDS) <= {row[0] for row in rows if len(row) > 2}
