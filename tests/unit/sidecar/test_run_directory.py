import os
from pathlib import Path

import pytest

from gossamer.sidecar.run_directory import _may_write


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may start Envoy as another user")
@pytest.mark.parametrize(
    ("mode", "owner", "may"),
    [(0o644, 0, False), (0o644, 1337, True), (0o666, 0, True), (0o600, 1500, False)],
)
def test_a_log_of_another_user_is_not_envoys_to_write(
    tmp_path: Path, mode: int, owner: int, *, may: bool
) -> None:
    log = tmp_path / "admin.log"
    log.touch()
    log.chmod(mode)
    os.chown(log, owner, -1)
    assert _may_write(log, 1337) is may


def test_a_log_that_is_not_there_yet_can_be_made(tmp_path: Path) -> None:
    assert _may_write(tmp_path / "admin.log", 1337)
