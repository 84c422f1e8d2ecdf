"""Every test of our own routes that write runs on both engines."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import URL

from tests.store.conftest import url
from tests.support.own_api import OwnApi, own_api

__all__ = ["url"]


@pytest.fixture
async def api(url: URL) -> AsyncIterator[OwnApi]:
    async with own_api(url) as found:
        yield found
