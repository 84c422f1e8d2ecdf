import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    "tool",
    [
        "make_settings_reference.py",
        "make_agent_reference.py",
        "make_analysis_reference.py",
        "make_api_reference.py",
        "make_wire_reference.py",
        "make_metrics_reference.py",
        "make_command_reference.py",
    ],
)
def test_a_generated_page_is_current(tool: str) -> None:
    command = [sys.executable, str(ROOT / "tools" / tool), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
