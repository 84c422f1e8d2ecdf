"""What people see on terminals of any width: words are whole, so that they can be copied."""

import re
import sys
from collections.abc import Callable

import pytest

from gossamer.cli.shown import principal, show_table

COLUMNS = ("key", "principal", "policies")
ROWS = [("GKIALW2GXGG6VUZ3PVPX", "ann", "AWSAppMeshFullAccess"), ("GKIB", "bob", "")]


def plain(capsys: pytest.CaptureFixture[str]) -> str:
    """What was said, whatever its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)


Watched = Callable[[int], None]


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Has somebody watch, at a terminal so wide."""

    def watch(width: int) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", str(width))

    return watch


def test_a_wide_terminal_has_a_table(watched: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    watched(80)
    show_table(COLUMNS, ROWS)
    assert [line.split() for line in plain(capsys).splitlines()] == [
        ["KEY", "PRINCIPAL", "POLICIES"],
        ["GKIALW2GXGG6VUZ3PVPX", "ann", "AWSAppMeshFullAccess"],
        ["GKIB", "bob"],
    ]


def test_a_narrow_one_has_a_line_for_each_cell_and_no_word_is_cut(
    watched: Watched, capsys: pytest.CaptureFixture[str]
) -> None:
    watched(40)
    show_table(COLUMNS, ROWS)
    assert plain(capsys) == (
        "KEY GKIALW2GXGG6VUZ3PVPX\nPRINCIPAL ann\nPOLICIES AWSAppMeshFullAccess\n\nKEY GKIB\nPRINCIPAL bob\n"
    )


def test_an_empty_table_has_its_heads(watched: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    watched(80)
    show_table(COLUMNS, [])
    assert plain(capsys).split() == ["KEY", "PRINCIPAL", "POLICIES"]


@pytest.mark.parametrize(
    ("arn", "said"),
    [
        ("arn:aws:iam::000000000000:user/ann", "ann"),
        ("arn:aws:iam::000000000000:role/deployer", "role/deployer"),
        ("arn:aws:iam::000000000000:root", "root"),
    ],
)
def test_a_principal_is_named_in_short(arn: str, said: str) -> None:
    assert principal(arn) == said
