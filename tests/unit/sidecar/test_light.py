import subprocess
import sys

import pytest

#: Loads what a sidecar without flags runs, and says which of these came with it.
LOADED = "import sys, gossamer.cli.sidecar; print(*(one for one in sys.argv[1:] if one in sys.modules))"
HEAVY = ("cyclopts", "rich", "yaml", "aiohttp", "pydantic", "grpc", "sqlalchemy", "starlette")


def test_a_sidecar_without_flags_loads_nothing_that_it_does_not_need() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED, *HEAVY], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("arguments", [["agent", "--help"], ["--version"]])
def test_everything_else_goes_through_the_commands(arguments: list[str]) -> None:
    program = "import sys; from gossamer.cli.entry import main; main()"
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, check=False)
    assert done.returncode == 0
