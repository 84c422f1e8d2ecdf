"""One stage for all behaviour tests, in one event loop."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gossamer.mesh.data_plane import FAITHFUL, DataPlane
from tests.support.stage import Stage, running_stage
from tests.support.tls_mesh import Files
from tests.support.tls_stage import TlsStage

BOTH_WAYS = (
    "test_gateway_match",
    "test_gateway_route",
    "test_gateway_tls",
    "test_rewrite",
    "test_virtual_gateway",
    "test_seamless_gateway",
)
WAYS = {"two steps": FAITHFUL, "one step": DataPlane(has_flat_gateways=True)}
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
    # Longer than a busy machine stands still: who is told to go must be gone by then.
    async with running_stage(drain_s=10, told_all=frozenset({"green"})) as stage:
        yield stage


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Everything about gateways holds in two steps and in one."""
    if metafunc.module.__name__.rpartition(".")[2] in BOTH_WAYS and "way" in metafunc.fixturenames:
        metafunc.parametrize("way", WAYS.values(), ids=WAYS.keys(), indirect=True)


@pytest.fixture
def way(request: pytest.FixtureRequest) -> DataPlane:
    """How gateways send requests on."""
    return getattr(request, "param", FAITHFUL)


@pytest.fixture
def draining_stage(seamless_stage: Stage, way: DataPlane) -> Stage:
    """A stage for changes under load: connections drain, and green is told in the state of the world."""
    return renewed(seamless_stage, way)


@pytest.fixture
def stage(whole_stage: Stage, way: DataPlane) -> Stage:
    """The stage, with nothing left of the test before."""
    return renewed(whole_stage, way)


def renewed(stage: Stage, way: DataPlane) -> Stage:
    stage.usual = way
    stage.forget()
    return stage


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest_asyncio.fixture(loop_scope="session")
async def tls(stage: Stage) -> TlsStage:
    found = TlsStage(stage)
    await found.begin()
    return found
