"""A caller that asks too often, through the SDK."""

from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config

from tests.support.control_plane import running_control_plane

pytestmark = pytest.mark.e2e


def test_a_caller_that_asks_too_often_is_told_so_and_may_ask_again_later(tmp_path: Path) -> None:
    with running_control_plane(tmp_path, "--calls-per-second", "5") as plane:
        impatient = plane.client(config=Config(retries={"max_attempts": 0}))
        with pytest.raises(impatient.exceptions.TooManyRequestsException, match="Rate exceeded"):
            ask(impatient, 1000)
        patient = plane.client(config=Config(retries={"max_attempts": 10, "mode": "standard"}))
        ask(patient, 12)


def ask(client: Any, times: int) -> None:
    for _ in range(times):
        assert client.list_meshes()["meshes"] == []
