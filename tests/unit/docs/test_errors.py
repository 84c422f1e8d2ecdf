"""Every error that a caller may be answered with has its section, with its status."""

import re
from pathlib import Path
from typing import Final

import pytest

from gossamer.api.faults import FAULTS
from gossamer.api.refusal import Refusal

PAGE: Final = Path(__file__).resolve().parents[3] / "docs" / "reference" / "errors.md"
SECTIONS: Final = dict(re.findall(r"^### (\w+)\n\n(.*)$", PAGE.read_text(), flags=re.MULTILINE))
ANSWERED: Final = {name: status for status, name in FAULTS.values()} | {
    one.fault: one.status for one in Refusal
}


@pytest.mark.parametrize("name", ANSWERED)
def test_an_error_has_its_section_with_its_status(name: str) -> None:
    assert SECTIONS[name].startswith(f"{ANSWERED[name]}. ")


def test_no_section_is_about_an_error_that_nobody_is_answered_with() -> None:
    assert SECTIONS.keys() - ANSWERED.keys() == {"UnknownOperationException"}
