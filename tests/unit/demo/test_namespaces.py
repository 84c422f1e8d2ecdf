from pathlib import Path

import pytest

from gossamer.demo import namespaces
from gossamer.demo.run import short_enough


def test_users_are_mapped_only_where_both_files_grant_us_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda program: program)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    users, groups = tmp_path / "subuid", tmp_path / "subgid"
    users.write_text("somebody:100000:65536\nroot:200000:65536\n")
    assert not namespaces.may_map_users((users, groups))
    groups.write_text("somebody:100000:65536\n")
    assert not namespaces.may_map_users((users, groups))
    groups.write_text("0:200000:65536\n")
    assert namespaces.may_map_users((users, groups))


def test_a_long_temporary_directory_is_not_used_for_sockets() -> None:
    assert short_enough(Path("/home/me")) == Path("/home/me")
    assert len(str(short_enough(Path("/" + "long/" * 20)))) < 60
