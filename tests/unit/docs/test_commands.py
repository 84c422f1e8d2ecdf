"""Every command and every flag is explained where readers look for it."""

import re
from pathlib import Path
from typing import Final

PAGE: Final = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "commands.md").read_text()


def test_every_flag_says_what_it_is_for() -> None:
    flags = re.findall(r"^\* `([^`]+)`:?(.*)$", PAGE, flags=re.MULTILINE)
    assert len(flags) > 50
    assert [flag for flag, text in flags if not re.match(r" \w", text)] == []


def test_every_command_says_what_it_does() -> None:
    rows = re.findall(r"^\| \[`(gossamer [^`]+)`\]\(#[\w-]+\) \| (.*) \|$", PAGE, flags=re.MULTILINE)
    assert len(rows) > 20
    assert [command for command, text in rows if not re.match(r"\w.*\.$", text)] == []
