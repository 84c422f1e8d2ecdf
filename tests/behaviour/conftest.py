"""One stage for all behaviour tests, in one event loop."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.stage import Stage, running_stage
from tests.support.tls_mesh import Files
from tests.support.tls_stage import TlsStage

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each behaviour test, so that no file has to."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def whole_stage() -> AsyncIterator[Stage]:
    async with running_stage() as stage:
        yield stage


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def seamless_stage() -> AsyncIterator[Stage]:
    async with running_stage(drain_s=5, told_all=frozenset({"green"})) as stage:
        yield stage


@pytest.fixture
def draining_stage(seamless_stage: Stage) -> Stage:
    """A stage for changes under load: connections drain, and green is told in the state of the world."""
    seamless_stage.forget()
    return seamless_stage


@pytest.fixture
def stage(whole_stage: Stage) -> Stage:
    """The stage, with nothing left of the test before."""
    whole_stage.forget()
    return whole_stage


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest_asyncio.fixture(loop_scope="session")
async def tls(whole_stage: Stage) -> TlsStage:
    found = TlsStage(whole_stage)
    await found.begin()
    return found
