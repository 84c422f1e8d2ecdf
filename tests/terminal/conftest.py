"""One control plane for all tests of the terminal; each test has an empty one, or makes its own mesh."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.terminal import Terminal


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("terminal")) as found:
        yield found


@pytest.fixture
def terminal(
    plane: ControlPlane,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Iterator[Terminal]:
    found = Terminal(plane.url, monkeypatch, capsys, tmp_path)
    yield found
    for mesh in found.fine("get", "mesh", "-o", "json").json:
        found.fine("delete", "mesh", mesh["meshName"], "--cascade", "--yes")
