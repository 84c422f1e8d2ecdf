"""What `gossamer serve` loads until it serves streams, and other commands until they ask somebody."""

import subprocess
import sys
from pathlib import Path

import pytest

#: Starts it, ends it where it begins to serve streams, and says which of these are loaded by then.
PROGRAM = """
import os, sys
from gossamer.cli.entry import main
from gossamer.runtime import tuning
directory, *asked = sys.argv[1:]
sys.argv[1:] = ["serve", "--data-dir", directory, "--api-port", "0", "--xds-port", "0"]
async def start(self):
    print(*(one for one in asked if one in sys.modules), flush=True)
    os._exit(0)
def begin(environ, really=tuning.begin):
    really(environ)
    from gossamer.xds.server import XdsServer
    XdsServer.start = start
tuning.begin = begin
main()
"""

#: Each takes longer to load than its part in a start is worth; the API comes once streams are served.
HEAVY = (
    "aiobotocore",
    "aiohttp",
    "alembic",
    "anyio",
    "botocore",
    "click",
    "gossamer.analysis",
    "gossamer.api.preview",
    "gossamer.explain",
    "httptools",
    "multiprocessing",
    "opentelemetry",
    "psycopg",
    "rich",
    "ruamel",
    "sqlalchemy.dialects.postgresql",
    "starlette.applications",
    "uvicorn",
    "yaml",
)


def test_streams_are_served_before_anything_is_loaded_that_they_do_not_need(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), *HEAVY, "gossamer.runtime.serve"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["gossamer.runtime.serve"]


#: Says which shapes are ready to validate once all of them are declared.
BUILT = """
from gossamer.api.preview import inputs
from gossamer.model.spec import Spec
def below(shape):
    for one in shape.__subclasses__():
        yield one
        yield from below(one)
print(*{one.__name__ for one in below(Spec) if one.__pydantic_complete__})
"""


def test_a_shape_is_not_built_before_it_is_used() -> None:
    done = subprocess.run([sys.executable, "-c", BUILT], capture_output=True, text=True, check=True)
    assert len(done.stdout.split()) < 10  # The few that are another one's default.


@pytest.mark.parametrize("style", ["console", "json"])
def test_a_log_without_rich_tells_an_error_as_text(style: str) -> None:
    program = f"""
import os
from gossamer.runtime import tuning
tuning.begin(os.environ)
from gossamer.runtime import journal
import structlog
journal.set_up(level="info", style="{style}")
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger("x").exception("failed")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "ZeroDivisionError: division by zero" in done.stderr


@pytest.mark.parametrize("words", [["--help"], ["explain", "--help"], ["analyze", "--help"]])
def test_a_command_that_asks_a_server_loads_none_of_it(words: list[str]) -> None:
    program = """
import sys
from gossamer.cli.entry import main
try:
    main()
finally:
    sys.stderr.write(" ".join(one for one in ("pydantic", "sqlalchemy") if one in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True)
    assert done.stderr == ""
