"""How many threads Envoy gets: what the kernel says, in both versions of cgroups, and what comes of it."""

from pathlib import Path

import pytest

from gossamer.sidecar.binary import envoy_command
from gossamer.sidecar.env import settings
from gossamer.sidecar.workers import Share, share_here, workers


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (Share(8), 8),
        (Share(8, quota=2.5), 2),
        (Share(8, quota=0.25), 1),
        (Share(8, shares=3.0), 3),
        (Share(8, quota=4.0, shares=0.1), 1),
        (Share(2, quota=16.0, shares=64.0), 2),
    ],
)
def test_threads_are_whole_processors_of_the_least_that_bounds_them(share: Share, expected: int) -> None:
    assert workers(share) == expected


def machine(folder: Path, membership: str, files: dict[str, str]) -> tuple[Path, Path]:
    """A machine's files, as the kernel would show them."""
    (folder / "membership").write_text(membership)
    for name, text in files.items():
        path = folder / "cgroups" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "membership", folder / "cgroups"


def test_version_2_is_read_and_a_quota_above_ours_counts(tmp_path: Path) -> None:
    files = {
        "kubepods/pod/app/cpu.max": "max 100000\n",
        "kubepods/pod/app/cpu.weight": "79\n",
        "kubepods/pod/cpu.max": "150000 100000\n",
        "kubepods/pod/cpu.weight": "1\n",
    }
    found = share_here(*machine(tmp_path, "0::/kubepods/pod/app\n", files))
    assert found.quota == 1.5
    assert found.shares == pytest.approx(2, rel=0.01)


def test_version_1_is_read_where_the_path_is_the_hosts(tmp_path: Path) -> None:
    files = {
        "cpu,cpuacct/cpu.shares": "512\n",
        "cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
        "cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    }
    found = share_here(*machine(tmp_path, "4:cpu,cpuacct:/docker/abc\n1:name=systemd:/x\n0::/\n", files))
    assert (found.quota, found.shares) == (None, 0.5)


def test_a_quota_of_version_1_is_read(tmp_path: Path) -> None:
    files = {
        "cpu/task/cpu.shares": "2048\n",
        "cpu/task/cpu.cfs_quota_us": "300000\n",
        "cpu/task/cpu.cfs_period_us": "100000\n",
    }
    found = share_here(*machine(tmp_path, "1:cpu:/task\n", files))
    assert (found.quota, found.shares) == (3.0, 2.0)


def test_a_machine_without_cgroups_bounds_nothing(tmp_path: Path) -> None:
    found = share_here(tmp_path / "none", tmp_path / "nowhere")
    assert (found.quota, found.shares) == (None, None)
    assert found.processors >= 1


def command(**environ: str) -> tuple[str, ...]:
    found, _ = settings({"APPMESH_RESOURCE_ARN": "mesh/m/virtualNode/n", **environ})
    return envoy_command(found, "envoy", ())


def test_a_share_of_the_processors_becomes_envoys_threads() -> None:
    asked = command(GOSSAMER_WORKERS="share")
    assert asked[asked.index("--concurrency") + 1] == str(workers(share_here()))


def test_what_is_asked_for_by_number_wins_and_nothing_is_said_by_itself() -> None:
    asked = command(GOSSAMER_WORKERS="share", ENVOY_CONCURRENCY="7")
    assert asked[asked.index("--concurrency") + 1] == "7"
    assert "--concurrency" not in command()
