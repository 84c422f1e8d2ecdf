import contextlib
from pathlib import Path

import pytest

from gossamer.sidecar.life_settings import LogFile
from gossamer.sidecar.log_file import RotatingFile
from gossamer.sidecar.variable import Misconfigured


def log_file(folder: Path, count: int = 2) -> LogFile:
    return LogFile(directory=str(folder / "logs"), name="envoy.log", size=10, count=count)


def write(settings: LogFile, *pieces: bytes) -> None:
    with contextlib.closing(RotatingFile(settings)) as file:
        for piece in pieces:
            file.write(piece)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (folder / "logs").iterdir()}


def test_a_full_file_makes_way_for_a_new_one_and_the_oldest_goes(tmp_path: Path) -> None:
    write(log_file(tmp_path), b"one-----\n", b"two-----\n", b"three---\n", b"four----\n")
    assert contents(tmp_path) == {
        "envoy.log": "four----\n",
        "envoy.log.1": "three---\n",
        "envoy.log.2": "two-----\n",
    }


def test_what_is_there_already_is_kept_and_counted(tmp_path: Path) -> None:
    write(log_file(tmp_path), b"before\n")
    write(log_file(tmp_path), b"after\n")
    assert contents(tmp_path) == {"envoy.log": "after\n", "envoy.log.1": "before\n"}


def test_no_full_file_need_be_kept(tmp_path: Path) -> None:
    write(log_file(tmp_path, count=0), b"one-----\n", b"two-----\n")
    assert contents(tmp_path) == {"envoy.log": "two-----\n"}


def test_a_directory_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")
    with pytest.raises(Misconfigured, match=r"logs/envoy\.log"):
        RotatingFile(log_file(tmp_path))
