"""The list of commands."""

import os
import subprocess
import sys

import pytest

from gossamer.cli.main import COMMANDS, app
from gossamer.cli.synopsis import synopsis


def test_the_list_of_commands_says_what_each_is_for() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "gossamer.cli.main", "--help"], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.strip("│ ").split() for line in shown.splitlines()]
    assert set(COMMANDS) <= {row[0] for row in rows if len(row) > 2}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_list_says_what_a_commands_own_help_begins_with(command: str) -> None:
    assert synopsis(command) == app[command].help.strip().partition("\n")[0]


def test_a_command_without_its_source_is_listed_by_its_name_alone() -> None:
    assert not synopsis("nothing_of_that_name")


def run_into(target: int) -> tuple[int, str]:
    """How a command that has something to say ends, and what it complains of."""
    command = [sys.executable, "-m", "gossamer.cli.main", "completion", "bash"]
    done = subprocess.run(command, stdout=target, stderr=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stderr


def test_a_reader_that_has_left_ends_a_command_without_a_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    assert run_into(writer) == (141, "")
    os.close(writer)


def test_a_full_disk_is_told_in_one_sentence() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    assert run_into(full) == (1, "gossamer: No space left on device\n")
    os.close(full)
